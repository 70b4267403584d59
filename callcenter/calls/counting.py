"""What an ended call counts as, and where: the sums that reports are made of. Pure.

The terms are defined in `callcenter/sums/__init__.py`; here is how one call adds to them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, tzinfo
from typing import Any, NamedTuple

from .call import Direction, Result
from .rows import Row

SHORT_S = 5.0  # who hangs up sooner has not waited: dialled wrongly, thought better of it


class Figures(NamedTuple):
    """What is summed up: numbers of calls, seconds; the last is no sum but the highest."""

    calls: int = 0
    answered: int = 0
    offered: int = 0
    offered_answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_short: int = 0
    waited_s: float = 0.0
    waited_answered_s: float = 0.0
    waited_abandoned_s: float = 0.0
    talked_s: float = 0.0
    held_s: float = 0.0
    wrapped_s: float = 0.0
    longest_wait_s: float = 0.0


ADDED = Figures._fields[:-1]
LONGEST = Figures._fields[-1]


class Place(NamedTuple):
    """Where an ended call counts, as finely as any sum tells it. 0 and "" mean none."""

    day: date  # the company's, on which it began
    hour: int  # on the company's clock
    user_id: int
    department_id: int
    queue: str
    did: str
    direction: str
    result: str


Key = tuple[Any, ...]
# Each table of sums: what its rows are told apart by, in the order of its primary key. Six, because
# a report of a year must not read what only a report of a day needs: the first two hold it all, the
# others are shorter and in the order in which they are read.
KEYS: Mapping[str, Callable[[Place], Key]] = {
    "call_days": lambda at: (
        *(at.day, at.user_id, at.department_id, at.queue, at.direction, at.result, at.did),
    ),
    "queue_hours": lambda at: (at.day, at.hour, at.direction, at.department_id, at.queue),
    "queue_days": lambda at: (at.day, at.result, at.direction, at.department_id, at.queue),
    "call_months": lambda at: (
        *(at.user_id, at.day.replace(day=1), at.department_id, at.queue, at.direction, at.result),
    ),
    "number_months": lambda at: (
        *(at.day.replace(day=1), at.department_id, at.queue, at.direction, at.result, at.did),
    ),
    "queue_weeks": lambda at: (
        *(at.day.weekday(), at.hour, at.day.replace(day=1)),
        *(at.direction, at.department_id, at.queue),
    ),
}


class Difference(NamedTuple):
    """What a transaction changes. `rows`: table -> rows to add, keys first; `lowered`: the keys
    whose longest wait may be none any more, and how long it was."""

    rows: Mapping[str, list[tuple[Any, ...]]]
    lowered: Mapping[str, list[tuple[Key, float]]]


def place_of(row: Row, zone: tzinfo) -> Place:
    began = row.started_at.astimezone(zone)
    return Place(
        day=began.date(),
        hour=began.hour,
        user_id=row.user_id or 0,
        department_id=row.department_id or 0,
        queue=row.queue or "",
        did=row.did or "",
        direction=row.direction,
        result=row.result or "",
    )


def figures_of(row: Row) -> Figures:
    """Of an ended call."""
    answered = row.result == Result.ANSWERED
    offered = row.direction == Direction.INBOUND and bool(row.queue)
    taken, left = offered and answered, offered and row.result == Result.ABANDONED
    waited_s = row.waited_s
    return Figures(
        1,
        int(answered),
        int(offered),
        int(taken),
        int(taken and row.within_s is not None and waited_s <= row.within_s),
        int(left),
        int(left and waited_s < SHORT_S),
        waited_s,
        waited_s if taken else 0.0,
        waited_s if left else 0.0,
        row.talked_s,
        row.held_s,
        row.wrapped_s,
        waited_s if offered else 0.0,
    )


def difference(changed: Iterable[tuple[Row | None, Row]], zone: tzinfo) -> Difference:
    """What to add to the sums when each row takes the place of the one before it.

    A call that ended before is taken out and put in anew: told twice it counts once, and a late
    correction corrects the sums. In a fixed order, so that two writers never wait for each other.
    """
    places: dict[Place, list[Any]] = {}  # figures, and the longest that was taken out
    for before, after in changed:
        for row, sign in (before, -1), (after, 1):
            if row is not None and row.ended_at is not None:
                _count(places, place_of(row, zone), figures_of(row), sign)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    lowered: dict[str, list[tuple[Key, float]]] = {}
    for table, key_of in KEYS.items():
        found: dict[Key, list[Any]] = {}
        for place, amounts in places.items():
            key = key_of(place)
            if (sums := found.get(key)) is None:
                found[key] = list(amounts)
            else:
                _add(sums, amounts)
        rows[table] = [(*key, *found[key][:-1]) for key in sorted(found) if any(found[key])]
        lowered[table] = [(key, found[key][-1]) for key in sorted(found) if _falls(found[key])]
    return Difference(rows, lowered)


def _count(places: dict[Place, list[Any]], place: Place, figures: Figures, sign: int) -> None:
    *added, longest = figures
    amounts = [sign * amount for amount in added]
    amounts += (longest, 0.0) if sign > 0 else (0.0, longest)
    if (sums := places.get(place)) is None:
        places[place] = amounts
    else:
        _add(sums, amounts)


def _add(sums: list[Any], amounts: list[Any]) -> None:
    for index, amount in enumerate(amounts[:-2]):
        sums[index] += amount
    sums[-2] = max(sums[-2], amounts[-2])
    sums[-1] = max(sums[-1], amounts[-1])


def _falls(sums: list[Any]) -> bool:
    return bool(sums[-1] > sums[-2])
