"""Which tables of sums answer a question, and which of their rows: decided here, asked in queries.

The shorter a table, the sooner it is read: whole months come from the sums of months, the days
around them from those of days.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from callcenter.calls.call import Direction
from callcenter.calls.summing import next_month
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker

WITH_CUSTOMERS = (Direction.INBOUND.value, Direction.OUTBOUND.value)
NONE = "-"  # in an address: calls without a queue or a number


class Key(StrEnum):
    """What sums can be asked by; terms.Sum says what stands for each."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    HOUR = "hour"
    WEEKDAY = "weekday"
    USER = "user"
    DEPARTMENT = "department"
    QUEUE = "queue"
    DID = "did"
    DIRECTION = "direction"
    RESULT = "result"


OF_TIME = frozenset({Key.DAY, Key.WEEK, Key.MONTH, Key.HOUR, Key.WEEKDAY})
TIMES = frozenset({"day", "month", "weekday", "hour"})  # columns
COLUMNS: Mapping[Key, str] = {
    Key.USER: "user_id",
    Key.DEPARTMENT: "department_id",
    Key.QUEUE: "queue",
    Key.DID: "did",
    Key.DIRECTION: "direction",
    Key.RESULT: "result",
}


class Filter(NamedTuple):
    """Rows whose column has one of these values, or none of them."""

    column: str
    values: Collection[Any]
    is_one: bool = True


class Piece(NamedTuple):
    """Days of the company that one table answers; whole months where it is one of months."""

    table: str
    since: date
    until: date


class Part(NamedTuple):
    """Of an answer: rows of the pieces, all of them; no piece: no sums know it, ask the calls."""

    pieces: Sequence[Piece]
    filters: Sequence[Filter]

    @property
    def is_of_one(self) -> bool:
        """Of one person only."""
        return any(each.column == "user_id" and len(each.values) == 1 for each in self.filters)


def parts(asker: Asker, asked: Asked, keys: Collection[Key]) -> Iterator[Part]:
    """They count no call twice."""
    filters = _filters(asker, asked)
    for seen in _seen(asker):
        chosen = [*filters, *seen]
        columns = {COLUMNS[key] for key in keys if key not in OF_TIME}
        columns |= {each.column for each in chosen}
        yield Part(list(_pieces(asked, asker.today, set(keys) & OF_TIME, columns)), chosen)


def grouped(table: Sequence[str], keys: Collection[Key]) -> list[str]:
    """The columns to group by, of a table with this primary key: those that the keys need.

    Those of time that stand before them as well: a few rows more, but read in the order in which
    they lie, which takes a quarter of the time of sorting them.
    """
    needed = {COLUMNS[key] for key in keys if key not in OF_TIME}
    times = {str(key) for key in keys if key in OF_TIME}
    if "day" in table:
        needed |= {"hour"} & times
        if times - {"hour"}:
            needed.add("day")
    else:
        needed |= times
    if not needed:
        return []
    first = table[: max(table.index(column) for column in needed) + 1]
    if set(first) - needed <= TIMES | {"department_id"}:
        return list(first)
    return [column for column in table if column in needed]


def _filters(asker: Asker, asked: Asked) -> list[Filter]:
    departments = {each for id in asked.departments for each in (id, *asker.directory.below(id))}
    given: Mapping[str, Iterable[Any]] = {
        "user_id": asked.users,
        "department_id": departments,
        "queue": ("" if each == NONE else each for each in asked.queues),
        "did": ("" if each == NONE else each for each in asked.dids),
        "result": asked.results,
        "direction": [asked.direction] if asked.direction else WITH_CUSTOMERS,
    }
    found = {column: sorted(set(values)) for column, values in given.items()}
    return [Filter(column, values) for column, values in found.items() if values]


def _seen(asker: Asker) -> Iterator[list[Filter]]:
    """What the asker may see, in parts that have no call in common: people.rights.Scope.days.

    A team's is its departments', and what its lead did while in another one.
    """
    scope = asker.scope
    mine, theirs = Filter("user_id", [scope.user_id]), sorted(scope.departments)
    if scope.everything:
        yield []
    elif not theirs:
        yield [mine]
    else:
        yield [Filter("department_id", theirs)]
        yield [mine, Filter("department_id", theirs, is_one=False)]


def _pieces(
    asked: Asked, today: date, times: set[Key], columns: Collection[str]
) -> Iterator[Piece]:
    columns = set(columns) - {"direction"}
    if Key.HOUR in times:
        if not columns <= {"department_id", "queue"}:
            return
        days, months = "queue_hours", "queue_weeks"
        by_month = times <= {Key.HOUR, Key.WEEKDAY, Key.MONTH}
    else:
        days = "queue_days" if columns <= {"department_id", "queue", "result"} else "call_days"
        months = "call_months" if "user_id" in columns else "number_months"
        by_month = times <= {Key.MONTH} and not {"user_id", "did"} <= columns
    whole = _whole_months(asked, today) if by_month else None
    if whole is None:
        yield Piece(days, asked.since, asked.until)
        return
    first, end = whole
    if asked.since < first:
        yield Piece(days, asked.since, first - timedelta(days=1))
    yield Piece(months, first, end - timedelta(days=1))
    if end <= asked.until:
        yield Piece(days, end, asked.until)


def _whole_months(asked: Asked, today: date) -> tuple[date, date] | None:
    """Where the first of them begins and the last is over. There are no calls after today."""
    first = asked.since.replace(day=1)
    if first < asked.since:
        first = next_month(first)
    over = asked.until + timedelta(days=1)
    end = next_month(asked.until) if asked.until >= today else over.replace(day=1)
    return (first, end) if first < end else None
