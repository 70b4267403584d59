"""Sums all ended calls up anew, while calls go on: after a change of zone, or when in doubt."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta, tzinfo

from sqlalchemy import ColumnElement, Table, delete, func, insert, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.calls.models import CallRecord
from callcenter.calls.summing import TABLES, next_month
from callcenter.db import in_turn
from callcenter.sums import raw
from callcenter.sums.expected import FIGURES, OF_DAYS, OF_MONTHS, keys_of, of_day, of_month

DAY = timedelta(days=1)


async def rebuild(
    engine: AsyncEngine, zone: tzinfo, tell: Callable[[date], None] = lambda day: None
) -> int:
    """Sum all ended calls anew by the days of `zone`; how many there are.

    Day by day, each in a transaction of its own, so that whoever ends a call waits for no longer
    than that (`tell` hears of each); a rebuilding that was cut off is begun again.
    """
    async with locked(engine) as connection:
        days = await days_of_calls(connection, zone)
        for table in TABLES.values():
            await connection.execute(delete(table).where(_outside(table, days)))
    count = 0
    for month in months_of(days):
        for day in each_day(max(month, days[0]), min(next_month(month) - DAY, days[-1])):
            async with locked(engine) as connection:
                count += await day_anew(connection, day, zone)
            tell(day)
        async with locked(engine) as connection:
            await month_anew(connection, month)
    return count


async def days_with_calls(engine: AsyncEngine, zone: tzinfo) -> Sequence[date]:
    """The first and the last day on which a call began that has ended; none without calls."""
    async with engine.connect() as connection:
        return await days_of_calls(connection, zone)


async def days_of_calls(connection: AsyncConnection, zone: tzinfo) -> Sequence[date]:
    ends = select(func.min(CallRecord.started_at), func.max(CallRecord.started_at))
    first, last = (await connection.execute(ends.where(raw.ENDED))).one()
    return [] if first is None else [at.astimezone(zone).date() for at in (first, last)]


def months_of(days: Sequence[date]) -> Iterator[date]:
    """The first days of their months."""
    month = days[0].replace(day=1) if days else date.max
    while days and month <= days[-1]:
        yield month
        month = next_month(month)


def each_day(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * DAY


@asynccontextmanager
async def locked(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction in which no call is summed up: whoever ends one waits until it is over."""
    async with in_turn(engine) as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("LOCK TABLE call_days IN EXCLUSIVE MODE"))
        else:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


async def day_anew(connection: AsyncConnection, day: date, zone: tzinfo) -> int:
    """How many calls there are."""
    for name in OF_DAYS:
        table = TABLES[name]
        await connection.execute(delete(table).where(table.c.day == day))
        filled = insert(table).from_select([*keys_of(name), *FIGURES], of_day(name, day, zone))
        await connection.execute(filled)
    days = TABLES["call_days"]
    count = select(func.sum(days.c.calls)).where(days.c.day == day)
    return int(await connection.scalar(count) or 0)


async def month_anew(connection: AsyncConnection, month: date) -> None:
    """From the sums of its days and hours."""
    for name in OF_MONTHS:
        table = TABLES[name]
        await connection.execute(delete(table).where(table.c.month == month))
        filled = insert(table).from_select([*keys_of(name), *FIGURES], of_month(name, month))
        await connection.execute(filled)


def _outside(table: Table, days: Sequence[date]) -> ColumnElement[bool]:
    if not days:
        return true()
    if "month" in table.c:
        first, last = (day.replace(day=1) for day in days)
        return or_(table.c.month < first, table.c.month > last)
    return or_(table.c.day < days[0], table.c.day > days[-1])
