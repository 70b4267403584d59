"""Writes into the tables of sums what calls.counting says, in somebody's transaction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Table, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.db import Upsert

from .call import Direction
from .counting import ADDED, KEYS, LONGEST, Difference, Key
from .models import (
    CallDay,
    CallMonth,
    CallRecord,
    NumberMonth,
    QueueDay,
    QueueHour,
    QueueWeek,
    Summed,
)

MODELS: Mapping[str, type[Summed]] = {
    model.__tablename__: model
    for model in (CallDay, QueueHour, QueueDay, CallMonth, NumberMonth, QueueWeek)
}
TABLES: Mapping[str, Table] = {
    name: MODELS[name].__table__  # type: ignore[attr-defined]
    for name in KEYS
}
# Where the longest wait of each is looked up again; the first two ask the calls themselves.
FINER: Mapping[str, str] = {
    "queue_days": "call_days",
    "call_months": "call_days",
    "number_months": "call_days",
    "queue_weeks": "queue_hours",
}
QUARTER = timedelta(minutes=15)


class Sums:
    """Of the company's days in `zone`."""

    def __init__(self, dialect: Dialect, zone: tzinfo) -> None:
        self._zone = zone
        self._add = {
            name: Upsert(table, dialect, adding=ADDED, highest=(LONGEST,))
            for name, table in TABLES.items()
        }

    async def add(self, connection: AsyncConnection, difference: Difference) -> None:
        """In the connection's transaction, after the calls themselves are written."""
        for name, upsert in self._add.items():
            await upsert.execute(connection, difference.rows[name])
            for key, was_s in difference.lowered[name]:
                await self._lower(connection, name, key, was_s)

    async def _lower(self, connection: AsyncConnection, name: str, key: Key, was_s: float) -> None:
        """Whoever waited longest there may not count there any more. Rare, and slow."""
        table = TABLES[name]
        wanted = dict(zip((column.name for column in table.primary_key), key, strict=True))
        finer = FINER.get(name)
        longest = self._of_sums(TABLES[finer], wanted) if finer else self._of_calls(wanted)
        await connection.execute(
            update(table)
            .where(*(table.c[column] == value for column, value in wanted.items()))
            .where(table.c[LONGEST] <= was_s)
            .values({LONGEST: func.coalesce(longest, 0.0)})
        )

    def _of_sums(self, table: Table, wanted: Mapping[str, Any]) -> Any:
        month: date | None = wanted.get("month")
        days = []
        if month:
            days = [table.c.day.between(month, next_month(month) - timedelta(days=1))]
        if month and (weekday := wanted.get("weekday")) is not None:
            days = [table.c.day.in_(weekdays(month, weekday))]
        same = [table.c[name] == value for name, value in wanted.items() if name in table.c]
        return select(func.max(table.c[LONGEST])).where(*same, *days).scalar_subquery()

    def _of_calls(self, wanted: Mapping[str, Any]) -> Any:
        since, until = bounds(wanted["day"], self._zone, wanted.get("hour"))
        same: list[ColumnElement[bool]] = []
        for name in ("user_id", "department_id", "queue", "did", "direction", "result"):
            column = getattr(CallRecord, name)
            if wanted.get(name):
                same.append(column == wanted[name])
            elif name in wanted:
                same.append(func.coalesce(column, wanted[name]) == wanted[name])
        offered = and_(
            CallRecord.direction == Direction.INBOUND, func.coalesce(CallRecord.queue, "") != ""
        )
        began = (CallRecord.started_at >= since, CallRecord.started_at < until)
        longest = select(func.max(CallRecord.waited_s)).where(
            CallRecord.ended_at.is_not(None), offered, *began, *same
        )
        return longest.scalar_subquery()


def bounds(day: date, zone: tzinfo, hour: int | None = None) -> tuple[datetime, datetime]:
    """When that day of the company, or that hour on its clock, begins and is over; in UTC.

    Twice the same hour at the end of summer is one of two hours; one that is left out in spring is
    of none. Zones change their clocks by quarters of an hour.
    """
    start, end = (
        datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(1))
    )
    if hour is None:
        return start, end
    quarters = [start + QUARTER * n for n in range(int((end - start) / QUARTER))]
    found = [each for each in quarters if each.astimezone(zone).hour == hour]
    return (found[0], found[-1] + QUARTER) if found else (end, end)


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def weekdays(month: date, weekday: int) -> Sequence[date]:
    """All Mondays (0) of the month, or the like."""
    first = month + timedelta(days=(weekday - month.weekday()) % 7)
    every = (first + timedelta(weeks=n) for n in range(5))
    return [day for day in every if day < next_month(month)]
