"""Each queue's calls of the company's day: read once, then kept by the rows the journal writes.

The same rows are in the table of calls and in the reports' sums, so that all three agree.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import NamedTuple, Protocol

from sqlalchemy import select

from callcenter.calls.call import Direction, Result
from callcenter.calls.counting import SHORT_S
from callcenter.calls.models import CallRecord
from callcenter.db import Sessions


class Written(Protocol):
    """A call as it stands in the table: calls.rows.Row, or what a question brought."""

    @property
    def call_id(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def queue(self) -> str | None: ...
    @property
    def result(self) -> str | None: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def waited_s(self) -> float: ...
    @property
    def within_s(self) -> int | None: ...


class Part(NamedTuple):
    """What one call adds to its queue."""

    queue: str
    answered: bool
    in_time: bool
    abandoned: bool
    short: bool
    waited_s: float


@dataclass(slots=True)
class Numbers:
    """Calls that came in through a queue and were answered, or have ended without: what the same
    words count in reports (sums). `short` are in `abandoned`; `waited_s` is of the answered ones.
    """

    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    short: int = 0
    waited_s: float = 0.0

    def add(self, part: Part, sign: int = 1) -> None:
        self.offered += sign
        self.answered += sign * part.answered
        self.in_time += sign * part.in_time
        self.abandoned += sign * part.abandoned
        self.short += sign * part.short
        self.waited_s += sign * part.waited_s * part.answered


class Day:
    """Begins again by itself when `today()` changes."""

    def __init__(self, zone: tzinfo, today: Callable[[], date]) -> None:
        self._zone = zone
        self._today = today
        self._day = today()
        self._parts: dict[str, Part] = {}  # by call_id: a call is written several times
        self._numbers: dict[str, Numbers] = {}

    async def load(self, sessions: Sessions) -> None:
        """What the table knows of this day."""
        self._day = self._today()
        start = datetime.combine(self._day, time.min, self._zone).astimezone(UTC)
        columns = (CallRecord.call_id, CallRecord.direction, CallRecord.queue, CallRecord.result)
        times = (CallRecord.started_at, CallRecord.answered_at, CallRecord.ended_at)
        asked = select(*columns, *times, CallRecord.waited_s, CallRecord.within_s).where(
            CallRecord.started_at >= start, CallRecord.direction == Direction.INBOUND
        )
        async with sessions() as session:
            rows = (await session.execute(asked)).all()
        self._parts, self._numbers = {}, {}
        self.take(rows)

    def take(self, rows: Iterable[Written]) -> set[str]:
        """Rows were written; the queues whose numbers have changed."""
        changed = set[str]()
        for row in rows:
            before, after = self._parts.get(row.call_id), self._part(row)
            if after == before:
                continue
            if before:
                self._add(self._parts.pop(row.call_id), -1)
                changed.add(before.queue)
            if after:
                self._parts[row.call_id] = after
                self._add(after)
                changed.add(after.queue)
        return changed

    def of(self, queue: str) -> Numbers:
        return self._numbers.get(queue) or Numbers()

    def has_passed(self) -> bool:
        """Whether a new day has begun since it was last asked; then nothing counts any more."""
        if self._day == self._today():
            return False
        self._day, self._parts, self._numbers = self._today(), {}, {}
        return True

    def _add(self, part: Part, sign: int = 1) -> None:
        self._numbers.setdefault(part.queue, Numbers()).add(part, sign)

    def _part(self, row: Written) -> Part | None:
        if row.direction != Direction.INBOUND or not row.queue:
            return None
        if row.answered_at is None and row.ended_at is None:
            return None
        if row.started_at.astimezone(self._zone).date() != self._day:
            return None
        over = row.ended_at is not None
        answered = row.result == Result.ANSWERED if over else True
        abandoned = over and row.result == Result.ABANDONED
        return Part(
            queue=row.queue,
            answered=answered,
            in_time=answered and row.within_s is not None and row.waited_s <= row.within_s,
            abandoned=abandoned,
            short=abandoned and row.waited_s < SHORT_S,
            waited_s=row.waited_s,
        )
