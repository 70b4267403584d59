"""The catalogue of breaks, as a page."""

import re

import pytest
from sqlalchemy import select, update

from callcenter.agents import break_views
from callcenter.agents.models import BreakReason
from callcenter.people.models import User
from callcenter.people.session import COOKIE
from tests.popups.office import office

ANH, BINH = 1, 2


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
            _, page = await self.get("/nowhere")  # has the shell as any page
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
    async with office(
        sessions, engine, extend=lambda app: app.add_routes(break_views.routes)
    ) as place:
        async with sessions.begin() as session:
            await session.execute(update(User).values(language="en"))
            lead = update(User).where(User.id == BINH)
            await session.execute(lead.values(role="team_lead"))
        await place.directory.load(sessions)
        place.presence.phone_changed("201", "reachable")
        yield place


async def visitor(place, username):
    return Visitor(place, await place.sign_in(username))


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
