"""Writes calls down as they change: in order, many in one transaction, summed up at their end."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import tzinfo
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.db import DATABASE_ERRORS, Upsert, is_away

from . import late
from .call import Call, Direction
from .counting import difference
from .models import CallRecord
from .rows import SETTLED, Row, row_of, settled
from .summing import Sums

if TYPE_CHECKING:
    from .board import Change

log = logging.getLogger(__name__)
RETRY = 1.0  # seconds between attempts while the database is away
MOST = 4000  # changes in one transaction: 50 ms; and SQLite takes 32,766 values in a question


CALLS: Table = CallRecord.__table__  # type: ignore[assignment]  # a mapped class's is a Table
IN_TIME_S = 20  # where nobody says otherwise

Whose = Callable[[Call], tuple[int | None, int | None]]
Customers = Callable[[set[str]], Awaitable[dict[str, int]]]


class Journal:
    """A listener of the board.

    `whose(call)` is its (user_id, department_id), `key_of(number)` what customers' numbers are kept
    by ("" for no number), `customers(keys)` whose numbers these are: {key: customer_id}.
    `within(queue)` is what counts as answered in time there, in seconds.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        zone: tzinfo,
        whose: Whose,
        customers: Customers,
        key_of: Callable[[str], str],
        within: Callable[[str], int] = lambda queue: IN_TIME_S,
        exchange: str = "",
    ) -> None:
        self._engine = engine
        self._zone = zone
        self._whose = whose
        self._customers = customers
        self._key_of = key_of
        self._within = within
        self._exchange = exchange
        self.listeners: list[Callable[[Sequence[Row]], None]] = []  # told of rows once committed
        self._noted: list[Call] = []  # no bound: late, but never lost
        self._wrapped: list[tuple[str, float]] = []  # no bound: one a call, after its end
        self._more = asyncio.Event()  # something is noted
        self._none = asyncio.Event()  # everything is written
        self._rows: dict[str, Row] = {}  # as last written, of the calls that last
        self._save_calls = Upsert(CALLS, engine.dialect)
        self._save_changes = Upsert(CALLS, engine.dialect, keeping=SETTLED)
        self._sums = Sums(engine.dialect, zone)

    @property
    def behind(self) -> int:
        """How many changes are not on paper yet."""
        return len(self._noted) + len(self._wrapped)

    def note(self, change: "Change") -> None:
        self._noted.append(change.after)
        self._none.clear()
        self._more.set()

    def wrapped_up(self, call_id: str, seconds: float) -> None:
        """Somebody has spent that time on what follows a call; each time is told once."""
        self._wrapped.append((call_id, seconds))
        self._none.clear()
        self._more.set()

    async def write(self) -> None:
        """Write what is noted, for ever. Ends only by being cancelled, or by a mistake of ours."""
        while True:
            await self._more.wait()
            calls = self._noted[:MOST]
            all_ended = len(calls) == len(self._noted)  # a call's end goes before its wrap-up
            wrapped = self._wrapped[:MOST] if all_ended else []
            await self._save({call.call_id: call for call in calls}, _summed(wrapped))
            del self._noted[: len(calls)], self._wrapped[: len(wrapped)]
            if not self.behind:
                self._more.clear()
                self._none.set()

    async def drain(self) -> None:
        """Return once everything noted is committed."""
        if self.behind:
            await self._none.wait()

    async def _save(self, calls: dict[str, Call], wrapped: Mapping[str, float]) -> None:
        """The calls as they stand (the last of each), and seconds that were spent after some."""
        failures = 0
        while not await self._saved(calls, wrapped, failures):  # late is fine, lost is not
            failures += 1
            await asyncio.sleep(RETRY)
        if failures:
            log.warning("the database is back, %d changes to go", self.behind)

    async def _saved(
        self, calls: dict[str, Call], wrapped: Mapping[str, float], failures: int
    ) -> bool:
        try:
            async with self._engine.begin() as connection:
                rows = await self._write(connection, calls, wrapped)
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

    async def _write(
        self, connection: AsyncConnection, calls: dict[str, Call], wrapped: Mapping[str, float]
    ) -> list[Row]:
        before = await self._before(connection, list(calls | dict.fromkeys(wrapped)))
        rows = await self._after(calls, before)
        if wrapped:
            rows = _with_wrap_up(rows, before, wrapped)
        changed = [(before.get(row.call_id), row) for row in rows]
        small = [old is not None and settled(old) == settled(row) for old, row in changed]
        await self._save_changes.execute(connection, compress(rows, small))
        await self._save_calls.execute(connection, compress(rows, map(not_, small)))
        await self._sums.add(connection, difference(changed, self._zone))
        await late.note(connection, late.moments_of(changed))
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

    def _within_of(self, call: Call, before: Row | None) -> int | None:
        """Of the queue that its row will have."""
        queue = call.queue or (before.queue if before else None)
        return self._within(queue) if queue and call.direction is Direction.INBOUND else None

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
                within_s=self._within_of(call, before.get(call.call_id)),
            )
            for call, key in zip(calls.values(), keys, strict=True)
        ]


def _summed(wrapped: Sequence[tuple[str, float]]) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    for call_id, seconds in wrapped:
        found[call_id] += seconds
    return found


def _with_wrap_up(
    rows: list[Row], before: Mapping[str, Row], wrapped: Mapping[str, float]
) -> list[Row]:
    """The rows, and those of calls that only their wrap-up has changed."""
    found = {row.call_id: row for row in rows}
    for call_id, seconds in wrapped.items():
        if row := found.get(call_id) or before.get(call_id):
            found[call_id] = row._replace(wrapped_s=row.wrapped_s + seconds)
        else:
            log.warning("the wrap-up of a call that is not on paper: %s", call_id)
    return list(found.values())
