"""Times that agents spent in one state (pure): from changes of state, cut at midnights.

Times are counted in whole milliseconds, each moment cut down to one, so that what lies between two
moments adds up exactly however often it is cut.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from callcenter.staffing.totals import BreakSum, Totals

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
OFFLINE, BREAK = "offline", "break"

Limits = Mapping[str, int | None]  # reason of a break -> minutes that it may take; None: any


class Change(Protocol):
    """A row of agent_states, as far as it is needed here."""

    @property
    def at(self) -> datetime: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def cause(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in one state; `reason` is a break's, `cause` why it began, `end` None: it lasts."""

    state: str
    reason: str
    cause: str
    start: datetime
    end: datetime | None = None


def spells(changes: Iterable[Change], before: Spell | None = None) -> list[Spell]:
    """One agent's time from the changes in the order they were written, the last one lasts.

    `before` is the spell that lasted until then. A row that says the same state again (another
    wish was booked) begins no new one; a clock that was set back makes no time negative.
    """
    found = [before] if before else []
    for change in changes:
        last = found[-1] if found else None
        if last and (last.state, last.reason) == (change.state, change.reason):
            continue
        start = max(change.at, last.start) if last else change.at
        if last:
            found[-1] = replace(last, end=start)
        found.append(Spell(change.state, change.reason, change.cause, start))
    return found


def within(found: Iterable[Spell], since: datetime, until: datetime) -> list[Spell]:
    """The parts of them that lie between; what lasts does so until `until`."""
    return [
        replace(spell, start=start, end=end)
        for spell in found
        if (start := max(spell.start, since)) < (end := min(spell.end or until, until))
    ]


def of_days(spell: Spell, until: datetime, zone: tzinfo, limits: Limits) -> dict[date, Totals]:
    """What a spell adds to each of the company's days; one that lasts does so until `until`.

    A break counts on the day it began, and there as over its limit; the time beyond the limit
    belongs to the days in which it passed. Time offline is nothing.
    """
    if spell.state == OFFLINE:
        return {}
    minutes = limits.get(spell.reason) if spell.state == BREAK else None
    over_from = moment(spell.start) + minutes * 60_000 if minutes else None
    end, found, first = moment(spell.end or until), {}, True
    for day, start, stop in _days(moment(spell.start), end, spell.start, zone):
        totals = Totals(states={spell.state: stop - start})
        if spell.state == BREAK:
            over = 0 if over_from is None else max(0, stop - max(start, over_from))
            is_over = first and over_from is not None and end > over_from
            sums = BreakSum(int(first), stop - start, int(is_over), over)
            totals = Totals(states=totals.states, breaks={spell.reason: sums})
        found[day], first = totals, False
    return found


def midnight(day: date, zone: tzinfo) -> datetime:
    """When that day of the company begins, UTC; where clocks skip midnight, the moment they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def moment(at: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (at - EPOCH) // MS


def _days(start: int, end: int, began: datetime, zone: tzinfo) -> Iterator[tuple[date, int, int]]:
    """The company's days between, each with its part; also of no length at all."""
    day = began.astimezone(zone).date()
    while True:
        next_day = moment(midnight(day + timedelta(days=1), zone))
        yield day, start, min(end, next_day)
        if end <= next_day:
            return
        day, start = day + timedelta(days=1), next_day
