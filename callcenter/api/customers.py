"""Customers: finding them, one of them, and a new one."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.api.parties import names_of, person_ref
from callcenter.api.table import table
from callcenter.api.types import (
    CustomerFilter,
    CustomerItem,
    CustomerPage,
    NewCustomer,
    Phone,
)
from callcenter.customers import queries, saving
from callcenter.customers.forms import tidy
from callcenter.customers.models import Customer
from callcenter.customers.numbers import shown
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.keys import CARDS, DIRECTORY, SESSIONS
from callcenter.people.models import Role
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in


@table.endpoint(
    "GET",
    "/customers",
    "Customers by name",
    CustomerPage,
    query=CustomerFilter,
    needs=Permission.CUSTOMERS,
)
async def list_customers(request: web.Request, query: CustomerFilter) -> CustomerPage:
    scope = signed_in(request).scope
    async with request.app[SESSIONS]() as session:
        found = await queries.customers_cut(
            session,
            scope,
            queries.CustomerFilters(text=query.q),
            cursor=query.cursor,
            limit=query.limit,
        )
        items = await _items(session, [customer for customer, _ in found.rows])
    return CustomerPage(items=items, next=found.after or None)


@table.endpoint(
    "GET",
    "/customers/{customer_id}",
    "One customer",
    CustomerItem,
    errors=(Missing,),
    needs=Permission.CUSTOMERS,
)
async def show_customer(request: web.Request) -> CustomerItem:
    scope, customer_id = signed_in(request).scope, int(request.match_info["customer_id"])
    async with request.app[SESSIONS]() as session:
        customer = await queries.one_customer(session, scope, customer_id)
        (item,) = await _items(session, [customer])
    return item


@table.endpoint(
    "POST",
    "/customers",
    "Add a customer; a number that somebody has is refused",
    CustomerItem,
    status=201,
    body=NewCustomer,
    errors=(Conflict,),
    needs=Permission.CUSTOMERS,
)
async def add_customer(request: web.Request, new: NewCustomer) -> CustomerItem:
    form = tidy(
        {
            "name": new.name,
            "company": new.company,
            "email": new.email,
            "address": new.address,
            "note": new.note,
        },
        new.phones,
        _owner(request, new.owner_id),
    )
    async with request.app[SESSIONS]() as session:
        customer = await saving.add(session, form, signed_in(request).user.id)
        await session.commit()
        (item,) = await _items(session, [customer])
    request.app[CARDS].forget(*form.number_keys)
    return item


def _owner(request: web.Request, owner_id: int | None) -> int | None:
    """Whoever is meant to have the customer: somebody whose work one may see."""
    who = signed_in(request)
    if owner_id is None:
        return who.user.id if who.person.role is Role.AGENT else None
    if owner_id not in {person.id for person in request.app[DIRECTORY].within(who.scope)}:
        raise Invalid(N_("There is no such person among those you work with."), "owner_id")
    return owner_id


async def _items(session: AsyncSession, rows: Sequence[Customer]) -> list[CustomerItem]:
    phones = await queries.phones(session, [row.id for row in rows])
    names = await names_of(session, [row.owner_id for row in rows])
    return [
        CustomerItem(
            id=row.id,
            code=row.code,
            kind=row.kind,
            name=row.name,
            company=row.company,
            email=row.email,
            address=row.address,
            note=row.note,
            owner=person_ref(row.owner_id, names) if row.owner_id is not None else None,
            department_id=row.department_id,
            phones=[
                Phone(number=phone.raw, shown=shown(phone.raw), key=phone.number_key)
                for phone in phones.get(row.id, [])
            ],
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
