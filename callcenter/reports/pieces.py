"""The pieces of time that a period is cut into: of a day's clock, days, weeks, months."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from callcenter.calls.clock import DAY, written
from callcenter.reports.asked import Asked, Step

MINUTES = {Step.MIN_5: 5, Step.MIN_15: 15, Step.MIN_30: 30, Step.HOUR: 60}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of days, both included, as far as it is asked for; or, of every one of these days,
    the time from the minute `start` to before `end`."""

    since: date
    until: date
    start: int = 0
    end: int = DAY

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def is_of_clock(self) -> bool:
        return (self.start, self.end) != (0, DAY)

    @property
    def clock(self) -> str:
        """09:00–10:00"""
        return f"{written(self.start)}–{written(self.end)}"

    @property
    def link(self) -> dict[str, str]:
        """What narrows a list to it."""
        if self.is_of_clock:
            return {"clock": f"{written(self.start)}-{written(self.end)}"}
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}


def pieces(asked: Asked) -> list[Piece]:
    """In order; together they are all that is asked for."""
    if minutes := MINUTES.get(asked.step):
        starts = range(0, DAY, minutes)
        return [Piece(asked.since, asked.until, start, start + minutes) for start in starts]
    firsts = [*_firsts(asked), asked.until + timedelta(days=1)]
    return [Piece(first, after - timedelta(days=1)) for first, after in itertools.pairwise(firsts)]


def piece_of(day: date, minute: int, step: Step) -> date | int:
    """Of which piece a call is that began then: its first day (it may lie before the period), or
    its first minute of the day."""
    if minutes := MINUTES.get(step):
        return minute // minutes * minutes
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


def _firsts(asked: Asked) -> Iterator[date]:
    """The days that begin a piece, the first one cut off by the period."""
    before = None
    for n in range(asked.days):
        day = asked.since + timedelta(days=n)
        if (key := piece_of(day, 0, asked.step)) != before:
            yield day
            before = key
