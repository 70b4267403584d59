"""Writes calls down as they change: in order, many in one transaction, summed up at their end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import tzinfo
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.db import DATABASE_ERRORS, Upsert, is_away

from .call import Call
from .models import CallDay, CallRecord
from .rows import SETTLED, Row, difference, row_of, settled

if TYPE_CHECKING:
    from .board import Change

log = logging.getLogger(__name__)
RETRY = 1.0  # seconds between attempts while the database is away
MOST = 4000  # changes in one transaction: 50 ms; and SQLite takes 32,766 values in a question


CALLS: Table = CallRecord.__table__  # type: ignore[assignment]  # a mapped class's is a Table
DAYS: Table = CallDay.__table__  # type: ignore[assignment]

Whose = Callable[[Call], tuple[int | None, int | None]]
Customers = Callable[[set[str]], Awaitable[dict[str, int]]]


class Journal:
    """A listener of the board.

    `whose(call)` is its (user_id, department_id), `key_of(number)` what customers' numbers are kept
    by ("" for no number), `customers(keys)` whose numbers these are: {key: customer_id}.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        zone: tzinfo,
        whose: Whose,
        customers: Customers,
        key_of: Callable[[str], str],
        exchange: str = "",
    ) -> None:
        self._engine = engine
        self._zone = zone
        self._whose = whose
        self._customers = customers
        self._key_of = key_of
        self._exchange = exchange
        self.listeners: list[Callable[[Sequence[Row]], None]] = []  # told of rows once committed
        self._noted: list[Call] = []  # no bound: late, but never lost
        self._more = asyncio.Event()  # something is noted
        self._none = asyncio.Event()  # everything is written
        self._rows: dict[str, Row] = {}  # as last written, of the calls that last
        self._save_calls = Upsert(CALLS, engine.dialect)
        self._save_changes = Upsert(CALLS, engine.dialect, keeping=SETTLED)
        sums = ("calls", "waited_s", "talked_s", "held_s")
        self._add_days = Upsert(DAYS, engine.dialect, adding=sums)

    @property
    def behind(self) -> int:
        """How many changes are not on paper yet."""
        return len(self._noted)

    def note(self, change: "Change") -> None:
        self._noted.append(change.after)
        self._none.clear()
        self._more.set()

    async def write(self) -> None:
        """Write what is noted, for ever. Ends only by being cancelled, or by a mistake of ours."""
        while True:
            await self._more.wait()
            calls = self._noted[:MOST]
            await self._save({call.call_id: call for call in calls})  # the last of each stands
            del self._noted[: len(calls)]
            if not self._noted:
                self._more.clear()
                self._none.set()

    async def drain(self) -> None:
        """Return once everything noted is committed."""
        if self._noted:
            await self._none.wait()

    async def _save(self, calls: dict[str, Call]) -> None:
        failures = 0
        while not await self._saved(calls, failures):  # late is fine, lost is not
            failures += 1
            await asyncio.sleep(RETRY)
        if failures:
            log.warning("the database is back, %d changes to go", self.behind)

    async def _saved(self, calls: dict[str, Call], failures: int) -> bool:
        try:
            async with self._engine.begin() as connection:
                rows = await self._write(connection, calls)
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            if failures % 60 == 0:
                log.exception("the database is away, %d changes waiting", self.behind)
            return False
        for row in rows:
            if row.ended_at is None:
                self._rows[row.call_id] = row
            else:
                self._rows.pop(row.call_id, None)
        for listener in self.listeners:
            listener(rows)
        return True

    async def _write(self, connection: AsyncConnection, calls: dict[str, Call]) -> list[Row]:
        before = await self._before(connection, list(calls))
        rows = await self._after(calls, before)
        changed = [(before.get(row.call_id), row) for row in rows]
        small = [old is not None and settled(old) == settled(row) for old, row in changed]
        await self._save_changes.execute(connection, compress(rows, small))
        await self._save_calls.execute(connection, compress(rows, map(not_, small)))
        await self._add_days.execute(connection, difference(changed, self._zone))
        return rows

    async def _before(self, connection: AsyncConnection, call_ids: list[str]) -> dict[str, Row]:
        """The rows there are. The database is asked about those we do not remember: new ones, ones
        from before a restart, ones that have ended already."""
        rows = {call_id: self._rows[call_id] for call_id in call_ids if call_id in self._rows}
        unknown = [call_id for call_id in call_ids if call_id not in rows]
        if unknown:
            there = select(CALLS).where(CALLS.c.call_id.in_(unknown))
            rows |= {row.call_id: Row(*row) for row in await connection.execute(there)}
        return rows

    async def _after(self, calls: dict[str, Call], before: dict[str, Row]) -> list[Row]:
        keys: list[str] = []
        wanted: set[str] = set()
        for call_id, call in calls.items():
            key = self._key_of(call.number) if call.number else ""
            keys.append(key)
            if key and ((row := before.get(call_id)) is None or row.customer_id is None):
                wanted.add(key)
        found = await self._customers(wanted) if wanted else {}
        return [
            row_of(
                call,
                exchange=self._exchange,
                number_key=key,
                whose=self._whose(call),
                customer_id=found.get(key),
                before=before.get(call.call_id),
            )
            for call, key in zip(calls.values(), keys, strict=True)
        ]
