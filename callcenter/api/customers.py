"""Customers: finding them, one of them, and a new one."""

from collections.abc import Sequence

from aiohttp import web
from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.api.callback_types import NewNumber
from callcenter.api.customer_types import (
    ChangedCustomer,
    CustomerFilter,
    CustomerItem,
    CustomerPage,
    NewCustomer,
    Phone,
)
from callcenter.api.parties import names_of, person_ref
from callcenter.api.table import table
from callcenter.callbacks.queries import join_customer
from callcenter.customers import queries, saving
from callcenter.customers.attaching import attach
from callcenter.customers.fields import FIELDS
from callcenter.customers.forms import tidy
from callcenter.customers.meanwhile import together
from callcenter.customers.models import Customer, CustomerGroup
from callcenter.customers.numbers import key_of, shown
from callcenter.errors import N_, Conflict, Forbidden, Invalid, Missing, Word
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
    owner_id = _owner(request, new.owner_id)
    form = tidy(_texts(new), new.phones, owner_id)
    async with request.app[SESSIONS]() as session:
        customer = await saving.add(session, form, signed_in(request).user.id)
        await session.commit()
        (item,) = await _items(session, [customer])
    request.app[CARDS].forget(*form.number_keys)
    return item


@table.endpoint(
    "POST",
    "/customers/{customer_id}/numbers",
    "Add a number, as of a caller nobody knew; its calls are then this customer's",
    CustomerItem,
    body=NewNumber,
    errors=(Missing, Conflict),
    needs=Permission.CUSTOMERS,
)
async def add_number(request: web.Request, new: NewNumber) -> CustomerItem:
    who, customer_id = signed_in(request), int(request.match_info["customer_id"])
    async with request.app[SESSIONS]() as session:
        customer = await queries.one_customer(session, who.scope, customer_id)
        keys = await attach(session, customer, new.number, who.user.id)
        await join_customer(session, key_of(new.number), customer.id)
        await session.commit()
        (item,) = await _items(session, [customer])
    request.app[CARDS].forget(*keys)
    return item


@table.endpoint(
    "PUT",
    "/customers/{customer_id}",
    "Change a customer; what somebody else changed meanwhile stays, or is a conflict",
    CustomerItem,
    body=ChangedCustomer,
    errors=(Missing, Conflict),
    needs=Permission.CUSTOMERS,
)
async def change_customer(request: web.Request, changed: ChangedCustomer) -> CustomerItem:
    who, customer_id = signed_in(request), int(request.match_info["customer_id"])
    async with request.app[SESSIONS]() as session:
        customer = await queries.one_customer(session, who.scope, customer_id)
        await saving.hold(session, customer)
        now = await saving.current(session, customer)
        owner_id = now.owner_id
        if changed.owner_id is not UNSET and changed.owner_id != owner_id:
            owner_id = _new_owner(request, changed.owner_id)
        phones = now.phones if changed.phones is UNSET else changed.phones
        form = tidy(_texts(changed), phones, owner_id, now)
        if changed.version != customer.version:
            form, clashes = await together(session, customer_id, changed.version, form, now)
            for clash in clashes:
                raise Conflict(
                    N_("{label} has been changed meanwhile: it is “{theirs}” now."),
                    label=Word(FIELDS[clash.field].label),
                    theirs=clash.theirs,
                    field=clash.field,
                )
        keys = await saving.change(session, customer, form, who.user.id)
        await session.commit()
        (item,) = await _items(session, [customer])
    request.app[CARDS].forget(*keys)
    return item


def _texts(given: NewCustomer | ChangedCustomer) -> dict[str, str]:
    """As the form has them, by name; what was left out is left out."""
    found: dict[str, str] = {}
    for name, field in FIELDS.items():
        if name in ("phone", "owner"):
            continue
        value = getattr(given, "group_ids" if name == "groups" else field.column)
        if isinstance(value, list):
            found[name] = ",".join(str(each) for each in value)
        elif value is not UNSET:
            found[name] = "" if value is None else str(value)
    return found


def _new_owner(request: web.Request, owner_id: int | None) -> int | None:
    """Whom a customer is given to; an agent gives nothing away."""
    who = signed_in(request)
    if not who.scope.everything and not who.scope.departments:
        raise Forbidden(N_("You may not give this customer to others."))
    return None if owner_id is None else _owner(request, owner_id)


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
    groups: dict[int, list[int]] = {}
    for group in await session.scalars(
        select(CustomerGroup)
        .where(CustomerGroup.customer_id.in_([row.id for row in rows]))
        .order_by(CustomerGroup.group_id)
    ):
        groups.setdefault(group.customer_id, []).append(group.group_id)
    return [
        CustomerItem(
            id=row.id,
            version=row.version,
            code=row.code,
            kind=row.kind,
            name=row.name,
            company=row.company,
            email=row.email,
            fax=row.fax,
            website=row.website,
            tax_code=row.tax_code,
            address=row.address,
            registered_address=row.registered_address,
            note=row.note,
            birthday=row.birthday,
            founded_on=row.founded_on,
            place_id=row.place_id,
            source_id=row.source_id,
            project_id=row.project_id,
            status_id=row.status_id,
            group_ids=groups.get(row.id, []),
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
