"""The list of all reports."""


async def test_the_menu_leads_to_all_reports_each_with_a_sentence(site):
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/reports")).text

    assert 'href="/reports/calls"' in page
    assert "How many calls there were, how long, by whom, by day." in page
