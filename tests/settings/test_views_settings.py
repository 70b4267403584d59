import pytest

from callcenter.customers.policy import Policy, policy
from callcenter.keys import PARAMETERS
from callcenter.people.permissions import Permission, Reach, Rights
from callcenter.settings.company import company
from callcenter.settings.parameters import Parameters, parameters
from callcenter.settings.sections import chapters_for


def main(page):
    """The page without what stands around it on every page."""
    return page.text[page.text.index("<main") : page.text.index("</main>")]


async def read(site, question):
    async with site.sessions() as session:
        return await question(session)


@pytest.mark.parametrize(
    "who, sees, misses",
    [
        ("root", ["Company information", "Data sources", "Places", "Project codes"], []),
        ("lea", ["Profile statuses", "Project codes"], ["Company information", "Data sources"]),
        ("jon", ["There is nothing here that you may change."], ["Profile statuses"]),
    ],
)
async def test_the_settings_show_what_one_may_change(site, who, sees, misses):
    page = await (await site.signed_in(who)).get("/settings")

    assert [text for text in sees if text not in page.text] == []
    assert [text for text in misses if text in page.text] == []


@pytest.mark.parametrize("who, shown", [("root", True), ("lea", True), ("jon", False)])
async def test_the_menu_leads_to_the_settings_for_whoever_may_change_some(site, who, shown):
    page = await (await site.signed_in(who)).get("/")

    assert ('href="/settings"' in page.text) is shown


@pytest.mark.parametrize("permission", Permission)
def test_whatever_there_is_to_set_the_menu_leads_there(permission):
    rights = Rights({permission: Reach.ALL})

    assert rights.opens_settings is bool(chapters_for(rights))


@pytest.mark.parametrize("page", ["company", "parameters", "required", "duplicates"])
@pytest.mark.parametrize("who", ["lea", "jon"])
async def test_the_companys_own_settings_are_the_superadmins(site, page, who):
    visitor = await site.signed_in(who)

    assert (await visitor.get(f"/settings/{page}")).status == 403
    assert (await visitor.post(f"/settings/{page}", {"name": "Mine"})).status == 403
    assert (await read(site, company)).name == "Nước sạch An Phát"


async def test_the_companys_name_is_in_the_shell_as_soon_as_it_is_saved(site):
    root = await site.signed_in("root")

    form = {"name": "An Phát  Mới", "tax_code": "0312345678", "website": "anphat.vn"}
    answer = await root.post("/settings/company", form)
    page = await root.get("/settings/company")

    assert answer.status == 303
    assert page.text.count("An Phát Mới") >= 3  # the title, the shell, the field
    saved = await read(site, company)
    assert (saved.tax_code, saved.website) == ("0312345678", "https://anphat.vn")


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"name": " "}, "A company has a name of at most 100 letters."),
        ({"name": "An", "email": "an@phat"}, "This is not an email address."),
        ({"name": "An", "website": "javascript://x y"}, "A website begins with"),
        ({"name": "An", "address": "x" * 301}, "Too long: 300 letters at most."),
    ],
)
async def test_a_company_that_cannot_be_saved_is_told_why_and_keeps_what_was_typed(
    site, typed, sentence
):
    root = await site.signed_in("root")

    answer = await root.post("/settings/company", {"phone": "1900 6789", **typed})

    assert answer.status == 400
    assert sentence in answer.text and "1900 6789" in answer.text
    assert (await read(site, company)).name == "Nước sạch An Phát"


async def test_the_calls_ways_survive_a_change_of_the_companys_data(site):
    from callcenter.settings.models import Setting

    await site.add(
        Setting(name="caller_id", value="02873001234"),
        Setting(name="default_queue", value="sales"),
    )
    root = await site.signed_in("root")

    await root.post("/settings/company", {"name": "An Phát"})

    saved = await read(site, company)
    assert (saved.caller_id, saved.default_queue) == ("02873001234", "sales")


async def test_parameters_have_defaults_and_are_as_they_were_saved(site):
    assert await read(site, parameters) == Parameters()
    root = await site.signed_in("root")

    answer = await root.post(
        "/settings/parameters",
        {
            "email_cc": "a@b.vn; c@d.vn",
            "task_reminder_days": "0",
            "founding_reminder_days": "7",
            "birthday_reminder_days": "5",
            "largest_document_mb": "50",
            "hold_alarm_s": "45",
            "missed_in_a_row": "3",
            "missed_pause_s": "15",
            "missed_days": "7",
            "owner_rings_s": "20",
            "team_rings_s": "0",
            "return_wait_s": "60",
            "listening_told": "0",
        },
    )

    assert answer.status == 303
    assert await read(site, parameters) == Parameters(
        email_cc="a@b.vn, c@d.vn",
        task_reminder_days=0,
        founding_reminder_days=7,
        birthday_reminder_days=5,
        largest_document_mb=50,
        hold_alarm_s=45,
        missed_in_a_row=3,
        missed_pause_s=15,
        missed_days=7,
        owner_rings_s=20,
        team_rings_s=0,
        return_wait_s=60,
        listening_told=0,
    )
    assert site.app[PARAMETERS].now == await read(site, parameters)


@pytest.mark.parametrize(
    "field, text, sentence",
    [
        ("task_reminder_days", "", "A whole number from 0 to 60, please."),
        ("birthday_reminder_days", "-1", "A whole number from 0 to 60, please."),
        ("founding_reminder_days", "1.5", "A whole number from 0 to 60, please."),
        ("largest_document_mb", "00000005000000", "A whole number from 1 to 500, please."),
        ("largest_document_mb", "0", "A whole number from 1 to 500, please."),
        ("largest_document_mb", "9" * 30, "A whole number from 1 to 500, please."),
        ("hold_alarm_s", "3601", "A whole number from 0 to 3600, please."),
        ("owner_rings_s", "121", "A whole number from 0 to 120, please."),
        ("return_wait_s", "0", "A whole number from 5 to 3600, please."),
        ("email_cc", "a@b.vn, nobody", "“nobody” is not an email address."),
        ("email_cc", ",".join(f"a{n}@b.vn" for n in range(6)), "At most 5 addresses."),
    ],
)
async def test_a_parameter_that_makes_no_sense_is_refused_in_words(site, field, text, sentence):
    root = await site.signed_in("root")
    good = {
        "task_reminder_days": "1",
        "founding_reminder_days": "1",
        "birthday_reminder_days": "1",
        "largest_document_mb": "1",
        "hold_alarm_s": "60",
        "missed_in_a_row": "2",
        "missed_pause_s": "10",
        "missed_days": "14",
        "owner_rings_s": "15",
        "team_rings_s": "15",
        "return_wait_s": "30",
        "listening_told": "1",
    }

    answer = await root.post("/settings/parameters", good | {field: text})

    assert answer.status == 400
    assert sentence in answer.text
    assert await read(site, parameters) == Parameters()


async def test_the_parameters_say_where_data_lies_and_take_no_path(site):
    page = await (await site.signed_in("root")).get("/settings/parameters")

    assert "callcenter.db" in page.text and "Paths on the server are set" in page.text
    assert "can be brought back for 30 days" in page.text


async def test_required_fields_are_ticked_and_name_and_phone_always_are(site):
    root = await site.signed_in("root")

    await root.post("/settings/required", [("field", "email"), ("field", "tax_code")])
    now = await read(site, policy)
    page = await root.get("/settings/required")

    assert now.required == {"name", "phone", "email", "tax_code"}
    assert now.duplicate == Policy().duplicate
    assert main(page).count(" checked") == 4 and main(page).count(" disabled") == 2


async def test_the_duplicate_check_offers_the_manuals_criteria_and_keeps_what_is_ticked(site):
    root = await site.signed_in("root")
    before = await root.get("/settings/duplicates")
    criteria = ["name", "code", "phone", "email", "fax", "tax_code", "address", "birthday", "note"]

    assert main(before).count(" checked") == 1  # the phone
    assert [each for each in criteria if f'value="{each}"' not in before.text] == []
    await root.post("/settings/duplicates", [("field", "email"), ("field", "birthday")])
    assert (await read(site, policy)).duplicate == {"email", "birthday"}
    await root.post("/settings/duplicates", [])
    assert (await read(site, policy)).duplicate == frozenset()


@pytest.mark.parametrize("page", ["required", "duplicates"])
async def test_a_field_that_is_none_is_refused(site, page):
    root = await site.signed_in("root")

    answer = await root.post(f"/settings/{page}", [("field", "<b>")])

    assert answer.status == 400
    assert await read(site, policy) == Policy()
