"""Sums up the interactions of days that are over; and anew those in which something changed since.

What a day has is read from the calls and activities themselves until it is summed up (care.sums),
so nothing here is in anybody's way: a call that ends writes nothing but itself. Whoever changes an
interaction later notes it (calls.late).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    Select,
    delete,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.activities.models import Activity
from callcenter.calls.late import YOUNG
from callcenter.calls.models import TALKED, CallRecord, LateChange
from callcenter.calls.summing import bounds, next_month
from callcenter.care import met
from callcenter.care.models import (
    OF_ACTIVITIES,
    OF_CALLS,
    CareDay,
    CareMonth,
    CareSum,
    CareSummed,
    MetDay,
    MetMonth,
)
from callcenter.db import in_turn

OVER = 2 * YOUNG  # a day has been, before it is summed up
AT_ONCE = {"sqlite": 5, "postgresql": 20}  # days in one transaction: SQLite has one writer
NOTES = 5_000
DAY = timedelta(days=1)
KEYS = ("channel", "type_id", "department_id", "user_id")
FIGURES = ("interactions", "timed", "seconds", "shortest", "longest")

Tell = Callable[[date], None]


async def catch_up(
    engine: AsyncEngine, zone: tzinfo, tell: Tell = lambda day: None, now: datetime | None = None
) -> None:
    """Sum up all days that are over, in the order of the calendar, and those that changed."""
    until = ((now or datetime.now(UTC)) - OVER).astimezone(zone).date() - DAY
    async with engine.begin() as connection:
        last = await _summed(connection, zone)
        first = last + DAY if last else await _first_day(connection, zone)
        if first is None or first > until:
            await connection.execute(update(CareSummed).values(until=max(last or until, until)))
    day = first or date.max
    while day <= until:
        end = min(day + AT_ONCE[engine.dialect.name] * DAY - DAY, next_month(day) - DAY, until)
        async with in_turn(engine) as connection:
            last = await _summed(connection, zone)
            if last is None or last < end:  # nobody else has meanwhile
                await _days_anew(connection, zone, _each(day, end), end)
        tell(end)
        day = end + DAY
    while await _changed_anew(engine, zone):
        pass


async def anew(engine: AsyncEngine, zone: tzinfo, tell: Tell = lambda day: None) -> None:
    """Forget all sums and make them again; meanwhile reports ask the interactions themselves."""
    async with engine.begin() as connection:
        await _forget(connection, zone)
    await catch_up(engine, zone, tell)


async def differing(connection: AsyncConnection, day: date, zone: tzinfo) -> int:
    """How many sums of that day are not those of its interactions; 0 where none are kept, or where
    it is known that something changed. All of it must be of one moment."""
    start, end = bounds(day, zone)
    changed = select(LateChange.id).where(LateChange.at >= start, LateChange.at < end)
    there = select(CareSummed.id).where(CareSummed.zone == str(zone), CareSummed.until >= day)
    if await connection.scalar(changed.limit(1)) or not await connection.scalar(there):
        return 0
    expected: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for statement in _of_day(day, zone):
        expected |= _rows(await connection.execute(statement))
    columns = (getattr(CareDay, name) for name in ("day", *KEYS, *FIGURES))
    kept = _rows(await connection.execute(select(*columns).where(CareDay.day == day)))
    wrong = sum(expected.get(key) != kept.get(key) for key in expected | kept)
    return wrong + await met.differing(connection, day, zone)


async def _summed(connection: AsyncConnection, zone: tzinfo) -> date | None:
    """The last day that is summed up. A write first: of two who sum up one waits for the other."""
    await connection.execute(update(CareSummed).values(zone=CareSummed.zone))
    row = (await connection.execute(select(CareSummed.zone, CareSummed.until))).one()
    if row.zone != str(zone):
        await _forget(connection, zone)
        return None
    until: date | None = row.until
    return until


async def _forget(connection: AsyncConnection, zone: tzinfo) -> None:
    await connection.execute(update(CareSummed).values(zone=str(zone), until=None))
    for table in (CareDay, CareMonth, MetDay, MetMonth):
        await connection.execute(delete(table))


async def _first_day(connection: AsyncConnection, zone: tzinfo) -> date | None:
    moments = [
        await connection.scalar(select(func.min(CallRecord.started_at)).where(TALKED)),
        await connection.scalar(select(func.min(Activity.at))),
    ]
    found = [each.astimezone(zone).date() for each in moments if each]
    return min(found, default=None)


async def _changed_anew(engine: AsyncEngine, zone: tzinfo) -> bool:
    """Some of the days that changed, each of them once; whether there may be more."""
    async with in_turn(engine) as connection:
        until = await _summed(connection, zone)
        first = select(LateChange.at).order_by(LateChange.id).limit(NOTES)
        moments = (await connection.scalars(first)).all()
        days = sorted({at.astimezone(zone).date() for at in moments})[
            : AT_ONCE[engine.dialect.name]
        ]
        # All notes of theirs, and before they are summed: what is noted meanwhile stays.
        within = [
            (LateChange.at >= a) & (LateChange.at < z)
            for a, z in (bounds(day, zone) for day in days)
        ]
        await connection.execute(delete(LateChange).where(or_(false(), *within)))
        await _days_anew(connection, zone, [each for each in days if until and each <= until])
    return bool(moments)


async def _days_anew(
    connection: AsyncConnection, zone: tzinfo, days: Iterable[date], until: date | None = None
) -> None:
    months = set()
    for day in days:
        months.add(day.replace(day=1))
        await connection.execute(delete(CareDay).where(CareDay.day == day))
        for statement in _of_day(day, zone):
            names = ["day", *KEYS, *FIGURES]
            await connection.execute(insert(CareDay).from_select(names, statement))
        await met.day_anew(connection, day, zone)
    for month in months:
        await connection.execute(delete(CareMonth).where(CareMonth.month == month))
        names = ["month", *KEYS, *FIGURES]
        await connection.execute(insert(CareMonth).from_select(names, _of_month(month)))
        await met.month_anew(connection, month)
    if until:
        await connection.execute(update(CareSummed).values(until=until))


def _of_day(day: date, zone: tzinfo) -> Iterator[Select[Any]]:
    """The rows of that day, of calls and of activities."""
    start, end = bounds(day, zone)
    none = literal_column("0", Integer)
    for of, type_id, department in (
        (OF_CALLS, none, func.coalesce(OF_CALLS.department_id, 0)),
        (OF_ACTIVITIES, OF_ACTIVITIES.type_id, none),
    ):
        length = of.seconds
        keys = (of.channel, type_id, department, func.coalesce(of.user_id, 0))
        summed = (
            select(literal(day, Date), *keys, func.count(), func.count(length))
            .add_columns(func.coalesce(func.sum(length), 0.0), func.min(length), func.max(length))
            .where(of.at >= start, of.at < end)
            .group_by(*(text(str(place)) for place in range(2, 6)))
        )
        yield summed.where(TALKED) if of is OF_CALLS else summed


def _of_month(month: date) -> Select[Any]:
    keys = [getattr(CareDay, name) for name in KEYS]
    return (
        select(literal(month, Date), *keys, *figures_of(CareDay))
        .where(CareDay.day.between(month, next_month(month) - DAY))
        .group_by(*keys)
    )


def figures_of(table: type[CareSum]) -> list[Any]:
    """Of several rows together, in the order of FIGURES."""
    added = [func.sum(getattr(table, name)) for name in FIGURES[:3]]
    return [*added, func.min(table.shortest), func.max(table.longest)]


def _each(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * DAY


def _rows(found: Iterable[Any]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Seconds to the millisecond: what adding in another order comes to is no difference."""
    keys = 1 + len(KEYS)
    return {
        tuple(row[:keys]): tuple(n if n is None else round(float(n), 3) for n in row[keys:])
        for row in found
    }
