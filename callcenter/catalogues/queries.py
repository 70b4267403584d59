"""Questions about the catalogues, for forms, lists and imports."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

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
