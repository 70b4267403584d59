"""Questions about the catalogues, for forms, lists and imports."""

from collections.abc import Iterable, Sequence

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.catalogues.lists import Listed
from callcenter.catalogues.models import Catalogue, CatalogueItem, Level, Place
from callcenter.customers.search import key_of
from callcenter.db import Base


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


async def queue_asking_for(session: AsyncSession, skill_id: int) -> str | None:
    """The title of a queue that asks for that skill; None: none does."""
    queues, asking = (Base.metadata.tables[name] for name in ("queues", "queue_skills"))
    found: str | None = await session.scalar(
        select(queues.c.title)
        .join(asking, asking.c.queue == queues.c.name)
        .where(asking.c.skill_id == skill_id)
        .limit(1)
    )
    return found


async def places_below(session: AsyncSession, parent_id: int | None) -> list[tuple[Place, int]]:
    """The places straight below that one (None: countries), by name; how many lie below each."""
    under = aliased(Place)
    count = (
        select(func.count()).where(under.parent_id == Place.id).correlate(Place).scalar_subquery()
    )
    rows = await session.execute(
        select(Place, count)
        .where(Place.parent_id.is_not_distinct_from(parent_id))
        .order_by(Place.search_key, Place.id)
    )
    return [(place, n) for place, n in rows]


async def place_path(session: AsyncSession, ids: Iterable[int]) -> dict[int, str]:
    """Place id -> "Phường X, Quận Y, Tỉnh Z", from the lowest up, without the country.

    A country alone is its own name; ids that are no places are left out.
    """
    wanted = set(ids)
    known: dict[int, Place] = {}
    missing = wanted
    while missing:  # a level at a time: at most four
        rows = await session.scalars(select(Place).where(Place.id.in_(missing)))
        known |= {place.id: place for place in rows}
        above = {place.parent_id for place in known.values() if place.parent_id}
        missing = above - known.keys()
    return {each: ", ".join(_names(known, each)) for each in wanted if each in known}


def _names(known: dict[int, Place], place_id: int) -> list[str]:
    names: list[str] = []
    at = known.get(place_id)
    while at is not None:
        if at.parent_id is not None or not names:
            names.append(at.name)
        at = known.get(at.parent_id) if at.parent_id else None
    return names


async def find_places(session: AsyncSession, text: str, limit: int = 20) -> list[tuple[Place, str]]:
    """Places whose name has these words, without accents, and their paths; nearest the top first.

    Words after a comma are of places above: "Tân Định, Hồ Chí Minh".
    """
    first, *above = [key_of(part) for part in text.split(",")]
    if not first:
        return []
    rows = await session.scalars(
        select(Place)
        .where(Place.search_key.contains(first, autoescape=True))
        .order_by(_DEPTH, Place.search_key, Place.id)
        .limit(limit if not any(above) else 200)
    )
    places = list(rows)
    paths = await place_path(session, [place.id for place in places])
    found = [
        (place, paths[place.id])
        for place in places
        if all(word in key_of(paths[place.id]) for word in above)
    ]
    return found[:limit]


_DEPTH = case({level.value: depth for depth, level in enumerate(Level)}, value=Place.level)
