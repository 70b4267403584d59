"""A small office for tests: people, queues and customers in a database, a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from callcenter import config
from callcenter.agents.presence import Presence
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, State
from callcenter.customers.cards import Cards
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import digits_of, key_of
from callcenter.db import Sessions
from callcenter.errors import Conflict, ExchangeUnavailable
from callcenter.keys import (
    BOARD,
    CARDS,
    CONFIG,
    DESK,
    DIRECTORY,
    PHONES,
    PRESENCE,
    SESSIONS,
)
from callcenter.pages.setup import setup as set_up_pages
from callcenter.people.directory import Directory, Person
from callcenter.people.models import Department, Role, User
from callcenter.people.session import COOKIE, open_session
from callcenter.phone import views as phone_views
from callcenter.phone.phones import Phones
from callcenter.popups import views as popup_views
from callcenter.popups.desk import Desk
from callcenter.settings.models import Queue
from callcenter.tasks import running

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HANH = "0912345678"  # a customer's number, and another's below
LAN = "0987654321"
STRANGER = "0978220415"


class Exchange:
    """Queues as Asterisk keeps them; it may be away, and says no in Asterisk's words."""

    def __init__(self) -> None:
        self.connected = True
        self.members: dict[tuple[str, str], tuple[bool, str]] = {}

    async def queue_add(self, queue: str, extension: str, name: str, *, paused: bool) -> None:
        self._there()
        if (queue, extension) in self.members:
            raise Conflict("Unable to add interface: Already there")
        self.members[queue, extension] = (paused, "")

    async def queue_remove(self, queue: str, extension: str) -> None:
        self._there()
        if self.members.pop((queue, extension), None) is None:
            raise Conflict("Unable to remove interface: Not there")

    async def queue_pause(self, extension: str, *, paused: bool, reason: str) -> None:
        self._there()
        mine = [pair for pair in self.members if pair[1] == extension]
        if not mine:
            raise Conflict("Interface not found")
        for pair in mine:
            self.members[pair] = (paused, reason)

    async def queue_members(self) -> list[dict[str, Any]]:
        self._there()
        return [
            {"Queue": queue, "Location": f"PJSIP/{extension}", "Paused": "1" if paused else "0"}
            for (queue, extension), (paused, _) in self.members.items()
        ]

    def _there(self) -> None:
        if not self.connected:
            raise ExchangeUnavailable("The exchange does not answer.")


class Calls:
    """A board that a test moves call by call: what the real one says after each event."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []
        self.alive: dict[str, Call] = {}

    def calls_of(self, extension: str) -> list[Call]:
        return [call for call in self.alive.values() if extension in call.extensions]

    def calls(self) -> list[Call]:
        return list(self.alive.values())

    def call(self, call_id: str) -> Call | None:
        return self.alive.get(call_id)

    def changes(self, call: Call) -> None:
        before = self.alive.pop(call.call_id, None)
        if call.state is not State.ENDED:
            self.alive[call.call_id] = call
        for listener in self.listeners:
            listener(Change(before, call))

    def rings(self, extension: str, number: str | None = HANH, call_id: str = "c1") -> Call:
        call = Call(
            call_id=call_id,
            direction=Direction.INBOUND,
            started_at=datetime.now(UTC),
            state=State.RINGING,
            number=number,
            did="19006789",
            queue="sales",
            ringing=frozenset({extension}),
            rung=(extension,),
        )
        self.changes(call)
        return call

    def answers(self, call: Call, extension: str) -> Call:
        now = datetime.now(UTC)
        call = replace(
            call,
            state=State.TALKING,
            ringing=frozenset(),
            talking=frozenset({extension}),
            agents=(*call.agents, extension),
            answered_at=now,
        )
        self.changes(call)
        return call

    def ends(self, call: Call, **how: Any) -> Call:
        over = {"ringing": frozenset(), "talking": frozenset(), "ended_at": datetime.now(UTC)}
        call = replace(call, state=State.ENDED, **(over | how))
        self.changes(call)
        return call


@dataclass
class Office:
    sessions: Sessions
    directory: Directory
    cards: Cards
    presence: Presence
    desk: Desk
    calls: Calls
    exchange: Exchange
    phones: Phones
    server: TestServer
    http: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)

    def person(self, username: str) -> Person:
        return next(each for each in self.directory.people() if each.username == username)

    async def sign_in(self, username: str) -> str:
        """A new session; its cookie's value."""
        async with self.sessions.begin() as session:
            user = await session.get_one(User, self.person(username).id)
            return await open_session(session, user, "127.0.0.1", "a test")

    @asynccontextmanager
    async def page(
        self, username: str, path: str = "/events", token: str = "", **options: Any
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """An open websocket of that person's page."""
        token = token or await self.sign_in(username)
        headers = {
            "Cookie": f"{COOKIE}={token}",
            "Origin": str(self.server.make_url("")).rstrip("/"),
        }
        async with self.http.ws_connect(
            self.server.make_url(path), headers=headers, **options
        ) as socket:
            yield socket


async def close_code(socket: aiohttp.ClientWebSocketResponse) -> int:
    """What the service closes this page's socket with; whatever it says before is passed over."""
    async with asyncio.timeout(5):
        while (message := await socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
            assert message.type is not aiohttp.WSMsgType.CLOSED
    return int(message.data)


PEOPLE = [
    ("anh", "Nguyễn Ngọc Ánh", "201", Role.AGENT, "Sales"),
    ("binh", "Lê Thị Bình", "202", Role.AGENT, "Sales"),
    ("cuong", "Phạm Văn Cường", "203", Role.AGENT, "Care"),
    ("boss", "Trần Đại Lãnh", None, Role.SUPERADMIN, None),
]
CUSTOMERS = [("Trần Thị Mỹ Hạnh", "Cơ khí Đặng Gia", HANH), ("Nguyễn Thị Lan", "", LAN)]


async def furnish(sessions: Sessions) -> None:
    """The office's people, queues and customers."""
    async with sessions.begin() as session:
        for id_, (name, queue) in enumerate([("Sales", "sales"), ("Care", "care")], 1):
            session.add(Department(id=id_, name=name, parent_id=None))
            session.add(Queue(name=queue, title=f"{name} queue", department_id=id_))
        await session.flush()
        for id_, (username, name, extension, role, department) in enumerate(PEOPLE, 1):
            session.add(
                User(
                    id=id_,
                    username=username,
                    name=name,
                    password="!",
                    role=role,
                    department_id={"Sales": 1, "Care": 2}.get(department or ""),
                    extension=extension,
                )
            )
        await session.flush()
        for id_, (name, company, number) in enumerate(CUSTOMERS, 1):
            customer = Customer(
                id=id_,
                code=f"KH{id_}",
                name=name,
                search_key=name.lower(),
                company=company,
                owner_id=1,
                created_at=NOW,
                updated_at=NOW,
            )
            session.add(customer)
            await session.flush()
            session.add(phone_of(id_, number))
        if session.get_bind().dialect.name == "postgresql":
            # Its counters do not notice ids that were given to them.
            for table in ("departments", "users", "customers"):
                last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 100)"
                await session.execute(text(last))


def phone_of(customer_id: int, number: str, position: int = 0) -> CustomerPhone:
    return CustomerPhone(
        customer_id=customer_id,
        number_key=key_of(number),
        raw=number,
        reversed_digits=digits_of(number)[::-1],
        position=position,
    )


class Patient(TestServer):
    """Does not cancel what it does for a page that has gone, no more than the service does."""

    async def _make_runner(self, **kwargs: Any) -> web.AppRunner:
        return web.AppRunner(self.app, **kwargs | {"handler_cancellation": False})


@asynccontextmanager
async def office(
    sessions: Sessions,
    engine: Any,
    *,
    exchange_url: str = "ws://127.0.0.1:9/ws",
    extend: Callable[[web.Application], None] = lambda app: None,
    **options: Any,
) -> AsyncIterator[Office]:
    """`options` are Presence's. Everything is real but the exchange and the board.

    `extend` may add to the application before it starts.
    """
    await furnish(sessions)
    directory, calls = Directory(), Calls()
    await directory.load(sessions)
    cards = Cards(engine)
    presence = Presence(directory, sessions, **options)
    await presence.load()
    presence.exchange = exchange = Exchange()
    desk = Desk(directory, cards, presence)
    calls.listeners = [desk.push, presence.push]
    phones = Phones(exchange_url, lambda extension: f"real-{extension}")
    app = web.Application()
    app[CONFIG], app[SESSIONS], app[DIRECTORY] = (
        config.load(config.ROOT / "config.toml"),
        sessions,
        directory,
    )
    app[CARDS], app[DESK], app[PRESENCE], app[PHONES] = cards, desk, presence, phones
    app[BOARD] = calls  # type: ignore[misc]
    set_up_pages(app)
    app.add_routes([*popup_views.routes, *phone_views.routes])
    extend(app)
    server = Patient(app, host="127.0.0.1")
    await server.start_server()
    async with (
        running(presence.write(), "states"),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        yield Office(
            sessions, directory, cards, presence, desk, calls, exchange, phones, server, http
        )
        desk.close()
        await phones.close()
        await server.close()
        await presence.close()
        await presence.drain()
        await cards.close()
