"""A time of the day or a day of the week, by the company's clock, as a condition on calls.

Databases keep UTC. Where clocks are put forward and back, each stretch of time between two such
changes has a condition of its own.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, and_, extract, or_

from callcenter.errors import N_, Invalid

from .models import CallRecord

DAY, WEEK = 24 * 60, 7 * 24 * 60  # minutes
MONDAY = 3 * DAY  # what 1 January 1970, a Thursday, is away from the Monday before
MINUTE = timedelta(minutes=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # of any call
_TYPED = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Clock:
    """From `start` to before `end`, minutes of the day; on one weekday (Monday is 0), or on all."""

    start: int = 0
    end: int = DAY
    weekday: int | None = None

    @property
    def text(self) -> str:
        """As it stands in an address: 09:00-09:30; "" for the whole day."""
        if (self.start, self.end) == (0, DAY):
            return ""
        return f"{written(self.start)}-{written(self.end)}"


def written(minute: int) -> str:
    """09:30, and 24:00 for the end of a day."""
    return f"{minute // 60:02}:{minute % 60:02}"


def read(clock: str, weekday: str) -> Clock | None:
    """What an address asks for, None when nothing. Raises Invalid."""
    if not clock and not weekday:
        return None
    start, end = 0, DAY
    if clock:
        typed = _TYPED.fullmatch(clock)
        if not typed:
            raise _no_filter(clock)
        start, end = (int(typed[i]) * 60 + int(typed[i + 1]) for i in (1, 3))
        if not start < end <= DAY or max(typed[2][0], typed[4][0]) >= "6":
            raise _no_filter(clock)
    if weekday and weekday not in set("0123456"):
        raise _no_filter(weekday)
    return Clock(start, end, int(weekday) if weekday else None)


def shows(
    clock: Clock, zone: tzinfo, since: datetime | None, until: datetime | None
) -> ColumnElement[bool]:
    """That a call began when the clock showed this; `since`, `until`: where the calls are sought,
    in UTC."""
    seconds = extract("epoch", CallRecord.started_at)
    found = []
    for start, end, offset in stretches(zone, since or EARLIEST, until or datetime.now(UTC)):
        here = [CallRecord.started_at >= start, CallRecord.started_at < end]
        of_day = (seconds + offset) % (DAY * 60)
        here += [of_day >= clock.start * 60, of_day < clock.end * 60]
        if clock.weekday is not None:
            of_week = (seconds + offset + MONDAY * 60) % (WEEK * 60)
            first = clock.weekday * DAY * 60
            here += [of_week >= first, of_week < first + DAY * 60]
        found.append(and_(*here))
    return or_(*found)


def stretches(
    zone: tzinfo, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, int]]:
    """Times with one distance from UTC, in seconds: (start, end, distance); the last one goes on
    to a day after `until`."""
    start, end = since, until + timedelta(days=1)
    while start < end:
        offset, stop = _offset(zone, start), start
        while stop < end:
            # No zone puts its clocks forward and back within a week.
            later = min(stop + timedelta(days=7), end)
            if _offset(zone, later) != offset:
                stop = _change(zone, stop, later)
                break
            stop = later
        yield start, stop, offset
        start = stop


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The minute between the two at which the clocks are changed."""
    first, offset = before.replace(second=0, microsecond=0), _offset(zone, before)
    minutes = range(1, (after - first) // MINUTE + 1)
    place = bisect_left(minutes, True, key=lambda n: _offset(zone, first + n * MINUTE) != offset)
    return first + (place + 1) * MINUTE


def _offset(zone: tzinfo, at: datetime) -> int:
    distance = at.astimezone(zone).utcoffset()
    return round(distance.total_seconds()) if distance else 0


def _no_filter(word: str) -> Invalid:
    return Invalid(N_("“{word}” is not a filter here."), word=word[:40])
