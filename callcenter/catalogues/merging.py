"""Let one item of a list take another's place, wherever that one is used."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.items import move_groups
from callcenter.catalogues.lists import Listed
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers.models import Customer, CustomerChange, CustomerGroup
from callcenter.errors import N_, Invalid


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
        if listed.catalogue is Catalogue.CUSTOMER_GROUP:
            await _leave_those_in_both(session, gone.id, into.id)
        points = listed.use.points
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


async def _leave_those_in_both(session: AsyncSession, gone: int, into: int) -> None:
    there = select(CustomerGroup.customer_id).where(CustomerGroup.group_id == into)
    await session.execute(
        delete(CustomerGroup)
        .where(CustomerGroup.group_id == gone, CustomerGroup.customer_id.in_(there))
        .execution_options(synchronize_session=False)
    )
