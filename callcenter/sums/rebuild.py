"""Sums all ended calls up anew, while calls go on: after a change of zone, or when in doubt."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta, tzinfo
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.calls.counting import ADDED, LONGEST
from callcenter.calls.models import CallRecord
from callcenter.calls.summing import FINER, TABLES, bounds, next_month, weekdays
from callcenter.sums import raw

FIGURES = (*ADDED, LONGEST)
DAY = timedelta(days=1)
HOURS = range(24)


async def rebuild(engine: AsyncEngine, zone: tzinfo) -> int:
    """Sum all ended calls anew by the days of `zone`; how many there are.

    Day by day, each in a transaction of its own, so that whoever ends a call waits for no longer
    than that; a rebuilding that was cut off is begun again.
    """
    days = await days_with_calls(engine, zone)
    async with locked(engine) as connection:
        for table in TABLES.values():
            await connection.execute(delete(table).where(_outside(table, days)))
    count = 0
    for month in months_of(days):
        for day in _days(max(month, days[0]), min(next_month(month) - DAY, days[-1])):
            async with locked(engine) as connection:
                count += await _day_anew(connection, day, zone)
        async with locked(engine) as connection:
            await _month_anew(connection, month)
    return count


async def days_with_calls(engine: AsyncEngine, zone: tzinfo) -> Sequence[date]:
    """The first and the last day on which a call began that has ended; none without calls."""
    ends = select(func.min(CallRecord.started_at), func.max(CallRecord.started_at))
    async with engine.connect() as connection:
        first, last = (await connection.execute(ends.where(raw.ENDED))).one()
    return [] if first is None else [at.astimezone(zone).date() for at in (first, last)]


def months_of(days: Sequence[date]) -> Iterator[date]:
    """The first days of their months."""
    month = days[0].replace(day=1) if days else date.max
    while days and month <= days[-1]:
        yield month
        month = next_month(month)


@asynccontextmanager
async def locked(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction in which no call is summed up: whoever ends one waits until it is over. On
    SQLite the first thing that is written makes others wait."""
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("LOCK TABLE call_days IN EXCLUSIVE MODE"))
        yield connection


async def _day_anew(connection: AsyncConnection, day: date, zone: tzinfo) -> int:
    """How many calls there are."""
    for name in ("call_days", "queue_hours", "queue_days"):
        table = TABLES[name]
        await connection.execute(delete(table).where(table.c.day == day))
    whole = bounds(day, zone)
    await connection.execute(
        _of_calls("call_days"), {"on": day, "start": whole[0], "end": whole[1]}
    )
    hours = [(hour, *bounds(day, zone, hour)) for hour in HOURS]
    told = [{"on": day, "at": hour, "start": start, "end": end} for hour, start, end in hours]
    await connection.execute(_of_calls("queue_hours"), told)
    table = TABLES["call_days"]
    await connection.execute(_of_sums("queue_days", table.c.day == day, table.c.day))
    count = select(func.sum(table.c.calls)).where(table.c.day == day)
    return int(await connection.scalar(count) or 0)


async def _month_anew(connection: AsyncConnection, month: date) -> None:
    last = next_month(month) - DAY
    for name in ("call_months", "number_months", "queue_weeks"):
        table = TABLES[name]
        await connection.execute(delete(table).where(table.c.month == month))
    here, days = literal(month), TABLES["call_days"].c.day
    for name in ("call_months", "number_months"):
        await connection.execute(_of_sums(name, days.between(month, last), here))
    days = TABLES["queue_hours"].c.day
    for weekday in range(7):
        on_these = days.in_(weekdays(month, weekday))
        await connection.execute(_of_sums("queue_weeks", on_these, here, weekday))


def _of_calls(name: str) -> Any:
    """Fills a table of days by the calls between start and end."""
    table = TABLES[name]
    start = bindparam("start", type_=CallRecord.started_at.type)
    end = bindparam("end", type_=CallRecord.started_at.type)
    told: dict[str, Any] = {"day": bindparam("on", type_=table.c.day.type)}
    if "hour" in table.c:
        told["hour"] = bindparam("at", type_=table.c.hour.type)
    known = {**raw.COLUMNS, **told}
    keys = [known[column.name] for column in table.primary_key]
    sums = select(*keys, *(raw.FIGURES[figure] for figure in FIGURES)).where(
        raw.ENDED, CallRecord.started_at >= start, CallRecord.started_at < end
    )
    return _filled(table, sums, len(told))


def _of_sums(name: str, of: ColumnElement[bool], at: Any, weekday: int = 0) -> Any:
    """Fills a table by the rows of the finer one; `at` is its day or month."""
    table, finer = TABLES[name], TABLES[FINER[name]]
    told = {"day": at, "month": at, "weekday": literal(weekday)}
    keys = [
        told[column.name] if column.name in told else finer.c[column.name]
        for column in table.primary_key
    ]
    added = (func.sum(finer.c[figure]) for figure in ADDED)
    sums = select(*keys, *added, func.max(finer.c[LONGEST])).where(of)
    return _filled(table, sums, None)


def _filled(table: Table, sums: Any, told: int | None) -> Any:
    """Grouped by the keys, by their places: PostgreSQL does not see that two bound values of the
    same name are one. `told` keys come first and are the same for all."""
    keys = [column.name for column in table.primary_key]
    places = [
        place
        for place, name in enumerate(keys, start=1)
        if place > (told or 0) and (told is not None or name not in ("month", "weekday"))
    ]
    grouped = sums.group_by(*(text(str(place)) for place in places))
    columns = [*keys, *FIGURES]
    return insert(table).from_select(columns, grouped, include_defaults=False)


def _outside(table: Table, days: Sequence[date]) -> ColumnElement[bool]:
    if not days:
        return true()
    if "month" in table.c:
        first, last = (day.replace(day=1) for day in days)
        return or_(table.c.month < first, table.c.month > last)
    return or_(table.c.day < days[0], table.c.day > days[-1])


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * DAY
