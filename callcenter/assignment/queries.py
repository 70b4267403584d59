"""Giving customers to people and departments, many at once, and taking that back [4.1, 2.14].

These commit by themselves. Whoever calls forgets the cards of the numbers afterwards.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    any_,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.assignment.batches import (
    KEPT,
    Kind,
    carry_out,
    differs,
    lay_down,
    one_batch,
)
from callcenter.assignment.changes import change_of, taken_back
from callcenter.assignment.mechanisms import Shares
from callcenter.assignment.models import Batch, BatchRow
from callcenter.customers.models import Customer
from callcenter.db import Sessions
from callcenter.errors import N_, Conflict
from callcenter.settings.queries import keep_value, value

LAST = "in_turn_last"  # row of `settings`: who received the last customer in turn


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person, with the department they work in; or a department alone, to decide later."""

    user_id: int | None
    department_id: int | None


Share = Callable[[int], Shares[Receiver]]  # how many there are -> who gets which places


async def prepare(
    sessions: Sessions,
    chosen: Select[int],
    share: Share,
    by_user_id: int,
    asked: int | None = None,
) -> Batch:
    """Lay down who is to receive the customers of `chosen`; nothing has changed yet.

    `chosen` selects Customer.id, narrowed to what may be given.
    """
    async with sessions() as session:
        batch = await lay_down(session, Kind.GIVEN, chosen, by_user_id, asked)
        shares = await shared_out(share, batch.allowed)
        for receiver, places in shares.of.items():
            if places:
                await session.execute(
                    update(BatchRow)
                    .where(BatchRow.batch_id == batch.id, _among(session, places))
                    .values(to_owner_id=receiver.user_id, to_department_id=receiver.department_id)
                    .execution_options(synchronize_session=False)
                )
        await session.commit()
    return batch


async def shared_out(share: Share, n: int) -> Shares[Receiver]:
    """In a thread: 100,000 rows would hold up everybody else."""
    return await asyncio.to_thread(share, n)


async def give(
    sessions: Sessions,
    chosen: Select[int],
    share: Share,
    by_user_id: int,
    asked: int | None = None,
) -> Batch:
    """Give the customers of `chosen` (Customer.id, narrowed to what may be given) as `share` says.

    Who has the customer already keeps it unchanged. The batch says how many were changed, and can
    be undone.
    """
    batch = await prepare(sessions, chosen, share, by_user_id, asked)
    await carry_out(sessions, batch, change_of(Kind.GIVEN, {}))
    return batch


async def undo(sessions: Sessions, user_id: int, batch_id: int) -> tuple[Batch, int]:
    """Take one's own gift back; how many customers are as they were again.

    Whatever was changed since then stays as it is now. Raises Missing, or Conflict when it is too
    late, or was done already.
    """
    async with sessions() as session:
        batch = await one_batch(session, user_id, batch_id)
        late = batch.at < datetime.now(UTC) - KEPT
        if batch.kind != Kind.GIVEN or late or batch.undone_at:
            raise Conflict(N_("There is nothing to take back any more."))
        batch.undone_at = datetime.now(UTC)
        await session.commit()
    given, batch.done = batch.done, 0
    untouched = and_(
        Customer.version == BatchRow.version + 1,
        Customer.owner_id.is_not_distinct_from(BatchRow.to_owner_id),
        Customer.department_id.is_not_distinct_from(BatchRow.to_department_id),
    )
    back = await carry_out(sessions, batch, taken_back(untouched))
    batch.done = given
    return batch, back


async def received(session: AsyncSession, batch: Batch) -> dict[int, int]:
    """How many customers each person has been given in it; who had them before counts not."""
    new = differs((BatchRow.owner_id, BatchRow.to_owner_id))
    rows = await session.execute(
        select(BatchRow.to_owner_id, func.count())
        .where(BatchRow.batch_id == batch.id, BatchRow.to_owner_id.is_not(None), new)
        .group_by(BatchRow.to_owner_id)
    )
    return {user_id: n for user_id, n in rows if user_id is not None}


async def loads(session: AsyncSession, user_ids: Iterable[int]) -> dict[int, int]:
    """How many customers each of them has now."""
    rows = await session.execute(
        select(Customer.owner_id, func.count())
        .where(Customer.owner_id.in_(list(user_ids)), Customer.deleted_at.is_(None))
        .group_by(Customer.owner_id)
    )
    return {user_id: n for user_id, n in rows if user_id is not None}


async def last_in_turn(session: AsyncSession) -> int | None:
    """Who received the last customer that was given in turn."""
    text = await value(session, LAST)
    return int(text) if text.isdigit() else None


async def keep_last_in_turn(session: AsyncSession, user_id: int) -> None:
    """The next round begins behind them. The caller commits."""
    await keep_value(session, LAST, str(user_id))


def _among(session: AsyncSession, places: Sequence[int]) -> ColumnElement[bool]:
    """Whether BatchRow.place is one of many thousands, in a single parameter."""
    if places[-1] - places[0] + 1 == len(places):
        return BatchRow.place.between(places[0], places[-1])
    if session.get_bind().dialect.name == "sqlite":
        every = func.json_each(msgspec.json.encode(places).decode()).table_valued("value")
        return BatchRow.place.in_(select(every.c.value))
    return BatchRow.place == any_(literal(list(places), ARRAY(Integer)))
