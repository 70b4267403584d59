"""Which customers somebody had an interaction with, day by day: a bit for each customer.

One row for a day and one for a month, so a year of a million customers is read and put together in
some milliseconds, where asking each customer's interactions takes seconds. Whose files they are now
is no matter of these rows. Written by care.summing, for the days of which it has the other sums.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from callcenter.calls.summing import bounds, next_month
from callcenter.care.models import MetDay, MetMonth
from callcenter.care.narrowing import met

Connection = AsyncConnection | AsyncSession


async def asked(connection: Connection, since: datetime, until: datetime) -> int:
    """Bit n is the customer with id n; of the interactions themselves, until excluded."""
    return bits(await connection.scalars(met(since, until)))


def bits(ids: Iterable[int]) -> int:
    found = bytearray()
    for each in ids:
        place = each >> 3
        if place >= len(found):
            found.extend(bytes(place + 1 - len(found)))
        found[place] |= 1 << (each & 7)
    return int.from_bytes(found, "little")


def together(several: Iterable[bytes]) -> int:
    """Of rows: whoever is in any of them."""
    found = 0
    for each in several:
        found |= int.from_bytes(each, "little")
    return found


async def day_anew(connection: AsyncConnection, day: date, zone: tzinfo) -> None:
    await connection.execute(delete(MetDay).where(MetDay.day == day))
    if found := await asked(connection, *bounds(day, zone)):
        await connection.execute(insert(MetDay).values(day=day, customers=written(found)))


async def month_anew(connection: AsyncConnection, month: date) -> None:
    """From its days, as far as they are there."""
    await connection.execute(delete(MetMonth).where(MetMonth.month == month))
    last = next_month(month) - timedelta(days=1)
    days = select(MetDay.customers).where(MetDay.day.between(month, last))
    if found := together(await connection.scalars(days)):
        await connection.execute(insert(MetMonth).values(month=month, customers=written(found)))


async def differing(connection: AsyncConnection, day: date, zone: tzinfo) -> int:
    """How many customers that day's row is wrong about."""
    kept = await connection.scalars(select(MetDay.customers).where(MetDay.day == day))
    return (together(kept) ^ await asked(connection, *bounds(day, zone))).bit_count()


def flags(found: int) -> bytes:
    """A byte for each customer from id 0: b"1", else b"0"; databases have no bits in common."""
    return f"{found:b}"[::-1].encode()


def written(found: int) -> bytes:
    """As in a row."""
    return found.to_bytes((found.bit_length() + 7) // 8, "little")
