"""The team's states and the catalogue of breaks, as pages."""

import re

import pytest
from sqlalchemy import select, update

from callcenter.agents import break_views, team_views
from callcenter.agents.comparison import Comparison, Open
from callcenter.agents.models import BreakReason
from callcenter.keys import BOARD, COMPARISON, DIRECTORY, LINK, PRESENCE
from callcenter.people.models import User
from callcenter.people.session import COOKIE
from callcenter.popups.team_news import TeamNews
from callcenter.tasks import running
from tests.popups.office import office

ANH, BINH, CUONG, BOSS = 1, 2, 3, 4


class Visitor:
    """Somebody's browser, in English."""

    def __init__(self, place, token):
        self.place = place
        self.headers = {"Cookie": f"{COOKIE}={token}", "Accept": "text/html"}
        self.csrf = ""

    async def get(self, path):
        return await self._ask("GET", path)

    async def post(self, path, **data):
        if not self.csrf:
            _, page = await self.get("/team/states")
            self.csrf = re.search(r'name="csrf" content="([^"]+)"', page)[1]
        return await self._ask("POST", path, data={"_csrf": self.csrf, **data})

    async def _ask(self, method, path, **sent):
        url = self.place.server.make_url(path)
        async with self.place.http.request(
            method, url, headers=self.headers, allow_redirects=False, **sent
        ) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def place(sessions, engine):
    """Bình leads Sales, where Ánh works; Cường works in Care."""
    rooms = []

    def extend(app):
        app.add_routes([*team_views.routes, *break_views.routes])
        app[LINK] = app[PRESENCE].exchange
        app[COMPARISON] = Comparison(app[PRESENCE], app[DIRECTORY], app[BOARD])
        rooms.append(app)

    async with office(sessions, engine, extend=extend) as place:
        async with sessions.begin() as session:
            await session.execute(update(User).values(language="en"))
            lead = update(User).where(User.id == BINH)
            await session.execute(lead.values(role="team_lead"))
        await place.directory.load(sessions)
        for extension in ("201", "202", "203"):
            place.presence.phone_changed(extension, "reachable")
        place.comparison = rooms[0][COMPARISON]
        yield place


async def visitor(place, username):
    return Visitor(place, await place.sign_in(username))


async def test_a_lead_sees_the_states_of_the_own_people_in_words(place):
    await place.presence.want(ANH, "break", "lunch")
    await place.presence.put(CUONG, "ready", "", by=BOSS)
    lead = await visitor(place, "binh")

    status, page = await lead.get("/team/states")

    assert status == 200
    assert "Nguyễn Ngọc Ánh" in page and "Break: Lunch" in page
    assert "chosen by the agent" in page
    assert "data-ends=" in page
    assert "Cường" not in page
    _, everything = await (await visitor(place, "boss")).get("/team/states")
    assert "Cường" in everything and "set by Trần Đại Lãnh" in everything


async def test_agents_do_not_see_it(place):
    status, _ = await (await visitor(place, "anh")).get("/team/states")

    assert status == 403


async def test_what_is_out_of_step_counts_for_whoever_leads_the_agent(place):
    place.comparison.open = [Open(CUONG, "queues"), Open(None, "call")]

    _, lead = await (await visitor(place, "binh")).get("/team/states")
    _, boss = await (await visitor(place, "boss")).get("/team/states")

    assert "Out of step: 0" in lead
    assert "Out of step: 2" in boss and "being put right: Phạm Văn Cường" in boss


async def test_an_exchange_that_is_away_is_not_called_in_step(place):
    place.exchange.connected = False

    _, page = await (await visitor(place, "boss")).get("/team/states")

    assert "Out of step" not in page
    assert "The exchange does not answer." in page


async def test_what_was_put_right_stands_there_in_words(place):
    place.presence.lines.note("gone", ANH, queue="Sales queue", state="ready")
    place.presence.lines.note("phone", CUONG, was="reachable", now="unreachable")
    place.presence.lines.note("unknown", None, number="0912345678")
    await place.presence.drain()

    _, lead = await (await visitor(place, "binh")).get("/team/states")
    _, boss = await (await visitor(place, "boss")).get("/team/states")

    assert "missing in Sales queue → stands there again" in lead
    assert "phone not connected" not in lead and "0912345678" not in lead
    assert "shown as: phone connected → shown as: phone not connected" in boss
    assert "a call with 0912345678 was not shown → shown" in boss


async def test_a_lead_sets_a_state_and_whoever_is_not_theirs_is_not_there(place):
    lead = await visitor(place, "binh")

    status, _ = await lead.post(f"/team/states/{ANH}", want="break short")
    assert status == 303
    me = place.presence.of(ANH)
    assert (me.state, me.reason) == ("break", "short")

    place.presence.phone_changed("201", "unreachable")
    status, page = await lead.post(f"/team/states/{ANH}", want="ready")
    assert status == 409
    assert "The phone of Nguyễn Ngọc Ánh is not connected." in page
    for wrong in ("", "asleep", "break golf"):
        status, _ = await lead.post(f"/team/states/{ANH}", want=wrong)
        assert status == 400
    for path in (f"/team/states/{CUONG}", "/team/states/99"):
        assert (await lead.get(path))[0] == 404
        assert (await lead.post(path, want="offline"))[0] == 404
    assert place.presence.of(CUONG).state == "offline"


async def test_every_change_is_kept_with_its_cause_in_words(place):
    await place.presence.want(ANH, "ready")
    call = place.calls.answers(place.calls.rings("201"), "201")
    await place.presence.want(ANH, "break", "lunch")
    place.calls.ends(call)
    await place.presence.drain()

    _, page = await (await visitor(place, "binh")).get(f"/team/states/{ANH}")

    words = re.sub(r"<[^>]+>|\s+", " ", page)
    for each in ("Ready", "Ringing", "In a call", "After the call", "by a call"):
        assert each in words
    assert "Lunch, after this call" in words


async def test_pages_of_leads_are_told_that_there_is_something_new(place):
    news = TeamNews(place.directory, place.desk, place.presence, place.comparison)
    async with running(news.run(), "news"), place.page("binh") as lead, place.page("anh") as anh:
        await lead.receive_json(timeout=5)
        await anh.receive_json(timeout=5)
        await place.presence.want(ANH, "break", "lunch")

        while (said := await lead.receive_json(timeout=5))["type"] != "team":
            assert said["type"] in ("agent", "team")
        assert (await anh.receive_json(timeout=5))["type"] == "agent"


# ------------------------------------------------------------------------------- breaks


async def test_the_catalogue_has_reasons_from_the_beginning(place):
    _, page = await (await visitor(place, "boss")).get("/settings/breaks")

    assert 'value="Ăn trưa"' in page and 'value="Lunch"' in page and 'value="60"' in page


async def test_a_reason_is_added_changed_and_told_to_open_pages(place):
    boss = await visitor(place, "boss")
    async with place.page("anh") as page:
        await page.receive_json(timeout=5)
        new = {"code-new": "Yoga", "name_vi-new": "Tập yoga", "name_en-new": "Yoga"}
        assert (await boss.post("/settings/breaks/new", **new))[0] == 303
        told = await page.receive_json(timeout=5)

    assert told["type"] == "breaks"
    assert (told["breaks"][-1]["code"], told["breaks"][-1]["minutes"]) == ("yoga", None)
    changed = {"name_vi-yoga": "Yoga", "name_en-yoga": "Stretching", "minutes-yoga": "15"}
    assert (await boss.post("/settings/breaks", **changed))[0] == 303
    assert (await place.presence.want(ANH, "break", "stretching")).reason == "yoga"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code-new": "lunch"}, "The code “lunch” is in the list already."),
        ({"code-new": "a b"}, "A code has small letters"),
        ({"code-new": "missed"}, "A code has small letters"),
        ({"name_en-new": ""}, "Enter a name."),
        ({"minutes-new": "soon"}, "A whole number from 1 to 600, please."),
        ({"minutes-new": "601"}, "A whole number from 1 to 600, please."),
    ],
)
async def test_what_cannot_be_a_reason_is_said_beside_what_was_typed(place, typed, sentence):
    boss = await visitor(place, "boss")
    new = {"code-new": "yoga", "name_vi-new": "Tập yoga", "name_en-new": "Yoga"} | typed

    status, page = await boss.post("/settings/breaks/new", **new)

    assert status in (400, 409)
    assert sentence in page and 'value="Tập yoga"' in page
    assert len(place.presence.breaks.all) == 5


async def test_a_used_reason_is_put_away_and_one_that_nobody_took_is_deleted(place):
    await place.presence.want(ANH, "break", "lunch")
    await place.presence.drain()
    boss = await visitor(place, "boss")

    for code in ("lunch", "short"):
        assert (await boss.post(f"/settings/breaks/{code}/remove"))[0] == 303

    async with place.sessions() as session:
        left = dict((await session.execute(select(BreakReason.code, BreakReason.offered))).all())
    assert left == {"lunch": False, "meeting": True, "training": True, "restroom": True}
    assert (await boss.post("/settings/breaks/lunch/bring-back"))[0] == 303
    assert (await boss.post("/settings/breaks/golf/remove"))[0] == 404
    for code in ("lunch", "meeting", "training"):
        await boss.post(f"/settings/breaks/{code}/remove")
    status, page = await boss.post("/settings/breaks/restroom/remove")
    assert (status, "this is the last one" in page) == (409, True)


async def test_limits_are_kept_and_wrong_ones_are_said(place):
    boss = await visitor(place, "boss")

    status, page = await boss.post("/settings/breaks/limits", **{"limit-1": "-1", "limit-2": "3"})
    assert (status, "A whole number from 0 to 1000" in page, 'value="-1"' in page) == (
        400,
        True,
        True,
    )
    assert place.directory.departments[2].break_limit is None

    assert (await boss.post("/settings/breaks/limits", **{"limit-1": "0", "limit-2": ""}))[0] == 303
    assert place.directory.departments[1].break_limit == 0


async def test_breaks_are_the_companys_business(place):
    assert (await (await visitor(place, "binh")).get("/settings/breaks"))[0] == 403
