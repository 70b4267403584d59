"""The office of tests/popups with the team's board, and somebody who looks at it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import update

from callcenter.agents.comparison import Comparison
from callcenter.api.live import LIVE
from callcenter.api.table import PREFIX, table
from callcenter.calls.call import Call, Direction, State
from callcenter.calls.journal import Journal
from callcenter.customers.numbers import key_of
from callcenter.keys import (
    BOARD,
    CARDS,
    COMPARISON,
    DIRECTORY,
    JOURNAL,
    KEPT,
    LINK,
    MESSAGES,
    PRESENCE,
    TEAM,
)
from callcenter.live import message_views, views, wall_views
from callcenter.parts import customer_ids
from callcenter.people.models import User
from callcenter.people.session import COOKIE
from callcenter.tasks import running
from callcenter.team_parts import messages, team
from tests.callbacks.nobody import no_kept_places
from tests.popups.office import HANH, Office, office

ANH, BINH, CUONG, BOSS = 1, 2, 3, 4  # Bình leads Sales, where Ánh works; Cường works in Care


class Visitor:
    """Somebody's browser, in English."""

    def __init__(self, place: Office, token: str) -> None:
        self.place = place
        self.headers = {"Cookie": f"{COOKIE}={token}", "Accept": "text/html"}
        self.csrf = ""

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        return await self._ask("GET", path, headers=headers)

    async def post(self, path: str, *, json: bool = False, **data: Any) -> tuple[int, str]:
        """As a form, or as a script that wants JSON."""
        if not self.csrf:
            _, page = await self.get("/nowhere")  # has the shell as any page
            self.csrf = re.search(r'name="csrf" content="([^"]+)"', page)[1]
        accept = {"Accept": "application/json"} if json else {}
        fields = {"_csrf": self.csrf, **data}
        return await self._ask("POST", path, headers=accept, data=fields)

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], **sent: Any
    ) -> tuple[int, str]:
        url = self.place.server.make_url(path)
        async with self.place.http.request(
            method, url, headers=self.headers | headers, allow_redirects=False, **sent
        ) as answer:
            return answer.status, await answer.text()


class Board:
    """What a page of the team has been told so far."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.agents: dict[int, Any] = {}
        self.queues: dict[str, Any] = {}
        self.calls: dict[str, Any] = {}
        self.alarms: list[Any] = []
        self.house: Any = None
        self.told: list[Any] = []  # every message

    async def hears(self) -> Any:
        """The next message."""
        message = await self.socket.receive_json(timeout=5)
        self.told.append(message)
        if message["type"] == "whole":
            self.agents, self.queues, self.calls = {}, {}, {}
        self.agents |= {each["id"]: each for each in message.get("agents", [])}
        self.queues |= {each["name"]: each for each in message.get("queues", [])}
        self.calls |= {each["call_id"]: each for each in message.get("calls", [])}
        for call_id in message.get("gone", []):
            del self.calls[call_id]
        self.alarms = message.get("alarms", self.alarms)
        self.house = message.get("house", self.house)
        return message

    async def until(self, true: Any) -> None:
        """Wait until what was told makes it true."""
        async with asyncio.timeout(10):
            while not true(self):
                await self.hears()


@asynccontextmanager
async def a_team(sessions: Any, engine: Any, **options: Any) -> AsyncIterator[Office]:
    """`place.team`, `place.journal`, `place.comparison` besides what an office has."""
    rooms: list[web.Application] = []

    def extend(app: web.Application) -> None:
        directory, cards = app[DIRECTORY], app[CARDS]
        for room in (views, message_views, wall_views):
            app.add_routes(room.routes)
        app[LINK] = app[PRESENCE].exchange
        app[COMPARISON] = Comparison(app[PRESENCE], directory, app[BOARD])
        app[JOURNAL] = Journal(
            engine,
            zone=UTC,
            whose=directory.whose,
            customers=lambda keys: customer_ids(cards, keys),
            key_of=key_of,
            within=lambda queue: app[TEAM].within(queue),
        )
        app[KEPT] = no_kept_places(sessions, app[DIRECTORY])
        app[TEAM], app[MESSAGES] = team(app), messages(app)
        app.add_routes(each for each in table.routes() if each.path == PREFIX + LIVE)
        rooms.append(app)

    async with office(sessions, engine, extend=extend, **options) as place:
        async with sessions.begin() as session:
            await session.execute(update(User).values(language="en"))
            lead = update(User).where(User.id == BINH)
            await session.execute(lead.values(role="team_lead"))
        await place.directory.load(sessions)
        app = rooms[0]
        place.app, place.team, place.journal = app, app[TEAM], app[JOURNAL]
        place.comparison = app[COMPARISON]
        place.calls.listeners += [place.team.push, place.journal.note]
        for extension in ("201", "202", "203"):
            place.presence.phone_changed(extension, "reachable")
        await place.team.load(sessions)
        await app[MESSAGES].load()
        async with running(place.journal.write(), "journal"), running(place.team.run(), "team"):
            yield place
            await place.journal.drain()
            place.team.send_away()
            await place.team.close()


async def visitor(place: Office, username: str) -> Visitor:
    return Visitor(place, await place.sign_in(username))


@asynccontextmanager
async def looks(place: Office, username: str, path: str = "/live/events") -> AsyncIterator[Board]:
    """That person's page of the team, which has been told the whole."""
    async with place.page(username, path) as socket:
        board = Board(socket)
        await board.until(lambda told: told.told and told.told[-1]["type"] == "whole")
        yield board


def waits(place: Office, queue: str = "sales", call_id: str = "w1", ago_s: float = 0.0) -> Call:
    """Somebody rings in and waits, for so long already."""
    call = Call(
        call_id=call_id,
        direction=Direction.INBOUND,
        started_at=datetime.now(UTC) - timedelta(seconds=ago_s),
        state=State.WAITING,
        number=HANH,
        did="19006789",
        queue=queue,
    )
    place.calls.changes(call)
    return call


def rings(place: Office, call: Call, extension: str) -> Call:
    ringing = frozenset({extension})
    call = replace(call, state=State.RINGING, ringing=ringing, rung=(*call.rung, extension))
    place.calls.changes(call)
    return call
