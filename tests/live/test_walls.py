"""Wallboards: a link without a sign-in, that shows no customer and can be revoked."""

import re

import aiohttp
import pytest
from sqlalchemy import delete, select

from callcenter.live.models import Wallboard
from callcenter.people.models import Department, User
from callcenter.people.session import digest
from callcenter.settings.models import Queue
from tests.live.house import ANH, BINH, Board, a_team, rings, visitor, waits
from tests.popups.office import HANH, close_code


@pytest.fixture
async def place(sessions, engine):
    async with a_team(sessions, engine) as place:
        yield place


async def made(who, **fields) -> str:
    """The path of a new wallboard's link."""
    fields = {"name": "Tầng 3", "department": "1", "language": "vi", "theme": "dark"} | fields
    status, page = await who.post("/live/walls", **fields)
    assert status == 200
    return re.search(r'value="http://[^/"]+(/wall/[^"]+)"', page)[1]


async def television(place, path):
    """(status, page) for somebody who has nothing but the link."""
    async with place.http.get(place.server.make_url(path)) as answer:
        return answer.status, await answer.text()


def socket_of(place, path):
    return place.http.ws_connect(place.server.make_url(f"{path}/events"))


async def test_a_wallboard_shows_queues_and_people_and_nothing_of_customers(place):
    path = await made(await visitor(place, "binh"))
    call = rings(place, waits(place, "sales"), "201")
    place.calls.answers(call, "201")
    waits(place, "care", "elsewhere")

    status, page = await television(place, path)
    async with socket_of(place, path) as socket:
        board = Board(socket)
        await board.until(lambda told: told.agents.get(ANH, {}).get("state") == "talking")
        waits(place, "sales", "w2")
        await board.until(lambda told: told.queues["sales"].get("waiting") == 1)

    assert (status, "Tầng 3" in page, 'lang="vi"' in page) == (200, True, True)
    assert (board.agents.keys(), board.queues.keys()) == ({ANH, BINH}, {"sales"})
    told = str(board.told)
    assert not any(each in told for each in (HANH, "0912 345 678", "Hạnh", "w1"))
    assert not any(each.get("calls") or each.get("gone") for each in board.told)


async def test_a_revoked_link_is_no_page_and_its_television_is_told(place):
    lead = await visitor(place, "binh")
    path = await made(lead)
    async with place.sessions() as session:
        wall = (await session.scalars(select(Wallboard))).one()
    async with socket_of(place, path) as socket:
        assert (await socket.receive_json(timeout=5))["type"] == "hello"

        assert (await lead.post(f"/live/walls/{wall.id}/revoke"))[0] == 303

        assert await close_code(socket) == 4004
    assert (await television(place, path))[0] == 404
    with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
        await socket_of(place, path)
    assert "Tầng 3" not in (await lead.get("/live/walls"))[1]
    assert (await lead.post(f"/live/walls/{wall.id}/revoke"))[0] == 404


async def test_the_database_holds_no_link(place):
    path = await made(await visitor(place, "binh"))
    token = path.rsplit("/", 1)[1]

    async with place.sessions() as session:
        wall = (await session.scalars(select(Wallboard))).one()

    assert wall.token == digest(token) and token not in str(vars(wall))


async def test_an_unknown_link_is_not_there(place):
    for path in ("/wall/" + "x" * 43, "/wall/short"):
        assert (await television(place, path))[0] == 404


async def test_a_lead_has_links_of_the_own_department_only(place):
    lead, boss = await visitor(place, "binh"), await visitor(place, "boss")
    await made(boss, name="Sếp", department="")
    await made(boss, name="Chăm sóc", department="2")
    async with place.sessions() as session:
        ids = set(await session.scalars(select(Wallboard.id)))

    wrong = [(lead, each) for each in ("", "2", "99", "x")] + [(boss, "99"), (boss, "x")]
    for who, department in wrong:
        status, page = await who.post("/live/walls", name="Mine", department=department)
        assert (status, "Choose what the wallboard shows." in page) == (400, True)
        assert 'value="Mine"' in page
    status, page = await lead.post("/live/walls", name=" ", department="1")
    assert (status, "A wallboard has a name" in page) == (400, True)
    _, listed = await lead.get("/live/walls")
    assert "Sếp" not in listed and "Chăm sóc" not in listed
    for wall_id in ids:
        assert (await lead.post(f"/live/walls/{wall_id}/revoke"))[0] == 404
    assert (await (await visitor(place, "anh")).get("/live/walls"))[0] == 403


async def test_a_department_that_goes_takes_its_wallboards_with_it(place):
    path = await made(await visitor(place, "boss"), department="2")
    async with socket_of(place, path) as socket:
        await socket.receive_json(timeout=5)
        async with place.sessions.begin() as session:
            person = await session.get_one(User, 3)
            person.department_id = 1
            (await session.get_one(Queue, "care")).department_id = 1
            await session.flush()
            await session.execute(delete(Department).where(Department.id == 2))
        await place.directory.load(place.sessions)

        assert await close_code(socket) == 4004
    assert (await television(place, path))[0] == 404
