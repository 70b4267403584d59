"""Whose file each customer's is and since when, as numbers side by side.

A million of them are read and counted in some milliseconds, where a database that looks at each row
takes a quarter of a second. The database notes itself which files changed hands, came or went
(migrations.noting), so what is written here may be old: whoever asks reads those files anew.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Float,
    and_,
    case,
    cast,
    delete,
    extract,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from callcenter.care.models import OwnerChange, OwnerPart, OwnersKept
from callcenter.customers.models import Customer
from callcenter.db import in_turn, steadily

PART: Final = 2048  # customers with ids one after the other; read in a few milliseconds
MANY: Final = 5000  # files that changed: beyond, the database counts all of them as quickly
ROUND_S: Final = 300.0
QUARTER_S: Final = 900  # no day of any zone begins within one

Numbers = NDArray[np.int32]
Rows = Iterable[Sequence[Any]]


class Owned(NamedTuple):
    """By customers' ids. `whose`: twice the owner's id, and one more where they made the file; 0:
    nobody's, in the bin, or there is none. `came`: in which quarter of an hour since 1970 its owner
    got it; empty where it was not asked for."""

    whose: Numbers
    came: Numbers

    def places(self, people: Sequence[int]) -> Numbers:
        """Of their owners among these people, from 1 on; 0 for everybody else."""
        found = np.zeros(2 * max(people, default=0) + 3, np.int32)
        for place, user_id in enumerate(people, 1):
            found[2 * user_id : 2 * user_id + 2] = place
        return found.take(self.whose, mode="clip")  # the last one is nobody


_IS_THERE = and_(Customer.deleted_at.is_(None), Customer.owner_id.is_not(None))
_IS_OWN = case((Customer.created_by == Customer.owner_id, 1), else_=0)
_FACTS = (  # of Customer: id, what `whose` says, seconds since 1970
    Customer.id,
    case((_IS_THERE, Customer.owner_id * 2 + _IS_OWN), else_=0),
    func.coalesce(cast(extract("epoch", Customer.assigned_at), Float), 0.0),
)


async def now(session: AsyncSession, *, came: bool = False) -> Owned | None:
    """As it is at this moment; None where too many files changed since they were written down."""
    until = await session.scalar(select(OwnersKept.until)) or 0
    # Before the parts are read: one that is written anew meanwhile is right about these as well.
    noted = (await session.scalars(select(OwnerChange.customer_id).limit(MANY + 1))).all()
    new = select(*_FACTS).where(Customer.id > until).order_by(Customer.id).limit(MANY + 1)
    changed = list(await session.execute(new))
    if max(len(noted), len(changed)) > MANY:
        return None
    if noted:
        changed += await session.execute(select(*_FACTS).where(Customer.id.in_(set(noted))))
    columns = (OwnerPart.whose, OwnerPart.came)[: 1 + came]
    parts = (await session.execute(select(*columns).order_by(OwnerPart.number))).all()
    if len(parts) * PART < until:  # forgotten meanwhile
        return None
    gone = [(each, 0, 0) for each in noted]  # unless they are among the others
    return await asyncio.to_thread(_together, parts, [*gone, *changed])


async def keep(engine: AsyncEngine) -> None:
    """Write down what changed, again and again.

    Of new customers those up to the last one of the round before: with PostgreSQL one with a lower
    id may still be on its way, but not for a whole round.
    """
    settled = 0
    while True:
        last = await steadily(lambda: _last(engine), "whose files these are")
        await steadily(lambda: catch_up(engine, settled), "whose files these are")  # noqa: B023
        settled = last
        await asyncio.sleep(ROUND_S)


async def catch_up(engine: AsyncEngine, settled: int) -> None:
    """Write anew what is noted as changed, and what is new up to the customer with that id."""
    while await _is_behind(engine, settled):
        async with in_turn(engine) as connection:
            await _part_anew(connection, settled)


async def forget(engine: AsyncEngine) -> None:
    """Until `keep` has written all of it again, the database counts."""
    async with engine.begin() as connection:
        await connection.execute(update(OwnersKept).values(until=0))
        await connection.execute(delete(OwnerPart))


async def differing(connection: AsyncConnection) -> int:
    """About how many customers it is wrong who are not noted as changed. All of it must be of one
    moment."""
    found = 0
    until = await connection.scalar(select(OwnersKept.until)) or 0
    numbers = await connection.scalars(select(OwnerPart.number))
    for number in numbers.all():
        part = select(OwnerPart.whose, OwnerPart.came).where(OwnerPart.number == number)
        kept = _together((await connection.execute(part)).all(), [])
        there = await _part(connection, number)
        wrong = (kept.whose != there.whose) | (kept.came != there.came)
        noted = await connection.scalars(
            select(OwnerChange.customer_id).where(_within(OwnerChange.customer_id, number))
        )
        wrong[[each - number * PART for each in noted]] = False
        found += int(np.count_nonzero(wrong[: max(0, until + 1 - number * PART)]))
    return found


def _together(parts: Sequence[Sequence[bytes]], changed: Rows) -> Owned:
    """The columns of the parts, from the first one on, and what has changed since."""
    columns = [np.frombuffer(b"".join(each), "<i4") for each in zip(*parts, strict=True)]
    return _written_over(columns or [np.zeros(0, np.int32)] * 2, 0, changed)


def _written_over(columns: Sequence[Numbers], first: int, rows: Rows) -> Owned:
    """`rows` over them; `first` is the id with which they begin."""
    table = np.array([tuple(row) for row in rows], np.float64).reshape(-1, 3)
    places = table[:, 0].astype(np.int64) - first
    size = max(len(columns[0]), places.max(initial=-1) + 1)
    found = [np.zeros(size, np.int32) for _ in range(2)]
    values = table[:, 1], table[:, 2] // QUARTER_S
    for column, known, new in zip(found, columns, values, strict=False):
        column[: len(known)] = known
        column[places] = new
    return Owned(*found)


async def _last(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.max(Customer.id))) or 0


async def _is_behind(engine: AsyncEngine, settled: int) -> bool:
    async with engine.connect() as connection:
        until = await connection.scalar(select(OwnersKept.until)) or 0
        last = await connection.scalar(select(func.max(Customer.id))) or 0
        noted = await connection.scalar(select(OwnerChange.id).limit(1))
    return noted is not None or until < min(last, settled)


async def _part_anew(connection: AsyncConnection, settled: int) -> None:
    """One that changed, or else the next one."""
    # A write first: of two that write parts one waits for the other.
    await connection.execute(update(OwnersKept).values(until=OwnersKept.until))
    until = await connection.scalar(select(OwnersKept.until)) or 0
    last = await connection.scalar(select(func.max(OwnerPart.number)))
    there = 0 if last is None else (last + 1) * PART
    await connection.execute(delete(OwnerChange).where(OwnerChange.customer_id >= there))
    first = await connection.scalar(select(func.min(OwnerChange.customer_id)))
    number = (until + 1 if first is None else first) // PART
    # Before the files are read: what is noted meanwhile stays.
    await connection.execute(delete(OwnerChange).where(_within(OwnerChange.customer_id, number)))
    part = await _part(connection, number)
    await connection.execute(delete(OwnerPart).where(OwnerPart.number == number))
    written = {"whose": part.whose.tobytes(), "came": part.came.tobytes()}
    await connection.execute(insert(OwnerPart).values(number=number, **written))
    if first is None:
        until = max(until, min(settled, number * PART + PART - 1))
    # Ids of the last customers may be given anew once they are gone.
    highest = await connection.scalar(select(func.max(Customer.id))) or 0
    await connection.execute(update(OwnersKept).values(until=min(until, highest)))


async def _part(connection: AsyncConnection, number: int) -> Owned:
    rows = await connection.execute(select(*_FACTS).where(_within(Customer.id, number)))
    return _written_over([np.zeros(PART, np.int32)] * 2, number * PART, rows)


def _within(customer_id: Any, number: int) -> ColumnElement[bool]:
    found: ColumnElement[bool] = customer_id.between(number * PART, number * PART + PART - 1)
    return found
