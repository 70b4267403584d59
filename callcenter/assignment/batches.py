"""Something done with many customers: laid down row by row first, carried out in pieces, undoable.

All is done by the database itself, a statement for thousands of rows. Each piece is a transaction
of its own, so that calls and other people get their turn between two; whoever dies half way leaves
whole customers, some changed and some not, and rows that say which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from callcenter.assignment.models import Batch, BatchRow
from callcenter.customers.models import Customer, CustomerChange
from callcenter.db import Sessions
from callcenter.errors import N_, Missing

PIECE: Final = 5_000  # rows of a transaction
KEPT: Final = timedelta(days=1)  # for so long a batch can be undone


_COPIED: Final[Mapping[str, Any]] = {  # column of BatchRow -> what it was before
    "customer_id": Customer.id,
    "version": Customer.version,
    "owner_id": Customer.owner_id,
    "department_id": Customer.department_id,
    "assigned_at": Customer.assigned_at,
}


class Kind(StrEnum):
    GIVEN = "given"
    STATUS = "status"
    SHARED = "shared"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the history, worked out by the database before the change is made."""

    field: str
    old: Any
    new: Any
    where: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`values` are set in those rows of a batch for which `wanted` holds; the others stay.

    `notes` may use the tables of `joins` besides Customer and BatchRow. `also` makes a statement
    more out of the condition that finds the rows.
    """

    values: Mapping[str, Any]
    wanted: ColumnElement[bool]
    notes: Sequence[Note]
    joins: Sequence[tuple[Any, ColumnElement[bool]]] = ()
    also: Callable[[ColumnElement[bool]], Executable] | None = None


async def lay_down(
    session: AsyncSession, kind: Kind, chosen: Select[int], user_id: int, asked: int | None = None
) -> Batch:
    """A new batch of the customers that `chosen` finds, in the order of the lists; uncommitted.

    `chosen` selects Customer.id, narrowed to what its maker may change already. `asked` is how many
    were selected, when that may be more. Batches whose time is over go.
    """
    now = datetime.now(UTC)
    await session.execute(delete(BatchRow).where(BatchRow.batch_id.in_(_old(now))))
    batch = Batch(kind=kind.value, user_id=user_id, at=now)
    session.add(batch)
    await session.flush()
    place = func.row_number().over(order_by=(Customer.search_key, Customer.id)) - 1
    await session.execute(
        insert(BatchRow).from_select(
            ["batch_id", "place", *_COPIED],
            select(literal(batch.id), place, *_COPIED.values()).where(Customer.id.in_(chosen)),
        )
    )
    batch.allowed = (
        await session.scalar(
            select(func.count()).select_from(BatchRow).where(BatchRow.batch_id == batch.id)
        )
        or 0
    )
    batch.asked = max(batch.allowed, asked or 0)
    return batch


async def carry_out(
    sessions: Sessions,
    batch: Batch,
    change: Change,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Make the change, piece by piece, each committed; how many customers were changed.

    `progress` is told how many have been gone through before each piece; what it raises ends it.
    """
    for first in range(0, batch.allowed, PIECE):
        progress(first)
        piece = and_(BatchRow.place >= first, BatchRow.place < first + PIECE)
        async with sessions() as session:
            batch.done += await _piece(session, batch, piece, change)
            await session.execute(update(Batch).where(Batch.id == batch.id).values(done=batch.done))
            await session.commit()
    return batch.done


async def one_batch(session: AsyncSession, user_id: int, batch_id: int) -> Batch:
    """Somebody's own batch; raises Missing."""
    batch = await session.get(Batch, batch_id)
    if batch is None or batch.user_id != user_id:
        raise Missing(N_("There is nothing to take back any more."))
    return batch


async def _piece(
    session: AsyncSession, batch: Batch, piece: ColumnElement[bool], change: Change
) -> int:
    here = and_(
        BatchRow.batch_id == batch.id,
        BatchRow.customer_id == Customer.id,
        piece,
        Customer.deleted_at.is_(None),
        change.wanted,
    )
    now = datetime.now(UTC)
    for note in change.notes:
        found = select(
            Customer.id,
            Customer.version + 1,
            literal(batch.user_id),
            literal(now, Customer.updated_at.type),
            literal(note.field),
            note.old,
            note.new,
        ).join(BatchRow, BatchRow.customer_id == Customer.id)
        for table, on in change.joins:
            found = found.outerjoin(table, on)
        conditions = [here] if note.where is None else [here, note.where]
        await session.execute(
            insert(CustomerChange).from_select(
                ["customer_id", "version", "user_id", "at", "field", "old", "new"],
                found.where(*conditions),
            )
        )
    done = await session.execute(
        update(Customer)
        .where(here)
        .values(version=Customer.version + 1, updated_at=now, **change.values)
        .execution_options(synchronize_session=False)
    )
    if change.also:
        await session.execute(change.also(here))
    return int(getattr(done, "rowcount", 0))


def _old(now: datetime) -> Select[int]:
    return select(Batch.id).where(Batch.at < now - KEPT)


def differs(*pairs: tuple[Any, Any]) -> ColumnElement[bool]:
    """Whether any of the pairs are not the same; nothing is the same as nothing."""
    return or_(*(one.is_distinct_from(other) for one, other in pairs))
