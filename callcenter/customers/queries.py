"""Questions about customers. Changing them is in customers.saving."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.customers.finding import finds, ids_of
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.errors import N_, Missing
from callcenter.keyset import Cut, count, cut
from callcenter.people.models import User
from callcenter.people.rights import Scope

SORTS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "name": (Customer.search_key, Customer.id),
    "code": (Customer.code, Customer.id),
    "created": (Customer.created_at, Customer.id),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilters:
    """Empty values do not filter. `text`: words of a name or company, any digits, a code."""

    text: str = ""
    assigned: bool | None = None
    owner_id: int | None = None


async def customers_cut(
    session: AsyncSession,
    scope: Scope,
    filters: CustomerFilters,
    *,
    sort: str = "name",
    descending: bool = False,
    cursor: str = "",
    limit: int = 50,
) -> Cut[tuple[Customer, str | None]]:
    """Customers and their owners' names. `sort` is one of SORTS; anything else is by name."""
    statement = select(Customer, User.name).outerjoin(User, User.id == Customer.owner_id)
    columns = SORTS.get(sort, SORTS["name"])
    wanted = await _narrowed(session, scope, filters)
    narrowed = scope.customers(statement.where(*wanted), walked=True)
    return await cut(session, narrowed, columns, descending=descending, cursor=cursor, limit=limit)


async def customers_count(session: AsyncSession, scope: Scope, filters: CustomerFilters) -> int:
    """How many those are, counted up to keyset.MOST + 1."""
    wanted = await _narrowed(session, scope, filters, whole=True)
    walked = bool(filters.text.strip()) and not scope.is_own
    ids = select(Customer.id).where(*wanted)
    return await count(session, scope.customers(ids, walked=walked))


async def one_customer(session: AsyncSession, scope: Scope, customer_id: int) -> Customer:
    """Raises Missing when there is none, or none that may be seen."""
    found: Customer | None = await session.scalar(
        scope.one_customer(select(Customer).where(Customer.id == customer_id))
    )
    if found is None:
        raise Missing(N_("There is no such customer."))
    return found


async def phones(
    session: AsyncSession, customer_ids: Iterable[int]
) -> dict[int, list[CustomerPhone]]:
    """Each customer's own numbers (not their contacts'), the one that is called first."""
    rows = await session.scalars(
        select(CustomerPhone)
        .where(CustomerPhone.customer_id.in_(list(customer_ids)))
        .where(CustomerPhone.contact_id.is_(None))
        .order_by(CustomerPhone.customer_id, CustomerPhone.position, CustomerPhone.id)
    )
    found: dict[int, list[CustomerPhone]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
    return found


def named(text: str) -> Select[int]:
    """The ids of those whose name, company or contact has all words of `text`, accents or not."""
    return ids_of(text, only_names=True)


async def of_ids(session: AsyncSession, customer_ids: Iterable[int]) -> dict[int, Customer]:
    """Whatever the rights: a name beside a call that one may see."""
    rows = await session.scalars(select(Customer).where(Customer.id.in_(set(customer_ids))))
    return {row.id: row for row in rows}


async def of_numbers(session: AsyncSession, number_keys: Iterable[str]) -> dict[str, Customer]:
    """Who has these numbers now; of several, who has it as first number, then the oldest."""
    rows = await session.execute(
        select(CustomerPhone.number_key, Customer)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(Customer.deleted_at.is_(None))
        .where(CustomerPhone.number_key.in_({key for key in number_keys if key}))
        .order_by(CustomerPhone.position.desc(), Customer.id.desc())
    )
    return {key: customer for key, customer in rows}


def conditions(filters: CustomerFilters) -> list[ColumnElement[bool]]:
    """For a WHERE over Customer; they do not narrow to what somebody may see."""
    wanted: list[ColumnElement[bool]] = []
    if filters.assigned is not None:
        owned = Customer.owner_id.is_not(None)
        wanted.append(owned if filters.assigned else ~owned)
    if filters.owner_id is not None:
        wanted.append(Customer.owner_id == filters.owner_id)
    if filters.text.strip():
        wanted.append(Customer.id.in_(ids_of(filters.text)))
    return wanted


async def _narrowed(
    session: AsyncSession, scope: Scope, filters: CustomerFilters, *, whole: bool = False
) -> list[ColumnElement[bool]]:
    """conditions(filters), with the quicker way for a text: a list has an order to walk in."""
    found = conditions(replace(filters, text=""))
    if filters.text.strip():
        text = await finds(session, scope, filters.text)
        found.append(text.whole if whole else text.page)
    return found
