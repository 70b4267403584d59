"""A period beside another: the same report asked twice, the rows put beside each other."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Answer, Asker, Column, Kind, Row, Table, Value

YEAR = 365  # days


async def answered(session: AsyncSession, answer: Answer, asker: Asker, asked: Asked) -> Table:
    """What `answer` says; with `before` where the question asks for a comparison."""
    now = await answer(session, asker, asked)
    before = asked.before
    if before is None or not comparable(now):
        return now
    return beside(now, asked, await answer(session, asker, before), before)


def comparable(table: Table) -> bool:
    """Whether rows of another period can stand beside these: those of moments happen once."""
    return all(column.kind is not Kind.MOMENT for column in table.columns)


def beside(now: Table, asked: Asked, then: Table, before: Asked) -> Table:
    """`now` with `before`, row beside row; a row that is only in the other period comes last."""
    if [column.key for column in now.columns] != [column.key for column in then.columns]:
        return now  # what one counts has changed in between
    if now.step:
        asked, before = (msgspec.structs.replace(each, step=now.step) for each in (asked, before))
    left: defaultdict[Hashable, deque[Row]] = defaultdict(deque)
    for row in then.rows:
        left[_key(row, now.columns, before)].append(row)
    rows, old = [], []
    for row in now.rows:
        found = left[_key(row, now.columns, asked)]
        rows.append(row)
        old.append(found.popleft() if found else _nothing(row, now.columns))
    for row in then.rows:
        key = _key(row, now.columns, before)
        if left[key]:
            row = left[key].popleft()
            rows.append(_nothing(row, now.columns, lambda day: _day(_place(day, before), asked)))
            old.append(row)
    return replace(now, rows=rows, before=replace(then, rows=old))


def choices(asked: Asked) -> dict[str, tuple[date, date]]:
    """With what a period is compared most: message id -> first and last day of the other."""
    others = {
        N_("The period before"): asked.since - timedelta(days=asked.days),
        N_("The same days a year ago"): _year_before(asked.since),
    }
    return {name: (day, day + timedelta(days=asked.days - 1)) for name, day in others.items()}


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day - timedelta(days=YEAR)


def _key(row: Row, columns: Sequence[Column], asked: Asked) -> Hashable:
    """What a row is of, the same in both periods: a day by its place in its own."""
    days = tuple(
        _place(value, asked)
        for value, column in zip(row.cells, columns, strict=True)
        if column.kind in (Kind.DAY, Kind.MONTH) and isinstance(value, date)
    )
    if row.key and not days:
        return row.key
    words = tuple(
        value for value, column in zip(row.cells, columns, strict=True) if column.kind is Kind.TEXT
    )
    return (row.key or words, days)


def _place(day: date, asked: Asked) -> int:
    """The how-manieth day, week or month of its period."""
    if asked.step is Step.MONTH:
        return day.year * 12 + day.month - asked.since.year * 12 - asked.since.month
    if asked.step is Step.WEEK:
        return (_monday(day) - _monday(asked.since)).days // 7
    return (day - asked.since).days


def _day(place: int, asked: Asked) -> date:
    """The first day of that piece of the period."""
    since = asked.since
    if not place:
        return since
    if asked.step is Step.MONTH:
        year, month = divmod(since.year * 12 + since.month - 1 + place, 12)
        return date(year, month + 1, 1)
    if asked.step is Step.WEEK:
        return _monday(since) + timedelta(weeks=place)
    return since + timedelta(days=place)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _nothing(
    row: Row, columns: Sequence[Column], moved: Callable[[date], date] = lambda day: day
) -> Row:
    """The same row of a period in which nothing was counted; its days are `moved` there."""
    return Row(
        tuple(
            _empty(value, column.kind, moved)
            for value, column in zip(row.cells, columns, strict=True)
        ),
        is_message=row.is_message,
        key=row.key,
    )


def _empty(value: Value, kind: Kind, moved: Callable[[date], date]) -> Value:
    if kind is Kind.TEXT:
        return value
    if kind in (Kind.DAY, Kind.MONTH):
        return moved(value) if isinstance(value, date) else value
    return 0 if kind is Kind.COUNT else None
