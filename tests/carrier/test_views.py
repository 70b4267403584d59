"""The button that lets somebody ring in."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from callcenter.carrier import views
from callcenter.customers import forms, saving
from callcenter.errors import CallcenterError
from callcenter.keys import CARRIER, DIRECTORY, SESSIONS
from callcenter.people.directory import Directory, person_of
from callcenter.people.models import Department, User
from callcenter.people.session import SIGNED_IN, SignedIn
from callcenter.settings.models import Did, Queue
from tests.stage import stage

PEOPLE = {  # username: (id, role, department)
    "root": (1, "superadmin", None),
    "lea": (2, "team_lead", 1),
    "mara": (3, "agent", 1),
    "kim": (4, "agent", 2),
    "zoe": (5, "agent", 3),
}
NUMBERS = {"mara": "0912 345 678", "kim": "+84 987 654 321", "lea": "113-not-a-number"}


class Line:
    """A carrier that notes who was to ring in, and where."""

    def __init__(self):
        self.calls = []

    async def call(self, did, number, *, name="", then="talks"):
        self.calls.append((did, number))
        return "id"


@pytest.fixture
async def company(sessions):
    async with sessions() as session:
        for number, (name, parent) in enumerate({"S": None, "C": None, "Z": None}.items(), 1):
            session.add(Department(id=number, name=name, parent_id=parent))
        await session.flush()
        for name, (number, role, department) in PEOPLE.items():
            session.add(
                User(
                    id=number,
                    username=name,
                    name=name,
                    password="",
                    role=role,
                    department_id=department,
                    extension=f"20{number}",
                )
            )
        session.add(Queue(name="sales", title="Sales", department_id=1))
        session.add(Queue(name="care", title="Care", department_id=2))
        await session.flush()
        session.add(Did(number="02873001234", queue="sales"))
        session.add(Did(number="19006789", queue="care"))
        for name in ("mara", "kim"):
            form = forms.tidy({"name": name, "company": ""}, [NUMBERS[name]], PEOPLE[name][0])
            await saving.add(session, form)
        await session.commit()
    return sessions


@pytest.fixture
async def press(company):
    """press(username, carrier, …) presses the button; the answer's status and text."""
    clients = []

    async def press(username, carrier, **sent):
        directory = Directory()
        await directory.load(company)

        @web.middleware
        async def knows(request, handler):
            async with company() as session:
                user = await session.get(User, PEOPLE[username][0])
            person = person_of(user)
            request[SIGNED_IN] = SignedIn(
                user, person, "", directory.scope_of(person), False, directory.rights_of(person)
            )
            try:
                return await handler(request)
            except CallcenterError as error:
                return web.Response(status=error.status, text=str(error))

        app = web.Application(middlewares=[knows])
        app[SESSIONS], app[DIRECTORY], app[CARRIER] = company, directory, carrier
        app.add_routes(views.routes)
        client = TestClient(TestServer(app))
        clients.append(client)
        await client.start_server()
        async with client.post("/demo/call", **sent) as answer:
            return answer.status, await answer.text()

    yield press
    for client in clients:
        await client.close()


@pytest.mark.parametrize(
    "username, call",
    [("mara", ("02873001234", "0912345678")), ("kim", ("19006789", "0987654321"))],
)
async def test_a_customer_of_mine_rings_in_to_my_queue(press, username, call):
    line = Line()

    assert await press(username, line, data={"known": "true"}) == (204, "")
    assert line.calls == [call]


async def test_a_stranger_has_a_number_that_no_customer_has(press):
    line = Line()

    assert await press("mara", line, json={"known": False}) == (204, "")
    [(did, number)] = line.calls
    assert did == "02873001234"
    assert len(number) == 10 and number not in ("0912345678", "0987654321")


async def test_a_team_lead_without_customers_gets_one_of_the_teams(press):
    line = Line()

    assert (await press("lea", line))[0] == 204
    assert line.calls == [("02873001234", "0912345678")]


async def test_whoever_is_in_no_department_gets_any_queue(press):
    line = Line()

    assert (await press("root", line, json={"known": True}))[0] == 204
    assert line.calls[0][0] in ("02873001234", "19006789")


async def test_a_department_without_a_queue_is_told(press):
    line = Line()

    status, text = await press("zoe", line)
    assert (status, text) == (409, "No number of the company leads to a queue of yours.")
    assert line.calls == []


async def test_without_the_demo_nobody_rings_in(press):
    assert (await press("mara", None))[0] == 404


@pytest.mark.parametrize(
    "sent", [{"json": {"known": "maybe"}}, {"json": [1]}, {"data": {"known": "x"}}]
)
async def test_nonsense_is_refused(press, sent):
    line = Line()

    assert (await press("mara", line, **sent))[0] == 400
    assert line.calls == []


@pytest.mark.exchange
async def test_it_really_rings(press, tmp_path):
    async with stage(tmp_path) as house:
        assert await press("mara", house.carrier, data={"known": "true"}) == (204, "")

        joined = await house.heard.event("QueueCallerJoin")
        assert (joined["Queue"], joined["CallerIDNum"]) == ("sales", "0912345678")
