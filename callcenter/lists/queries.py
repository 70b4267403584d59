"""Questions of the lists: a page of rows with what stands beside them, counts, last contacts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.calls.models import CallRecord
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers.models import Customer
from callcenter.keyset import Cut
from callcenter.people.models import User
from callcenter.people.rights import Scope

BESIDE: Final = (  # the catalogues that stand beside customers in lists
    Catalogue.STATUS,
    Catalogue.SOURCE,
    Catalogue.PROJECT,
    Catalogue.CUSTOMER_TYPE,
    Catalogue.CUSTOMER_GROUP,
)

FEW: Final = 2_000  # customers who are sooner collected and sorted than met on a walk

DOTS: Final = frozenset({"ok", "warn", "bad", "acc", "2", "3", "0"})
NO_DOT: Final = "0"

Conditions = Sequence[ColumnElement[bool]]

# By name of a column (lists.columns). None may be NULL: see keyset.
SORTS: Final[dict[str, tuple[Any, ...]]] = {
    "name": (Customer.search_key, Customer.id),
    "code": (Customer.code, Customer.id),
    "created": (Customer.created_at, Customer.id),
    "status": (Customer.status_at, Customer.id),
}


async def page(
    session: AsyncSession,
    scope: Scope,
    conditions: Conditions,
    *,
    sort: str = "name",
    descending: bool = False,
    cursor: str = "",
    limit: int = 50,
    unassigned: bool = False,
    walked: bool = True,
) -> Cut[tuple[Customer, str | None]]:
    """Customers and their owners' names; a sort that is none is by name.

    `unassigned`: those who have no owner. `walked`: in the order of the sort until the page is
    full, instead of collecting first all that there are.
    """
    statement = select(Customer, User.name).outerjoin(User, User.id == Customer.owner_id)
    columns = SORTS.get(sort, SORTS["name"])
    narrow = scope.unassigned if unassigned else scope.customers
    narrowed = narrow(statement.where(*conditions), walked=walked)
    return await keyset.cut(
        session, narrowed, columns, descending=descending, cursor=cursor, limit=limit
    )


async def count(
    session: AsyncSession,
    scope: Scope,
    conditions: Conditions,
    *,
    unassigned: bool = False,
    walked: bool = False,
) -> int:
    """How many those are, counted up to keyset.MOST + 1. `walked`: the conditions leave few."""
    narrow = scope.unassigned if unassigned else scope.customers
    ids = select(Customer.id).where(*conditions)
    return await keyset.count(session, narrow(ids, walked=walked))


async def whole_count(session: AsyncSession, chosen: Select[Any]) -> int:
    """How many rows it has, however many: for what is about to be done with all of them."""
    return await session.scalar(select(func.count()).select_from(chosen.subquery())) or 0


async def last_contacts(session: AsyncSession, customer_ids: Iterable[int]) -> dict[int, datetime]:
    """When somebody last talked with each of them on the phone."""
    rows = await session.execute(
        select(CallRecord.customer_id, func.max(CallRecord.started_at))
        .where(CallRecord.customer_id.in_(list(customer_ids)))
        .where(CallRecord.answered_at.is_not(None))
        .group_by(CallRecord.customer_id)
    )
    return {customer_id: at for customer_id, at in rows if customer_id is not None}


def dot(colour: str) -> str:
    return colour if colour in DOTS else NO_DOT


class Item(NamedTuple):
    """An item of a catalogue, as lists need it: dozens are read for each page."""

    id: int
    catalogue: str
    name: str
    code: str
    colour: str
    parent_id: int | None
    active: bool

    @property
    def dot(self) -> str:
        """The class of a status's dot: one of the design's k-…."""
        return dot(self.colour)


async def items(session: AsyncSession) -> list[Item]:
    """Statuses, sources, projects, types and groups, each in its order; those put away too."""
    found = await session.execute(
        select(
            CatalogueItem.id,
            CatalogueItem.catalogue,
            CatalogueItem.name,
            CatalogueItem.code,
            CatalogueItem.colour,
            CatalogueItem.parent_id,
            CatalogueItem.active,
        )
        .where(CatalogueItem.catalogue.in_([each.value for each in BESIDE]))
        .order_by(CatalogueItem.catalogue, CatalogueItem.position, CatalogueItem.id)
    )
    return [Item(*row) for row in found]
