"""The geometry of days as lines: a bar for each state and, above it, one for each call (pure).

Each line is one of the company's days, so that the same hour stands below itself; a day on which
clocks change is an hour longer or shorter at its end.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LEFT, RIGHT, TOP = 148, 22, 22  # px: names, a margin, the hours
WIDTH = 980
CALLS, GAP, BAR, STEP = 6, 2, 18, 40  # px: height of calls, between, of states, of a whole line
SEEN = 1.2  # px: what is narrower becomes a part of what stands before it
OFFICE = (8, 18)  # hours that are shown even when nothing happened in them
ROOM = 14  # hours that have room for their names
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """`kind` is a state, or what became of a call; `words` what it is, as a sentence."""

    start: datetime
    end: datetime
    kind: str
    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class DayLine:
    """`since` and `until` are the midnights of the day; `label` stands before it."""

    label: str
    href: str
    since: datetime
    until: datetime
    states: Sequence[Span]
    calls: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A span, in px."""

    span: Span
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawn:
    line: DayLine
    y: float  # of its state's bars
    states: Sequence[Bar]
    calls: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    width: int
    height: int
    left: int
    right: int
    ticks: Sequence[Tick]
    lines: Sequence[Drawn]
    now: float | None  # where the present is, if a line reaches it


def drawn(lines: Sequence[DayLine], clock: Callable[[datetime], str], now: datetime) -> Timeline:
    """`clock` writes an hour of the scale ("09:00")."""
    first, last = hours(lines)
    right = WIDTH - RIGHT
    px = (right - LEFT) / ((last - first) * 3600)

    def at(line: DayLine, moment: datetime) -> float:
        seconds = (moment - line.since).total_seconds() - first * 3600
        return round(LEFT + min(max(seconds * px, 0.0), right - LEFT), 1)

    found = []
    for place, line in enumerate(lines):
        y = TOP + STEP * place + CALLS + GAP + 6
        found.append(
            Drawn(
                line,
                y,
                _bars(line, line.states, at, y, BAR),
                _bars(line, line.calls, at, y - CALLS - GAP, CALLS, apart=True),
            )
        )
    every = 1 if last - first <= ROOM else 2
    ticks = [
        Tick(at(lines[0], lines[0].since + HOUR * hour), clock(lines[0].since + HOUR * hour))
        for hour in range(first, last + 1, every)
        if lines
    ]
    here = next((at(each, now) for each in lines if each.since <= now < each.until), None)
    return Timeline(WIDTH, TOP + STEP * len(lines) + 4, LEFT, right, ticks, found, here)


def hours(lines: Iterable[DayLine]) -> tuple[int, int]:
    """The first and last hour (0..25) that the lines need: the office's, or more."""
    first, last = OFFICE
    for line in lines:
        for span in (*line.states, *line.calls):
            first = min(first, (max(span.start, line.since) - line.since) // HOUR)
            last = max(last, -((line.since - min(span.end, line.until)) // HOUR))
    return first, last


def _bars(
    line: DayLine,
    spans: Iterable[Span],
    at: Callable[[DayLine, datetime], float],
    y: float,
    height: float,
    *,
    apart: bool = False,
) -> list[Bar]:
    """One after the other. `apart`: each is seen, however short, as calls may overlap."""
    found: list[Bar] = []
    for span in spans:
        x, end = at(line, span.start), at(line, span.end)
        width = max(end - x, SEEN if apart else 0.0)
        before = found[-1] if found else None
        if not apart and before and width < SEEN and x <= before.x + before.width + SEEN:
            found[-1] = replace(before, width=round(max(before.width, end - before.x), 1))
            continue
        found.append(Bar(span, x, y, round(max(width, 0.6), 1), height))
    return found
