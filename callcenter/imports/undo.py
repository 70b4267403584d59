"""An import taken back: its customers are removed, but for those somebody has worked on since."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from callcenter.activities.models import Activity
from callcenter.calls.models import CallRecord
from callcenter.customers.models import (
    Contact,
    Customer,
    CustomerChange,
    CustomerGroup,
    CustomerPhone,
    CustomerShare,
)
from callcenter.documents.models import Document
from callcenter.imports.models import Import, ImportRow, RowState, State
from callcenter.imports.writing import hold
from callcenter.jobs.work import Work
from callcenter.recordings import holds
from callcenter.turns import leave_turn

PIECE: Final = 1_000  # customers of a transaction
NAMED: Final = 50  # of those that stay


async def undo(work: Work) -> dict[str, Any]:
    """The job. Those that stay are counted; the page names them."""
    import_id = int(work.params["import_id"])
    async with work.engine.connect() as connection:
        total = await connection.scalar(
            select(func.count()).select_from(_all(import_id).subquery())
        )
    removed = await take_back(work.engine, import_id, work=work, total=total or 0)
    now = datetime.now(UTC)
    async with work.engine.begin() as connection:
        stays = (total or 0) - removed
        counts = dict(
            await connection.scalar(select(Import.counts).where(Import.id == import_id)) or {}
        )
        counts |= {"removed": counts.get("removed", 0) + removed, "stay": stays}
        await connection.execute(
            update(ImportRow)
            .where(ImportRow.import_id == import_id, ImportRow.state == RowState.OPEN)
            .values(state=RowState.DISCARDED, at=now)
        )
        await connection.execute(
            update(Import)
            .where(Import.id == import_id)
            .values(state=State.UNDONE, undone_at=now, counts=counts)
        )
    work.progress(total or 0, total or 0, removed=removed, stay=stays)
    return {"link": f"/imports/{import_id}"}


async def take_back(
    engine: AsyncEngine,
    import_id: int,
    *,
    everything: bool = False,
    work: Work | None = None,
    total: int = 0,
) -> int:
    """Remove its customers nobody has worked on, some at a time; how many those were.

    `everything`: the import counts as one that has not begun.
    """
    last = removed = 0
    while True:
        if work:
            work.check()
        async with engine.connect() as connection:
            await hold(connection)
            await holds.take_turn(connection)
            if everything:
                await connection.execute(
                    update(Import).where(Import.id == import_id).values(place=0, shared={})
                )
            ids = list(await connection.scalars(_untouched(import_id, last).limit(PIECE)))
            await _remove(connection, ids)
            await connection.commit()
        if not ids:
            return removed
        last, removed = ids[-1], removed + len(ids)
        if work:
            work.progress(removed, total, removed=removed)
        await leave_turn(engine)


async def can_undo(session: AsyncSession, import_id: int) -> tuple[int, int]:
    """How many customers it has brought that are there, and how many would be removed."""
    total = await session.scalar(select(func.count()).select_from(_all(import_id).subquery()))
    fresh = await session.scalar(
        select(func.count()).select_from(_untouched(import_id, 0).subquery())
    )
    return total or 0, fresh or 0


async def worked_on(session: AsyncSession, import_id: int) -> list[tuple[int, str]]:
    """Ids and names of those that would stay; the first NAMED of them."""
    rows = await session.execute(
        select(Customer.id, Customer.name)
        .where(Customer.import_id == import_id, Customer.deleted_at.is_(None), _touched())
        .order_by(Customer.id)
        .limit(NAMED)
    )
    return [(customer_id, name) for customer_id, name in rows]


def _all(import_id: int) -> Select[int]:
    return select(Customer.id).where(Customer.import_id == import_id)


def _untouched(import_id: int, after: int) -> Select[int]:
    mine = _all(import_id).where(Customer.id > after, ~_touched())
    return mine.order_by(Customer.id)


def _touched() -> ColumnElement[bool]:
    """Whether anybody has done anything with the customer since it came in, or holds it by law."""
    pointing = (Activity, Document, Contact, CustomerShare, CallRecord)
    spoken = (
        exists()
        .where(CustomerPhone.customer_id == Customer.id)
        .where(CallRecord.number_key == CustomerPhone.number_key)
        .where(CallRecord.started_at >= Customer.created_at)
    )
    return or_(
        Customer.version > 1,
        Customer.deleted_at.is_not(None),
        spoken,
        Customer.id.in_(holds.customers_on_hold()),
        *(exists().where(each.customer_id == Customer.id) for each in pointing),
    )


async def _remove(connection: AsyncConnection, ids: list[int]) -> None:
    if not ids:
        return
    for table in (CustomerPhone, CustomerGroup, CustomerChange):
        await connection.execute(delete(table).where(table.customer_id.in_(ids)))
    await connection.execute(delete(Customer).where(Customer.id.in_(ids)))
