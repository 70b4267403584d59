"""Our numbers on a page: where each leads, in a draft that nobody hears yet."""

import re

import pytest

from callcenter.settings import queries
from callcenter.switchboard import versions
from callcenter.switchboard.plan import HANG_UP, Kind, Way

SALES = Way(kind=Kind.QUEUE, name="sales")


@pytest.fixture
async def root(site):
    async with site.sessions.begin() as session:
        await queries.save_did(session, "1900 6789", "sales")
    return await site.signed_in("root")


async def plan(site):
    async with site.sessions() as session:
        return (await versions.working(session)).plan


def mark(page):
    return re.search(r'name="mark" value="([^"]*)"', page.text)[1]


async def test_the_page_shows_each_number_and_where_it_leads(root):
    page = await root.get("/switchboard/numbers")

    assert page.status == 200
    assert "1900 6789" in page.text and "Bán hàng" in page.text
    assert "not live yet" not in page.text


async def test_a_number_is_added_to_the_draft_alone(site, root):
    answer = await root.post(
        "/switchboard/numbers/new",
        {"number": "028 7300 1234", "title": "Hotline", "way": "queue:care"},
    )

    assert (answer.status, answer.headers["Location"]) == (303, "/switchboard/numbers")
    assert [(each.number, each.title) for each in (await plan(site)).numbers] == [
        ("02873001234", "Hotline"),
        ("19006789", ""),
    ]
    async with site.sessions() as session:
        assert len((await versions.live(session)).plan.numbers) == 1
    page = await root.get("/switchboard/numbers")
    assert "1 change is not live yet" in page.text and "last changed by Root" in page.text


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"number": "12ab", "way": "queue:sales"}, "is not a phone number"),
        ({"number": "19006789", "way": "queue:sales"}, "This number is in the list already."),
        ({"number": "0912345678", "way": ""}, "Choose where calls go on."),
        ({"number": "0912345678", "way": "queue:nobody"}, "Choose where calls go on."),
        ({"number": "0912345678", "way": "moon:sales"}, "Choose where calls go on."),
        ({"number": "0912345678", "way": "hang_up:sales"}, "Choose where calls go on."),
        ({"number": "0912345678", "way": "queue:sales", "title": "x" * 101}, "Too long"),
    ],
)
async def test_what_cannot_be_a_number_is_refused_in_words_and_kept(site, root, typed, sentence):
    answer = await root.post("/switchboard/numbers/new", {"title": "Hotline", **typed})

    assert answer.status == 400
    assert sentence in answer.text
    assert f'value="{typed["number"]}"' in answer.text
    assert len((await plan(site)).numbers) == 1


async def test_a_number_changes_and_so_does_what_customers_see(site, root):
    await root.post("/switchboard/numbers", {"default": "hang_up", "caller_id": "19006789"})
    page = await root.get("/switchboard/numbers/19006789")

    await root.post(
        "/switchboard/numbers/19006789",
        {"number": "1900 6790", "way": "hang_up", "mark": mark(page)},
    )

    now = await plan(site)
    assert [(each.number, each.way) for each in now.numbers] == [("19006790", HANG_UP)]
    assert now.caller_id == "19006790"


async def test_of_two_who_change_a_number_the_second_is_told_and_keeps_what_was_typed(site, root):
    seen = mark(await root.get("/switchboard/numbers/19006789"))
    first = {"number": "19006789", "title": "First", "way": "queue:care", "mark": seen}
    await root.post("/switchboard/numbers/19006789", first)

    answer = await root.post("/switchboard/numbers/19006789", first | {"title": "Second"})

    assert answer.status == 409
    assert "Somebody else has changed this meanwhile" in answer.text
    assert 'value="Second"' in answer.text
    assert (await plan(site)).numbers[0].title == "First"
    again = await root.post(
        "/switchboard/numbers/19006789", first | {"title": "Second", "mark": mark(answer)}
    )
    assert again.status == 303


async def test_a_removed_number_is_shown_no_more_to_customers_either(site, root):
    await root.post("/switchboard/numbers", {"default": "queue:care", "caller_id": "19006789"})

    await root.post("/switchboard/numbers/19006789/remove")

    now = await plan(site)
    assert (now.numbers, now.caller_id) == ((), "")
    assert (await root.post("/switchboard/numbers/19006789/remove")).status == 404


async def test_only_a_number_of_ours_can_be_shown(site, root):
    answer = await root.post(
        "/switchboard/numbers", {"default": "queue:care", "caller_id": "0911111111"}
    )

    assert answer.status == 400
    assert "Choose one of your numbers." in answer.text
    assert (await plan(site)).default != Way(kind=Kind.QUEUE, name="care")


async def test_changes_are_forgotten_at_a_press(site, root):
    await root.post("/switchboard/numbers/19006789/remove")

    await root.post("/switchboard/changes/discard")

    assert [each.number for each in (await plan(site)).numbers] == ["19006789"]


def revision(answer):
    """Of the draft, as the page's forms have it."""
    return re.search(r'name="revision" value="(\d+)"', answer.text)[1]


async def test_the_last_change_is_undone_alone_and_one_part_is_taken_back_alone(site, root):
    await root.post("/switchboard/numbers", {"default": "queue:care", "caller_id": ""})
    await root.post("/switchboard/numbers/19006789/remove")
    page = await root.get("/switchboard/changes")

    await root.post("/switchboard/changes/undo", {"revision": revision(page)})
    now = await plan(site)
    assert [each.number for each in now.numbers] == ["19006789"]
    assert now.default.name == "care"
    again = await root.post("/switchboard/changes/undo", {"revision": revision(page)})
    assert again.status == 409 and "Somebody else has changed" in again.text

    await root.post("/switchboard/numbers/19006789/remove")
    page = await root.get("/switchboard/changes")
    which = {"revision": revision(page), "part": "", "name": ""}
    await root.post("/switchboard/changes/part", which)
    now = await plan(site)
    assert (now.numbers, now.default) == ((), HANG_UP)
    wrong = {"revision": "0", "part": "nothing", "name": ""}
    assert (await root.post("/switchboard/changes/part", wrong)).status == 404
    for part, name in ("numbers", "0000"), ("trunks", ""), ("default", "x"):
        draft = revision(await root.get("/switchboard/changes"))
        wrong = {"revision": draft, "part": part, "name": name}
        answer = await root.post("/switchboard/changes/part", wrong)
        assert answer.status == (409 if part != "default" else 404)
    assert (await plan(site)).default == HANG_UP


async def test_a_team_lead_has_no_switchboard(site, root):
    lea = await site.signed_in("lea")

    assert (await lea.get("/switchboard/numbers")).status == 403
    assert "/switchboard" not in (await lea.get("/")).text
    assert 'href="/switchboard"' in (await root.get("/")).text
