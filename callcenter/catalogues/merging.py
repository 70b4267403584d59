"""Let one item of a list take another's place, wherever that one is used."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls import late
from callcenter.catalogues.items import check_unasked, move_groups
from callcenter.catalogues.lists import Listed
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers.models import Customer, CustomerChange, CustomerGroup
from callcenter.errors import N_, Invalid

# Lists of which one may have several items, a row each, and whose rows these are.
IN_BOTH: Final[Mapping[Catalogue, str]] = {
    Catalogue.CUSTOMER_GROUP: "customer_id",
    Catalogue.SKILL: "user_id",
}


async def merge(
    session: AsyncSession, listed: Listed, gone: CatalogueItem, into: CatalogueItem, user_id: int
) -> None:
    """Everything that uses `gone` uses `into` from here on, and `gone` is deleted.

    Customers' histories tell of it. Does not commit. Raises Invalid and Conflict in words.
    """
    if gone.id == into.id:
        raise Invalid(N_("Choose another item than the one itself."), field="into")
    if listed.catalogue is Catalogue.CUSTOMER_TYPE:
        await move_groups(session, gone, into)
    else:
        if listed.use.change:
            await _note(session, listed, gone, into, user_id)
        await check_unasked(session, listed, gone)
        points = listed.use.points
        if owner := IN_BOTH.get(listed.catalogue):
            await _leave_those_in_both(session, points, points.table.c[owner], gone.id, into.id)
        if listed.catalogue is Catalogue.ACTIVITY_TYPE:
            at, whose = (points.table.c[name] for name in ("at", "customer_id"))
            await late.note_rows(session, at, whose, points == gone.id)
        await session.execute(
            update(listed.use.rows).where(points == gone.id).values({points: into.id})
        )
    await session.execute(delete(CatalogueItem).where(CatalogueItem.id == gone.id))


async def _note(
    session: AsyncSession, listed: Listed, gone: CatalogueItem, into: CatalogueItem, user_id: int
) -> None:
    """What history.note does for one customer, for all that use `gone` in two statements."""
    now, whose = datetime.now(UTC), _who_uses(listed, gone.id)
    await session.execute(
        update(Customer)
        .where(whose)
        .values(version=Customer.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    told = select(
        Customer.id,
        Customer.version,
        literal(user_id),
        literal(now, CustomerChange.__table__.c.at.type),
        literal(listed.use.change),
        literal(gone.name),
        literal(into.name),
    ).where(whose)
    columns = ["customer_id", "version", "user_id", "at", "field", "old", "new"]
    await session.execute(insert(CustomerChange).from_select(columns, told))


def _who_uses(listed: Listed, item_id: int) -> ColumnElement[bool]:
    if listed.catalogue is Catalogue.CUSTOMER_GROUP:
        members = select(CustomerGroup.customer_id).where(CustomerGroup.group_id == item_id)
        return Customer.id.in_(members)
    return listed.use.points == item_id


async def _leave_those_in_both(
    session: AsyncSession, points: Column[int], owner: Column[int], gone: int, into: int
) -> None:
    """Whoever has both items has one row less, so that the other can be written over."""
    there = select(owner).where(points == into)
    await session.execute(delete(points.table).where(points == gone, owner.in_(there)))
