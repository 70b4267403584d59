"""Writes agents' states down, in order, behind the backs of calls and pages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import AgentState
from callcenter.db import Base, Sessions

log = logging.getLogger(__name__)

BATCH = 500  # rows a transaction
PATIENCE = 1.0  # seconds until a database that failed is tried again
# Seconds from one transaction to the next: each is a dozen statements and a wait for the disk,
# however many rows it has, and popups share the processor with it.
GATHER = 0.5


class Diary:
    """Of rows of one table; `written` is called after each transaction, `also` in each, once its
    rows are there: to add to sums.
    """

    def __init__(
        self,
        sessions: Sessions,
        table: type[Base] = AgentState,
        written: Callable[[], None] = lambda: None,
    ) -> None:
        self._sessions = sessions
        self._table = table
        self._tell = written
        self.also: Callable[[AsyncSession], Awaitable[object]] = _nothing_more
        # Unbounded on purpose: a row is small, agents are few, and a slow disk may not lose one.
        self._rows: list[dict[str, object]] = []
        self._something = asyncio.Event()
        self._awaited = asyncio.Event()  # somebody waits for what is noted
        self._written = asyncio.Event()
        self._written.set()

    def note(self, **row: object) -> None:
        self._rows.append(row)
        self._something.set()
        self._written.clear()

    async def write(self) -> None:
        """Write for as long as the application lives."""
        while True:
            await self._something.wait()
            batch = self._rows[:BATCH]
            try:
                async with self._sessions.begin() as session:
                    await session.execute(insert(self._table), batch)
                    await self.also(session)
            except (SQLAlchemyError, OSError):
                log.exception("%d rows about agents wait for the database", len(self._rows))
                await asyncio.sleep(PATIENCE)
                continue
            del self._rows[: len(batch)]
            if not self._rows:
                self._something.clear()
                self._written.set()
            self._tell()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER):
                    await self._awaited.wait()

    async def drain(self) -> None:
        """Wait until everything noted so far is written; `write` must be running."""
        self._awaited.set()
        try:
            await self._written.wait()
        finally:
            self._awaited.clear()


async def _nothing_more(session: AsyncSession) -> None:
    pass
