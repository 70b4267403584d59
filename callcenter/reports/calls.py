"""The call report: how many calls and how long, by time or by one thing that tells calls apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Direction, Result
from callcenter.calls.queries import ENDED, CallFilters
from callcenter.errors import N_, Invalid
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Asker
from callcenter.reports.pieces import MINUTES, Piece, piece_of, pieces
from callcenter.sums import queries as sums
from callcenter.sums.plan import Key
from callcenter.sums.terms import KeyValue, Sum

WITH_CUSTOMERS = (Direction.INBOUND.value, Direction.OUTBOUND.value)  # no report has others
SERIES = {  # of a stack, from the bottom: the results it counts, as a filter of the calls
    "answered": N_("Answered"),
    "no_answer,cancelled": N_("No answer"),
    "busy,rejected,unreachable,failed": N_("Busy, declined, not reachable"),
    "abandoned": N_("Missed (incoming)"),
}
SHOWN = ("calls", "answered", "talked_s", "waited_s")  # of the figures of Sum
OTHERS = [each.value for each in Result if each is not Result.ANSWERED]
COARSE = {"answered": N_("Answered"), ",".join(OTHERS): N_("Not answered")}


class By(StrEnum):
    """What the rows are, where they are not steps of time."""

    AGENT = "agent"
    DEPARTMENT = "department"
    QUEUE = "queue"
    DID = "did"
    DIRECTION = "direction"
    RESULT = "result"


KEYS: Mapping[By, Key] = {
    By.AGENT: Key.USER,
    By.DEPARTMENT: Key.DEPARTMENT,
    By.QUEUE: Key.QUEUE,
    By.DID: Key.DID,
}


@dataclass(slots=True)
class Line:
    """Calls of one key. Seconds; `waited_s` of the `inbound` ones, answered or not."""

    key: KeyValue
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

    def counts(self, series: Mapping[str, str]) -> list[int]:
        """Of each of the series."""
        return [sum(self.results.get(each, 0) for each in one.split(",")) for one in series]

    @property
    def average_talk_s(self) -> float | None:
        return self.talked_s / self.answered if self.answered else None

    @property
    def average_wait_s(self) -> float | None:
        return self.waited_s / self.inbound if self.inbound else None

    def add(self, result: str, direction: str, figures: Sum) -> None:
        self.results[result] = self.results.get(result, 0) + figures.calls
        self.talked_s += figures.talked_s
        if direction == Direction.INBOUND:
            self.inbound += figures.calls
            self.waited_s += figures.waited_s


@dataclass(frozen=True, slots=True)
class Found:
    """`lines` are of `by`, longest talk first; or of steps of time, in order, empty ones too."""

    by: By | None
    lines: Sequence[Line]
    total: Line
    series: Mapping[str, str]


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
    series = COARSE if by is None and is_coarse(asked) else SERIES
    lines: dict[KeyValue, Line] = {}
    if by is None:
        for piece in pieces(asked):
            of = piece.start if piece.is_of_clock else piece_of(piece.since, 0, asked.step)
            lines[of] = Line(of, piece=piece)
    total = Line("")
    for key, result, direction, figures in rows:
        for line in (lines.setdefault(key, Line(key)), total):
            line.add(result, direction, figures)
    if by is None:
        return Found(by, list(lines.values()), total, series)
    longest = sorted(lines.values(), key=lambda line: (-line.talked_s, -line.calls, str(line.key)))
    return Found(by, longest, total, series)


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


Row = tuple[KeyValue, str, str, Sum]  # key, result, direction


async def _rows(session: AsyncSession, asker: Asker, asked: Asked, by: By | None) -> list[Row]:
    """Each key several times. By the hour over a long time nobody has kept the results: then they
    are "answered" and, for all others, the first of OTHERS."""
    result, direction = Key.RESULT, Key.DIRECTION
    asking = partial(sums.by, session, asker, asked, only=SHOWN)
    if by is By.RESULT:
        rows = await asking(result, direction)
        return [(_text(row, 0), _text(row, 0), _text(row, 1), row) for row in rows]
    if by is By.DIRECTION:
        rows = await asking(direction, result)
        return [(row.key[0], _text(row, 1), _text(row, 0), row) for row in rows]
    if by is None and is_coarse(asked):
        rows = await asking(Key.HOUR, direction)
        return [each for row in rows for each in _halves(row)]
    if by is None and (minutes := MINUTES.get(asked.step)):
        rows = await sums.slots(session, asker, asked, minutes, result, direction, only=SHOWN)
    else:
        key = KEYS[by] if by else Key(asked.step.value)
        rows = await asking(key, result, direction)
    return [(row.key[0], _text(row, 1), _text(row, 2), row) for row in rows]


def is_coarse(asked: Asked) -> bool:
    """Whether of these hours only is known what was answered."""
    return asked.step is Step.HOUR and asked.days > sums.RAW_DAYS


def _halves(row: Sum) -> Iterator[Row]:
    """An hour's calls that were answered, and the others; all of its seconds with the first."""
    hour, direction = int(str(row.key[0])), _text(row, 1)
    answered = row._replace(calls=row.answered)
    yield hour * 60, Result.ANSWERED.value, direction, answered
    yield hour * 60, OTHERS[0], direction, Sum(calls=row.calls - row.answered)


def _text(row: Sum, place: int) -> str:
    return str(row.key[place])


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
