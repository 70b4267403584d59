"""Calls to finish as a list and as a form, and outcomes where calls are shown."""

import re

import pytest

from callcenter.calls.models import CallNote, Outcome, UnfinishedCall
from tests.pages.site import CAST, IDS, NOW


@pytest.fixture
async def tree(site):
    """“Interested” with “Wants a quote”; beside “Agreed”, which the site has."""
    await site.add(
        Outcome(code="interested", name_vi="Quan tâm", name_en="Interested", position=1),
        Outcome(
            code="quote",
            name_vi="Báo giá",
            name_en="Wants a quote",
            position=2,
            parent_code="interested",
        ),
    )


async def owes(site, who, call_id, number="0912345678"):
    await site.call(who, number, call_id=call_id)
    await site.add(
        UnfinishedCall(call_id=call_id, user_id=IDS[who], department_id=CAST[who][2], ended_at=NOW)
    )


def listed(page):
    return set(re.findall(r'href="/to-finish/([\w-]+)"', page.text))


async def test_agents_see_their_own_and_leads_their_teams(site):
    for who in ("mara", "jon", "tom", "kim"):
        await owes(site, who, f"of-{who}")

    lists = {
        who: listed(await (await site.signed_in(who)).get("/to-finish"))
        for who in ("mara", "lea", "root")
    }

    assert lists == {
        "mara": {"of-mara"},
        "lea": {"of-mara", "of-jon", "of-tom"},
        "root": {"of-mara", "of-jon", "of-tom", "of-kim"},
    }


async def test_an_empty_list_says_when_something_comes(site):
    page = await (await site.signed_in("mara")).get("/to-finish")

    assert "Everything is finished." in page.text


async def test_the_form_has_what_was_noted_and_the_next_one(site, tree):
    await owes(site, "mara", "one")
    await owes(site, "mara", "two", "0987654321")
    await site.add(CallNote(call_id="one", user_id=IDS["mara"], note="half a no", updated_at=NOW))

    page = await (await site.signed_in("mara")).get("/to-finish/one")

    assert "half a no" in page.text and 'data-next="/to-finish/two"' in page.text
    assert 'data-number="0912345678"' in page.text and 'data-part="next-action"' in page.text


async def test_a_colleagues_call_is_not_there(site):
    await owes(site, "kim", "hers")

    assert (await (await site.signed_in("mara")).get("/to-finish/hers")).status == 404


async def test_one_that_is_finished_already_is_shown_as_the_call(site):
    await site.call("mara", call_id="done")

    answer = await (await site.signed_in("mara")).get("/to-finish/done")

    assert (answer.status, answer.headers["Location"]) == (303, "/calls/done")


@pytest.mark.parametrize(("outcome", "left"), [("quote", set()), ("interested", {"one"})])
async def test_the_page_of_a_call_finishes_it_too_with_a_whole_choice(site, tree, outcome, left):
    await owes(site, "mara", "one")
    mara = await site.signed_in("mara")

    await mara.post("/calls/one/note", {"note": "x", "outcome": outcome, "version": "0"})

    assert listed(await mara.get("/to-finish")) == left


async def test_a_note_that_was_changed_meanwhile_is_shown_beside_what_was_typed(site):
    await site.call("mara", call_id="one")
    mara = await site.signed_in("mara")
    await mara.post("/calls/one/note", {"note": "first", "version": "0"})

    answer = await mara.post("/calls/one/note", {"note": "second", "version": "0"})

    assert answer.status == 409
    assert "first" in answer.text and ">second</textarea>" in answer.text
    assert 'name="version" value="1"' in answer.text  # so that saving again is meant


async def test_an_outcome_is_shown_after_its_parent_in_the_list_and_on_the_page(site, tree):
    await site.call("mara", call_id="one")
    await site.call("mara", call_id="two")
    await site.add(
        CallNote(call_id="one", user_id=IDS["mara"], outcome="quote", updated_at=NOW),
        CallNote(call_id="two", user_id=IDS["mara"], outcome="agreed", updated_at=NOW),
    )
    mara = await site.signed_in("mara")

    for address in ("/calls", "/calls/one"):
        assert "Interested › Wants a quote" in (await mara.get(address)).text
    for outcome in ("interested", "quote"):
        found = (await mara.get(f"/calls?outcome={outcome}")).text
        assert ("/calls/one" in found, "/calls/two" in found) == (True, False)


async def test_the_menu_offers_what_is_offered_for_the_queue_and_what_is_chosen(site, tree):
    await site.call("mara", call_id="one")
    mara = await site.signed_in("mara")

    page = (await mara.get("/calls/one")).text

    assert '<optgroup label="Interested"><option value="quote">Wants a quote</option>' in page
