"""Questions about the catalogues, for forms, lists and imports."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.lists import Listed
from callcenter.catalogues.models import Catalogue, CatalogueItem


async def items(
    session: AsyncSession, catalogue: Catalogue, *, put_away: bool = False
) -> Sequence[CatalogueItem]:
    """The items of one list in its order; those put away only when asked for."""
    statement = select(CatalogueItem).where(CatalogueItem.catalogue == catalogue.value)
    if not put_away:
        statement = statement.where(CatalogueItem.active)
    return (
        await session.scalars(statement.order_by(CatalogueItem.position, CatalogueItem.id))
    ).all()


async def uses(session: AsyncSession, listed: Listed) -> dict[int, int]:
    """Item id -> how many rows use it (customers in the bin too); those used by none are left out.

    An item of a million customers takes as long as reading its index.
    """
    points = listed.use.points
    rows = await session.execute(
        select(points, func.count()).where(points.is_not(None)).group_by(points)
    )
    return {item_id: n for item_id, n in rows}


async def uses_of(session: AsyncSession, listed: Listed, item_id: int) -> int:
    """How many rows use that item."""
    points = listed.use.points
    found = await session.scalar(
        select(func.count()).select_from(points.table).where(points == item_id)
    )
    return found or 0
