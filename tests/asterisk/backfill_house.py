"""A service as far as calls go (link, board, journal, recordings, back-fill) on a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from callcenter.asterisk.backfill import BackFill
from callcenter.asterisk.dialplan import TRUNK, USER
from callcenter.asterisk.link import Link
from callcenter.calls.board import Board
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallDay, CallRecord
from callcenter.customers.numbers import key_of
from callcenter.recordings.library import Library
from callcenter.recordings.models import Recording
from callcenter.settings.queries import keep_value, value
from callcenter.sums.rebuild import rebuild
from callcenter.tasks import running

DEPARTMENT = 2


@dataclass
class Paper:
    """What outlives a service: the database, and the exchange's folders."""

    engine: AsyncEngine
    cel: Path
    spool: Path
    recordings: Path
    corrected: list[int] = field(default_factory=list)

    @property
    def sessions(self):
        return async_sessionmaker(self.engine, expire_on_commit=False)

    async def recall(self) -> str:
        async with self.sessions() as session:
            return await value(session, "cel_place")

    async def remember(self, place: str) -> None:
        async with self.sessions.begin() as session:
            await keep_value(session, "cel_place", place)

    async def calls(self) -> dict[str, CallRecord]:
        async with self.sessions() as session:
            return {row.call_id: row for row in await session.scalars(select(CallRecord))}

    async def ended(self, *call_ids: str) -> list[CallRecord]:
        """The rows of these calls, once all have ended."""
        async with asyncio.timeout(15):
            while True:
                rows = await self.calls()
                found = [rows[each] for each in call_ids if each in rows and rows[each].ended_at]
                if len(found) == len(call_ids):
                    return found
                await asyncio.sleep(0.02)

    async def until(self, call_id: str, **facts: object) -> CallRecord:
        """The row of that call, once it says so."""
        async with asyncio.timeout(15):
            while True:
                row = (await self.calls()).get(call_id)
                if row and all(getattr(row, name) == fact for name, fact in facts.items()):
                    return row
                await asyncio.sleep(0.02)

    async def recording(self, call_id: str) -> Recording:
        """The recording of that call, once it is ready or failed."""
        async with asyncio.timeout(30):
            while True:
                async with self.sessions() as session:
                    row = await session.get(Recording, call_id)
                if row and row.state != "waiting":
                    return row
                await asyncio.sleep(0.05)

    async def days(self) -> dict[tuple, tuple]:
        async with self.sessions() as session:
            rows = await session.execute(
                select(*CallDay.__table__.columns).where(CallDay.calls > 0)
            )
            figures = ("calls", "waited_s", "talked_s", "held_s", "offered", "longest_wait_s")
            return {
                (*row[:7],): tuple(round(getattr(row, name), 4) for name in figures) for row in rows
            }

    async def sums_are_those_of_the_calls(self) -> bool:
        sums = await self.days()
        await rebuild(self.engine, UTC)
        return sums == await self.days()


def whose(call):
    """An agent's user id is the extension."""
    extension = (call.agents or (call.placed_by,) if call.placed_by else call.agents or call.rung)[
        -1:
    ]
    return (int(extension[0]), DEPARTMENT) if extension else (None, DEPARTMENT)


@dataclass
class Service:
    board: Board
    journal: Journal
    back_fill: BackFill
    library: Library
    link: Link | None = None


@asynccontextmanager
async def service(paper: Paper, stage=None) -> AsyncIterator[Service]:
    """Leaving it is a kill: nothing is drained. Without a stage there is no exchange to hear."""
    journal = Journal(
        paper.engine, zone=UTC, whose=whose, customers=nobody, key_of=key_of, exchange="exchange"
    )
    library = Library(paper.sessions, paper.spool, paper.recordings, 32, unknown)
    board = Board([journal.note, library.call_ended, lambda change: built.back_fill.heard(change)])
    built = Service(board, journal, back_fill_of(paper, board, journal, library), library)
    jobs = [journal.write(), library.run(), built.back_fill.run()]
    if stage:
        built.link = link_of(stage, built)
        jobs.append(built.link.run())
    async with AsyncExitStack() as stack:
        for job in jobs:
            await stack.enter_async_context(running(job, job.__qualname__, vital=False))
        if built.link:
            await built.link.wait_connected(10)
        yield built


def back_fill_of(paper: Paper, board: Board, journal: Journal, library: Library) -> BackFill:
    async def corrected() -> None:
        paper.corrected.append(1)

    return BackFill(
        paper.cel,
        engine=paper.engine,
        live=board,
        journal=journal,
        keep=library.call_ended,
        last_sign=library.last_written,
        recall=paper.recall,
        remember=paper.remember,
        corrected=corrected,
        exchange="exchange",
        trunk=TRUNK,
        rotates=True,
    )


def link_of(stage, built: Service) -> Link:
    async def ready() -> None:
        built.back_fill.after_login()

    return Link(
        host="127.0.0.1",
        port=stage.ports.ami,
        user=USER,
        secret=stage.secrets.ami,
        apply=built.board.apply,
        phone_changed=lambda extension, state: None,
        ready=ready,
    )


async def nobody(keys: set[str]) -> dict[str, int]:
    return {}


async def unknown(call_id: str) -> None:
    return None
