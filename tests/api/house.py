"""The API in a whole application: real tables, board, presence, link; a fake Asterisk on a socket.

Every answer a test gets is checked against /api/v1/openapi.json on its way.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.agents.presence import Presence
from callcenter.api.setup import setup as api_setup
from callcenter.api.tokens import make_token
from callcenter.asterisk.link import Link
from callcenter.callbacks.inbox import Inbox
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.models import CallRecord, Outcome
from callcenter.config import ROOT, load
from callcenter.customers.cards import Cards
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import digits_of, key_of
from callcenter.customers.search import key_of as search_key
from callcenter.db import Sessions
from callcenter.dialling.gate import Gate
from callcenter.keys import (
    BACK_FILL,
    BOARD,
    CARDS,
    CONFIG,
    DIRECTORY,
    GATE,
    INBOX,
    KEPT,
    LIBRARY,
    LINK,
    PHONES,
    PRESENCE,
    RECONCILER,
    SESSIONS,
)
from callcenter.pages.setup import setup as pages_setup
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.phone.phones import Phones
from callcenter.phone.views import routes as phone_routes
from callcenter.reconciler.reconciler import Reconciler
from callcenter.recordings.library import Library
from callcenter.recordings.views import routes as recording_routes
from callcenter.settings.models import Queue
from callcenter.tasks import running
from tests.api.schema import Document
from tests.asterisk.ears import CALM
from tests.callbacks.nobody import no_kept_places
from tests.fakes import SECRET, USER, FakeAsterisk, fake_asterisk

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # ten in the morning in Vietnam
SALES, CARE, EAST = 1, 2, 3  # east is below sales
PEOPLE = {  # username: id, role, department, extension
    "admin": (1, "superadmin", None, None),
    "lead": (2, "team_lead", SALES, "210"),
    "mara": (3, "agent", SALES, "201"),
    "jon": (4, "agent", SALES, "202"),
    "thao": (5, "agent", CARE, "203"),
    "east": (6, "agent", EAST, "204"),
}


class House:
    def __init__(self, app: web.Application, client: TestClient[Any, Any]) -> None:
        self.app = app
        self.client = client
        self.sessions: Sessions = app[SESSIONS]
        self.asterisk: FakeAsterisk
        self.link_task: Any = None
        self.document: Document
        self._tokens: dict[str, str] = {}

    async def says(
        self, who: str | None, method: str, path: str, status: int = 200, **more: Any
    ) -> Any:
        """The answer of /api/v1 to `who`; fails when it is not what the document promises."""
        answer = await self.raw(who, method, f"/api/v1{path}", **more)
        body = await answer.json()
        assert answer.status == status, body
        self.document.check(method, path.partition("?")[0], answer.status, body)
        if status >= 400:
            assert set(body) == {"error", "message"} and body["message"], body
        return body

    async def raw(self, who: str | None, method: str, path: str, **more: Any) -> ClientResponse:
        headers = dict(more.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {await self.token(who)}"
        return await self.client.request(method, path, headers=headers, **more)

    async def token(self, who: str) -> str:
        if who not in self._tokens:
            self._tokens[who] = await make_token(self.sessions, who, "tests", 1)
        return self._tokens[who]

    async def add(self, *rows: Any) -> None:
        async with self.sessions() as session:
            for row in rows:
                session.add(row)
                await session.flush()
            await session.commit()

    def phones_are(self, state: str, *extensions: str) -> None:
        for extension in extensions:
            self.app[PRESENCE].phone_changed(extension, state)

    def talked(self, extension: str, call_id: str = "talk.1") -> None:
        """`extension` has been in a call that has ended, and owes its note."""
        talking = Call(
            call_id=call_id,
            direction=Direction.INBOUND,
            started_at=AT,
            state=State.TALKING,
            number="0912345678",
            talking=frozenset({extension}),
            agents=(extension,),
            answered_at=AT,
        )
        ended = replace(
            talking, state=State.ENDED, talking=frozenset(), ended_at=AT, result=Result.ANSWERED
        )
        self.app[PRESENCE].push(Change(None, talking))
        self.app[PRESENCE].push(Change(talking, ended))


def a_call(call_id: str, who: str | None = "mara", minutes: int = 0, **facts: Any) -> CallRecord:
    user_id, _, department_id, extension = PEOPLE[who] if who else (None, "", SALES, None)
    started_at = AT + timedelta(minutes=minutes)
    values = {
        "direction": "inbound",
        "state": "ended",
        "number": "0912345678",
        "number_key": "+84912345678",
        "queue": "sales",
        "did": "02873001234",
        "user_id": user_id,
        "department_id": department_id,
        "agents": extension or "",
        "rung": extension or "",
        "started_at": started_at,
        "answered_at": started_at + timedelta(seconds=5),
        "ended_at": started_at + timedelta(seconds=65),
        "result": "answered",
        "ended_by": "customer",
        "waited_s": 5.0,
        "talked_s": 60.0,
    }
    return CallRecord(call_id=call_id, **{**values, **facts})


def a_customer(number: int, name: str, phone: str, owner: str | None = None) -> list[Any]:
    owner_id, _, department_id, _ = PEOPLE[owner] if owner else (None, "", None, None)
    key = key_of(phone)
    return [
        Customer(
            id=number,
            code=f"KH-{number:06}",
            name=name,
            search_key=search_key(name),
            owner_id=owner_id,
            department_id=department_id,
            created_at=AT,
            updated_at=AT,
        ),
        CustomerPhone(
            customer_id=number,
            number_key=key,
            raw=phone,
            reversed_digits=digits_of(key)[::-1],
        ),
    ]


@asynccontextmanager
async def house_of(engine: AsyncEngine, sessions: Sessions, folder: Path) -> AsyncIterator[House]:
    await _people(sessions)
    async with AsyncExitStack() as stack:
        asterisk = await stack.enter_async_context(fake_asterisk())
        asterisk.queues = {"sales": {}, "care": {}}
        asterisk.devices = {f"PJSIP/{n}": "NOT_INUSE" for n in ("201", "202", "203", "204")}
        app = await _app(engine, sessions, folder, asterisk)
        stack.push_async_callback(app[PRESENCE].close)
        stack.push_async_callback(app[CARDS].close)
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        house = House(app, client)
        house.asterisk = asterisk
        house.document = Document(await (await client.get("/api/v1/openapi.json")).json())
        await stack.enter_async_context(running(app[LINK].run(), "link", vital=False))
        await app[LINK].wait_connected(5)
        await asterisk.was_asked("QueueStatus")  # the last thing asked after a login
        yield house


async def _people(sessions: Sessions) -> None:
    async with sessions() as session:
        session.add_all([Department(id=SALES, name="Bán hàng"), Department(id=CARE, name="CSKH")])
        await session.flush()
        session.add(Department(id=EAST, name="Bán hàng miền Đông", parent_id=SALES))
        await session.flush()
        for username, (number, role, department_id, extension) in PEOPLE.items():
            session.add(
                User(
                    id=number,
                    username=username,
                    name=username.title(),
                    password="",
                    role=role,
                    department_id=department_id,
                    extension=extension,
                    language="en",
                )
            )
        session.add(Queue(name="sales", title="Bán hàng", department_id=SALES))
        session.add(Queue(name="care", title="Chăm sóc khách hàng", department_id=CARE))
        session.add(Outcome(code="sold", name_vi="Đã bán", name_en="Sold", position=1))
        session.add(Outcome(code="later", name_vi="Gọi lại", name_en="Call again", position=0))
        await session.commit()


async def _app(
    engine: AsyncEngine, sessions: Sessions, folder: Path, asterisk: FakeAsterisk
) -> web.Application:
    app = web.Application()
    app[CONFIG] = load(ROOT / "config.toml")
    app[SESSIONS] = sessions
    app[DIRECTORY] = Directory()
    await app[DIRECTORY].load(sessions)
    app[CARDS] = Cards(engine)
    app[PRESENCE] = Presence(app[DIRECTORY], sessions)
    await app[PRESENCE].load_rules()
    app[KEPT] = no_kept_places(sessions, app[DIRECTORY])
    app[BACK_FILL] = SimpleNamespace(is_behind=False)
    app[INBOX] = Inbox(sessions, app[DIRECTORY])
    app[GATE] = Gate(app[DIRECTORY], app[CONFIG].zone)
    await app[GATE].load(sessions)
    app[BOARD] = Board([app[PRESENCE].push, app[GATE].push])
    app[LINK] = Link(
        host="127.0.0.1",
        port=asterisk.port,
        user=USER,
        secret=SECRET,
        apply=app[BOARD].apply,
        phone_changed=app[PRESENCE].phone_changed,
        ready=app[PRESENCE].after_login,
        patience=CALM,
    )
    app[PRESENCE].exchange = app[LINK]
    app[PHONES] = Phones("ws://127.0.0.1:1/ws", lambda extension: "a password")

    async def nobody(call_id: str) -> None:
        return None

    app[LIBRARY] = Library(sessions, folder / "spool", folder / "recordings", 32, nobody)
    app[RECONCILER] = Reconciler(sessions, app[LIBRARY], lambda: (), app[CONFIG].zone)
    pages_setup(app)
    api_setup(app)
    app.router.add_routes(recording_routes)
    app.router.add_routes(phone_routes)
    return app
