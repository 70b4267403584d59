"""Agents, board and comparison beside a link that speaks real AMI, to a fake or a real exchange."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from callcenter.agents.comparison import Comparison
from callcenter.agents.models import StateLine
from callcenter.agents.presence import Presence
from callcenter.asterisk.link import Link
from callcenter.calls.board import Board, Change
from callcenter.db import Sessions
from callcenter.people.directory import Directory
from callcenter.tasks import running
from tests.asterisk.ears import CALM
from tests.fakes import SECRET, USER


@dataclass
class Floor:
    """`changes` are the board's, in order; `logins` are those after which all was set right."""

    sessions: Sessions
    directory: Directory
    presence: Presence
    board: Board
    comparison: Comparison
    link: Link
    changes: list[Change] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    logins: int = 0

    def see(self, change: Change) -> None:
        self.changes.append(change)
        self.news.set()

    async def until(self, true: Callable[[], bool], within: float = 20.0) -> None:
        """Wait until something that is told to pages or listeners makes it true."""
        async with asyncio.timeout(within):
            while not true():
                self.news.clear()
                await self.news.wait()

    async def lines(self) -> list[tuple[str, int | None, dict[str, Any]]]:
        """What was put right, in order: (kind, user id, details)."""
        await self.presence.drain()
        async with self.sessions() as session:
            rows = await session.scalars(select(StateLine).order_by(StateLine.id))
            return [(row.kind, row.user_id, row.details) for row in rows]


@asynccontextmanager
async def floor(
    sessions: Sessions, port: int, secret: str = SECRET, user: str = USER, **options: Any
) -> AsyncIterator[Floor]:
    """Connected; the directory is read before. `options` are Presence's."""
    directory = Directory()
    await directory.load(sessions)
    presence = Presence(directory, sessions, **options)
    await presence.load()
    board = Board()
    comparison = Comparison(presence, directory, board)
    comparison.second_look = 0.01

    async def after_login() -> None:
        await presence.after_login()
        comparison.soon()
        built.logins += 1
        built.news.set()

    link = Link(
        host="127.0.0.1",
        port=port,
        user=user,
        secret=secret,
        apply=board.hear,
        settle=board.settle,
        phone_changed=presence.phone_changed,
        ready=after_login,
        patience=CALM,
    )
    presence.exchange = comparison.link = link
    built = Floor(sessions, directory, presence, board, comparison, link)
    board._listeners = [presence.push, comparison.push, built.see]
    for listeners in (presence.listeners, presence.lines.listeners, comparison.listeners):
        listeners.append(lambda *_: built.news.set())
    async with running(presence.write(), "states"), running(link.run(), "link"):
        await built.until(lambda: built.logins > 0)
        yield built
        link.close()
        await presence.close()
        await presence.drain()
