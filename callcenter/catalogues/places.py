"""Change the tree of places [2.22]: add below, rename, delete what nobody uses.

Since Vietnam's reform of 2025 a ward may lie straight below its province. Nothing here commits.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.items import LONGEST_NAME, same
from callcenter.catalogues.models import Level, Place
from callcenter.customers.models import Customer
from callcenter.customers.search import key_of
from callcenter.errors import N_, Conflict, Invalid, Missing, N_n

LONGEST_CODE = 32
BELOW: Final[Mapping[Level | None, tuple[Level, ...]]] = {  # what may lie below each level
    None: (Level.COUNTRY,),
    Level.COUNTRY: (Level.PROVINCE,),
    Level.PROVINCE: (Level.DISTRICT, Level.WARD),
    Level.DISTRICT: (Level.WARD,),
    Level.WARD: (),
}
LEVELS: Final[Mapping[Level, str]] = {
    Level.COUNTRY: N_("Country"),
    Level.PROVINCE: N_("Province or city"),
    Level.DISTRICT: N_("District"),
    Level.WARD: N_("Ward"),
}


def tidy(text: str) -> str:
    """A name or code as it is kept: one line, in composed letters."""
    return " ".join(unicodedata.normalize("NFC", text).replace("\0", "").split())


async def one(session: AsyncSession, place_id: int) -> Place:
    """Raises Missing."""
    place = await session.get(Place, place_id)
    if place is None:
        raise Missing(N_("There is no such place."))
    return place


async def add(
    session: AsyncSession, parent: Place | None, level: str, name: str, code: str = ""
) -> Place:
    """The new place below `parent`. Raises Invalid and Conflict in words."""
    place = Place(parent_id=parent.id if parent else None, level=level)
    if level not in BELOW[Level(parent.level) if parent else None]:
        raise Invalid(N_("This level does not lie below that one."), field="level")
    await change(session, place, name, code)
    session.add(place)
    await session.flush()
    return place


async def change(session: AsyncSession, place: Place, name: str, code: str) -> None:
    """Rename it, give it a code. Raises Invalid and Conflict in words."""
    name, code = tidy(name), tidy(code)
    if not name:
        raise Invalid(N_("Enter a name."), field="name")
    for field, text, longest in (("name", name, LONGEST_NAME), ("code", code, LONGEST_CODE)):
        if len(text) > longest:
            raise Invalid(N_("Too long: {n} letters at most."), field=field, n=longest)
    beside = select(Place).where(Place.parent_id.is_not_distinct_from(place.parent_id))
    for other in await session.scalars(beside):
        if other.id != place.id and same(other.name) == same(name):
            raise Conflict(N_("“{name}” is there already."), field="name", name=name)
    place.name, place.code, place.search_key = name, code, key_of(name)


async def remove(session: AsyncSession, place: Place) -> None:
    """Raises Conflict while customers live there or places lie below."""
    below = await session.scalar(
        select(func.count()).select_from(Place).where(Place.parent_id == place.id)
    )
    if below:
        sentence = N_n(
            "{n} place lies below “{name}”: delete it first.",
            "{n} places lie below “{name}”: delete these first.",
            below,
        )
        raise Conflict(sentence, name=place.name, n=below)
    used = await session.scalar(
        select(func.count()).select_from(Customer).where(Customer.place_id == place.id)
    )
    if used:
        sentence = N_n(
            "“{name}” is the place of {n} customer.",
            "“{name}” is the place of {n} customers.",
            used,
        )
        raise Conflict(sentence, name=place.name, n=used)
    await session.delete(place)
