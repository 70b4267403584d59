"""Writes hops down behind the backs of calls: noted in memory, worked out and written in groups.

Bounded on purpose, other than the journal: of a flood of calls the calls matter, not why they rang.
What had to be dropped is counted, and the count is a hop itself.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.calls.rows import text
from callcenter.db import DATABASE_ERRORS, is_away
from callcenter.explain import kinds
from callcenter.explain.models import CallHop
from callcenter.explain.reasons import Snapshot

log = logging.getLogger(__name__)

HOPS: Table = CallHop.__table__  # type: ignore[assignment]  # a mapped class's is a Table
MOST_NOTED = 2_000  # hops that wait to be worked out: one may hold a copy of all agents
MOST_ROWS = 20_000  # hops that wait for the database
BATCH = 500  # rows in one transaction
TOGETHER = 0.25  # seconds in which hops are collected
PACE = 0.005  # seconds between two pictures: a burst of calls is not held up by its explanation
RETRY = 2.0  # seconds until a database that is away is tried again


@dataclass(slots=True, eq=False)
class Hop:
    """A fact, as models.CallHop has it; a snapshot is worked out when it is written."""

    kind: str
    at: datetime
    call_id: str = ""
    user_id: int | None = None
    what: str = ""
    more: str | Snapshot = ""
    is_open: bool = True  # not worked out yet, so it may still be changed

    def row(self) -> dict[str, Any]:
        more = self.more
        if isinstance(more, Snapshot):
            more = msgspec.json.encode(more.told()).decode()
        return {
            "kind": self.kind,
            "at": self.at,
            "call_id": text(self.call_id, 64),
            "user_id": self.user_id,
            "what": text(self.what, 64),
            "more": more,
        }


class HopLog:
    """`note` never waits; `write` is the one writer."""

    def __init__(
        self, engine: AsyncEngine, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._now = now
        self._noted: deque[Hop] = deque()
        self._rows: list[dict[str, Any]] = []
        self._dropped = 0
        self._something = asyncio.Event()
        self._hurry = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    def note(
        self,
        kind: str,
        call_id: str = "",
        user_id: int | None = None,
        what: str = "",
        more: str | Snapshot = "",
    ) -> Hop:
        """Keep that it happened, now."""
        hop = Hop(kind, self._now(), call_id, user_id, what, more)
        if len(self._noted) >= MOST_NOTED:
            self._noted.popleft().is_open = False
            self._dropped += 1
        self._noted.append(hop)
        self._something.set()
        self._written.clear()
        return hop

    async def write(self) -> None:
        """Write what is noted for as long as the application lives."""
        while True:
            await self._something.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(TOGETHER):
                    await self._hurry.wait()
            await self._work_out()
            if self._rows and not await self._saved(self._rows[:BATCH]):
                await asyncio.sleep(RETRY)
                continue
            del self._rows[:BATCH]
            if not (self._rows or self._noted):
                self._something.clear()
                self._hurry.clear()
                self._written.set()

    async def drain(self) -> None:
        """Return once everything noted is written; `write` must be running."""
        self._hurry.set()
        await self._written.wait()

    async def _work_out(self) -> None:
        """Hops become rows; between two that take long others have the loop."""
        while self._noted:
            hop = self._noted.popleft()
            hop.is_open = False
            self._rows.append(hop.row())
            if isinstance(hop.more, Snapshot):
                hop.more = ""  # whoever holds the hop does not hold all agents with it
                await asyncio.sleep(PACE)
        if (over := len(self._rows) - MOST_ROWS) > 0:
            del self._rows[:over]
            self._dropped += over

    async def _saved(self, rows: list[dict[str, Any]]) -> bool:
        dropped = self._dropped
        if dropped:
            lost = Hop(kinds.LOST, self._now(), what=str(dropped)).row()
            rows = [*rows, lost]
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(HOPS), rows)
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.warning("%d hops of calls wait for the database", len(self._rows))
            return False
        if dropped:
            log.error("%d hops of calls came too fast and are not explained", dropped)
            self._dropped -= dropped
        return True
