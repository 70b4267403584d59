"""The map on its page, trying a call there, what is not live yet, and versions."""

import re
from datetime import UTC, datetime

import msgspec
import pytest

from callcenter.catalogues.models import CatalogueItem
from callcenter.keys import DIRECTORY
from callcenter.switchboard import versions
from callcenter.switchboard.editing import put
from callcenter.switchboard.models import PlanVersion
from callcenter.switchboard.plan import Message, Plan
from tests.switchboard.test_map import HOTLINE, PLAN


@pytest.fixture
async def root(site):
    return await site.signed_in("root")


async def drafted(site, plan=PLAN):
    async with site.sessions.begin() as session:
        return await versions.change(session, 1, lambda _: plan)


async def published(site, plan: Plan, note: str, *, day: int):
    at = datetime(2026, 11, day, 3, 0, tzinfo=UTC)
    return await site.add(
        PlanVersion(
            plan=msgspec.json.encode(plan).decode(),
            revision=day,
            changed_at=at,
            changed_by=1,
            published_at=at,
            published_by=1,
            note=note,
        )
    )


def said(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


async def test_each_part_is_a_link_to_where_it_is_edited(site, root):
    await drafted(site)

    page = await root.get("/switchboard")

    assert page.status == 200
    for address in (
        *(f"/switchboard/numbers/{HOTLINE}", "/switchboard/hours/office"),
        *("/switchboard/menus/main", "/switchboard/queues/sales", "/team?department=1"),
    ):
        assert page.text.count(f'href="{address}"') >= 2  # in the picture and in the list
    assert "nothing leads there" in page.text


async def test_a_part_of_each_kind_can_be_added_from_there(root):
    page = await root.get("/switchboard")

    for kind in ("numbers", "hours", "menus", "messages", "voicemails", "queues"):
        assert f'href="/switchboard/{kind}/new"' in page.text


async def test_changes_say_departments_and_skills_by_their_names(site, root):
    await site.add(CatalogueItem(id=41, catalogue="skill", name="English", position=10))
    async with site.sessions.begin() as session:
        live = await versions.live(session)
        [sales] = [each for each in live.plan.queues if each.name == "sales"]
        new = msgspec.structs.replace(
            sales, department_id=3, skills=(41,), callback_prompt="lost", strategy="random"
        )
        await versions.change(session, 1, lambda plan: put(plan, new))

    page = said(await root.get("/switchboard/changes"))

    department = site.app[DIRECTORY].departments[3].name
    assert re.search(f"Department [^–]+ {department} ", page)
    assert "Skills nothing English" in page
    assert "Who is rung In turn By chance" in page
    assert "Said after the key to be called back nothing lost" in page


async def test_what_is_live_can_be_looked_at_beside_the_draft(site, root):
    await drafted(site)

    page = await root.get("/switchboard?of=live")

    assert "/switchboard/menus/main" not in page.text
    assert "/switchboard/queues/sales" in page.text
    assert 'data-of="live"' in page.text


@pytest.mark.parametrize(
    "when, keys, way",
    [
        ("day=27/11/2026&time=9:00", "1", "1900 6789 Office open Main key 1 Sales waits for"),
        ("day=27/11/2026&time=19h", "1", "1900 6789 Office closed Closed hears it, and the call"),
        ("day=8/2/2027&time=9", "", "1900 6789 Office closed Closed hears it, and the call ends"),
        ("day=27/11/2026&time=9:00", "2", "Main key 2 More otherwise the call ends"),
    ],
)
async def test_a_call_can_be_tried(site, root, when, keys, way):
    await drafted(site)

    page = await root.get(f"/switchboard?number={HOTLINE}&{when}&keys={keys}")

    assert way in said(page)
    assert "sw__wire--lit" in page.text


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ("day=31/2/2026&time=9:00&keys=", "is not a day"),
        ("day=27/11/2026&time=nine&keys=", "is not a time"),
        ("day=27/11/2026&time=9:00&keys=abc", "Keys are 0 to 9, * and #."),
    ],
)
async def test_what_cannot_be_tried_is_said_and_kept(site, root, typed, sentence):
    await drafted(site)

    page = await root.get(f"/switchboard?number={HOTLINE}&{typed}")

    assert page.status == 400
    assert sentence in page.text
    assert all(f'value="{each}"' in page.text for each in re.findall(r"=([^&]+)", typed))


async def test_without_changes_there_is_nothing_to_publish(site, root):
    page = await root.get("/switchboard/changes")

    assert "Everything is live" in page.text
    assert 'name="revision"' not in page.text


async def test_what_was_changed_since_one_looked_is_not_published(site, root):
    seen = (await drafted(site)).revision
    await drafted(site, msgspec.structs.replace(PLAN, messages=()))

    answer = await root.post("/switchboard/changes", {"revision": seen, "note": "Before Tết"})

    assert answer.status == 409
    assert "Somebody else has changed the switchboard meanwhile" in answer.text
    assert 'value="Before Tết"' in answer.text
    too_long = await root.post("/switchboard/changes", {"revision": seen, "note": "x" * 201})
    assert (too_long.status, "Too long" in too_long.text) == (400, True)


async def test_what_was_live_comes_back_as_a_change(site, root):
    old = Message(name="old", title="Old words")
    first = await published(site, Plan(messages=(old,)), "The first", day=1)
    await published(site, Plan(), "Without words", day=2)

    page = await root.get("/switchboard/versions")
    look = await root.get(f"/switchboard/versions/{first.id}")
    answer = await root.post(f"/switchboard/versions/{first.id}/restore")

    assert page.text.index("Without words") < page.text.index("The first")
    assert "Take this version back" in look.text
    assert (answer.status, answer.headers["Location"]) == (303, "/switchboard/changes")
    async with site.sessions() as session:
        assert (await versions.draft(session)).plan.messages == (old,)
        assert (await versions.live(session)).plan.messages == ()


async def test_every_version_can_be_come_by_also_the_oldest_of_many(site, root):
    old = Message(name="old", title="Old words")
    first = await published(site, Plan(messages=(old,)), "The first", day=1)
    for n in range(51):
        await published(site, Plan(caller_id=f"1900{n:04}"), f"Then {n}", day=2)

    page = await root.get("/switchboard/versions")
    more = await root.get(re.search(r'href="([^"]+)" *>Next', page.text)[1].replace("&amp;", "&"))
    look = await root.get(f"/switchboard/versions/{first.id}")

    assert page.text.count(">live</span>") == 1 and "The first" not in page.text
    assert "The first" in more.text and ">live</span>" not in more.text
    assert "Old words" in look.text and "Take this version back" in look.text
    unknown = await root.get("/switchboard/versions?cursor=nonsense")
    assert unknown.status == 400


async def test_a_version_that_never_was_live_is_not_there(site, root):
    draft = await drafted(site)

    for version_id in (draft.id, 999):
        assert (await root.get(f"/switchboard/versions/{version_id}")).status == 404
        assert (await root.post(f"/switchboard/versions/{version_id}/restore")).status == 404


async def test_what_differs_and_what_is_wrong_is_said_in_words(site, root):
    round_ = msgspec.structs.replace(PLAN.menus[1], otherwise=PLAN.hours[0].open)
    lost = msgspec.structs.replace(PLAN.menus[0], otherwise=PLAN.menus[0].keys["2"])
    draft = await drafted(site, msgspec.structs.replace(PLAN, menus=(lost, round_)))

    page = await root.get("/switchboard/changes")
    refused = await root.post("/switchboard/changes", {"revision": draft.revision, "note": ""})
    menu = await root.get("/switchboard/menus/main")

    assert "Office Opening hours added" in said(page)
    assert "Calls go round and reach nobody: Main → More → Main" in said(page)
    assert refused.status == 400
    assert "Calls go round and reach nobody" in menu.text
    for leading in ("Office (open)", "More (key 9)", "More (otherwise)"):
        assert leading in said(menu)


async def test_what_is_published_is_live_and_a_version(site, root):
    draft = await drafted(site)
    sent = {"revision": draft.revision, "note": "Before Tết"}

    answer = await root.post("/switchboard/changes", sent)
    again = await root.post("/switchboard/changes", sent)

    assert (answer.status, answer.headers["Location"], again.status) == (303, "/switchboard", 409)
    async with site.sessions() as session:
        assert (await versions.live(session)).plan == PLAN
        assert await versions.draft(session) is None
    assert "Before Tết" in (await root.get("/switchboard/versions")).text
    assert "not live yet" not in (await root.get("/switchboard")).text
