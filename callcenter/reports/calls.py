"""The call report: how many calls and how long, by time or by one thing that tells calls apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls import clock
from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallDay, CallRecord
from callcenter.calls.queries import ENDED, NONE, CallFilters, conditions
from callcenter.errors import N_, Invalid
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.reports.pieces import MINUTES, Piece, piece_of, pieces

WITH_CUSTOMERS = (Direction.INBOUND.value, Direction.OUTBOUND.value)  # no report has others
SERIES = {  # of a stack, from the bottom: the results it counts, as a filter of the calls
    "answered": N_("Answered"),
    "no_answer,cancelled": N_("No answer"),
    "busy,rejected,unreachable,failed": N_("Busy, declined, not reachable"),
    "abandoned": N_("Missed (incoming)"),
}
Key = date | int | str


class By(StrEnum):
    """What the rows are, where they are not steps of time."""

    AGENT = "agent"
    DEPARTMENT = "department"
    QUEUE = "queue"
    DID = "did"
    DIRECTION = "direction"
    RESULT = "result"


COLUMNS: Mapping[By, str] = {By.AGENT: "user_id", By.DEPARTMENT: "department_id"}
NOBODY: Mapping[By, Key] = {By.AGENT: 0, By.DEPARTMENT: 0, By.QUEUE: "", By.DID: ""}


@dataclass(slots=True)
class Line:
    """Calls of one key. Seconds; `waited_s` of the `inbound` ones, answered or not."""

    key: Key
    results: dict[str, int] = field(default_factory=dict)
    talked_s: float = 0.0
    inbound: int = 0
    waited_s: float = 0.0
    piece: Piece | None = None

    @property
    def calls(self) -> int:
        return sum(self.results.values())

    @property
    def answered(self) -> int:
        return self.results.get(Result.ANSWERED, 0)

    @property
    def counts(self) -> list[int]:
        """In the order of SERIES."""
        return [sum(self.results.get(each, 0) for each in s.split(",")) for s in SERIES]

    @property
    def average_talk_s(self) -> float | None:
        return self.talked_s / self.answered if self.answered else None

    @property
    def average_wait_s(self) -> float | None:
        return self.waited_s / self.inbound if self.inbound else None

    def add(
        self, result: str, direction: str, calls: int, talked_s: float, waited_s: float
    ) -> None:
        self.results[result] = self.results.get(result, 0) + calls
        self.talked_s += talked_s
        if direction == Direction.INBOUND:
            self.inbound += calls
            self.waited_s += waited_s


@dataclass(frozen=True, slots=True)
class Found:
    """`lines` are of `by`, longest talk first; or of steps of time, in order, empty ones too."""

    by: By | None
    lines: Sequence[Line]
    total: Line


def by_of(asked: Asked) -> By | None:
    """Raises Invalid for a word that is none."""
    if not asked.by:
        return None
    if asked.by not in set(By):
        raise Invalid(N_("“{word}” is not a filter here."), field="by", word=asked.by)
    return By(asked.by)


async def found(session: AsyncSession, asker: Asker, asked: Asked) -> Found:
    """The figures, as far as one who asks may see them. Raises Invalid."""
    by = by_of(asked)
    rows = await _rows(session, asker, asked, by)
    lines: dict[Key, Line] = {}
    if by is None:
        for piece in pieces(asked):
            key = piece.start if piece.is_of_clock else piece_of(piece.since, 0, asked.step)
            lines[key] = Line(key, piece=piece)
    total = Line("")
    for key, *rest in rows:
        if key not in lines:
            lines[key] = Line(key)
        for line in (lines[key], total):
            line.add(*rest)
    if by is None:
        return Found(by, list(lines.values()), total)
    longest = sorted(lines.values(), key=lambda line: (-line.talked_s, -line.calls, str(line.key)))
    return Found(by, longest, total)


def filters_of(asked: Asked, asker: Asker) -> CallFilters:
    """The calls that are counted, as the list of calls is asked for them."""
    zone = ZoneInfo(asker.zone)
    return CallFilters(
        since=_start(asked.since, zone),
        until=_start(asked.until + timedelta(days=1), zone),
        direction=asked.direction or ",".join(WITH_CUSTOMERS),
        result=",".join(asked.results) or ENDED,
        user_ids=frozenset(asked.users),
        department_ids=below(asked, asker) if asked.departments else None,
        queue=",".join(asked.queues),
        did=",".join(asked.dids),
        zone=zone,
    )


def below(asked: Asked, asker: Asker) -> frozenset[int]:
    """The departments that are asked for, and those below them."""
    return frozenset[int]().union(*map(asker.directory.below, asked.departments))


Rows = Iterable[Any]


async def _rows(session: AsyncSession, asker: Asker, asked: Asked, by: By | None) -> Rows:
    """(key, result, direction, calls, talked_s, waited_s), each key several times."""
    if by is By.DID or asked.dids or (by is None and asked.step in MINUTES):
        return await _of_calls(session, asker, asked, by)
    key = _day_key(by)
    sums = (func.sum(CallDay.calls), func.sum(CallDay.talked_s), func.sum(CallDay.waited_s))
    statement = (
        select(key, CallDay.result, CallDay.direction, *sums)
        .where(CallDay.day.between(asked.since, asked.until), *_of_days(asked, asker))
        .group_by(key, CallDay.result, CallDay.direction)
        .having(func.sum(CallDay.calls) > 0)
    )
    rows = (await session.execute(asker.scope.days(statement))).all()
    return rows if by else [(piece_of(day, 0, asked.step), *rest) for day, *rest in rows]


def _day_key(by: By | None) -> Any:
    return getattr(CallDay, COLUMNS.get(by, by.value)) if by else CallDay.day


def _of_days(asked: Asked, asker: Asker) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    wanted.append(CallDay.direction.in_([asked.direction] if asked.direction else WITH_CUSTOMERS))
    if asked.users:
        wanted.append(CallDay.user_id.in_(asked.users))
    if asked.departments:
        wanted.append(CallDay.department_id.in_(below(asked, asker)))
    if asked.queues:
        wanted.append(CallDay.queue.in_(["" if each == NONE else each for each in asked.queues]))
    if asked.results:
        wanted.append(CallDay.result.in_(asked.results))
    return wanted


async def _of_calls(session: AsyncSession, asker: Asker, asked: Asked, by: By | None) -> Rows:
    """The same from single calls: what no sum is kept by."""
    filters = filters_of(asked, asker)
    assert filters.since and filters.until
    found: list[Any] = []
    of_clock = by is None and asked.step in MINUTES
    for start, end, offset in clock.stretches(filters.zone, filters.since, filters.until):
        key: ColumnElement[Any] = func.coalesce(CallRecord.did, "")
        if by is None:  # seconds, of the day or since 1970
            second = extract("epoch", CallRecord.started_at) + offset
            second = second % (clock.DAY * 60) if of_clock else second
            key = second - second % (MINUTES.get(asked.step, clock.DAY) * 60)
        elif by is not By.DID:
            column = getattr(CallRecord, COLUMNS.get(by, by.value))
            key = func.coalesce(column, NOBODY[by]) if by in NOBODY else column
        statement = _summed(key).where(
            *conditions(filters), CallRecord.started_at >= start, CallRecord.started_at < end
        )
        rows = await session.execute(asker.scope.calls(statement))
        found += (_tidy(row, asked, by) for row in rows)
    return found


def _summed(key: Any) -> Select[Any]:
    label = key.label("key")
    result = func.coalesce(CallRecord.result, "").label("result_or_none")
    talked, waited = func.sum(CallRecord.talked_s), func.sum(CallRecord.waited_s)
    statement = select(label, result, CallRecord.direction, func.count(), talked, waited)
    return statement.group_by(label, result, CallRecord.direction)


def _tidy(row: Any, asked: Asked, by: By | None) -> Any:
    key, *rest = row
    if by is None and asked.step in MINUTES:
        return int(key) // 60, *rest
    if by is None:
        return piece_of(date(1970, 1, 1) + timedelta(seconds=int(key)), 0, asked.step), *rest
    return key, *rest


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
