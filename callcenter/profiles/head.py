"""What stands above every tab of a customer's page; the rooms that have a tab ask for it here."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks import queries as callbacks
from callcenter.callbacks.queries import Wanted
from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.customers import queries, sharing
from callcenter.customers.models import Contact, Customer
from callcenter.customers.words import KINDS
from callcenter.dialling import listed
from callcenter.dialling.models import Source
from callcenter.documents.models import Document
from callcenter.errors import Missing
from callcenter.keys import DIRECTORY
from callcenter.people.permissions import Permission
from callcenter.people.session import scope_for, signed_in
from callcenter.recordings import holds


async def one_of(request: web.Request, session: AsyncSession) -> Customer:
    """The customer of this address, if whoever asks may see them; raises Missing.

    The address of a file that was merged leads to the one that has taken its place.
    """
    scope, customer_id = signed_in(request).scope, int(request.match_info["customer_id"])
    try:
        return await queries.one_customer(session, scope, customer_id)
    except Missing:
        other = await session.scalar(select(Customer.merged_into).where(Customer.id == customer_id))
        if other is None or request.method != "GET":
            raise
        await queries.one_customer(session, scope, other)
        rest = request.path.removeprefix(f"/customers/{customer_id}")
        raise web.HTTPSeeOther(f"/customers/{other}{rest}") from None


async def head(
    request: web.Request, session: AsyncSession, customer: Customer, tab: str
) -> dict[str, Any]:
    """The values that customers/frame.html needs, whichever `tab` is shown in it."""
    who, directory = signed_in(request), request.app[DIRECTORY]
    statuses = await items(session, Catalogue.STATUS, put_away=True)
    counts = {
        "contacts": await session.scalar(
            select(func.count()).where(Contact.customer_id == customer.id)
        ),
        "documents": await session.scalar(
            select(func.count()).where(Document.customer_id == customer.id)
        ),
    }
    scope = scope_for(request, Permission.CALLBACKS)
    planned = await callbacks.lines(session, scope, Wanted(customer_id=customer.id), limit=1)
    phones = (await queries.phones(session, [customer.id])).get(customer.id, [])
    barred = await listed.entries(session, [p.number_key for p in phones], datetime.now(UTC))
    ours = {key for key, row in barred.items() if row.source == Source.OWN}
    return {
        "customer": customer,
        "phones": phones,
        "barred": [barred[p.number_key] for p in phones if p.number_key in barred],
        "not_to_call": ours,
        "number_to_call": next((each.raw for each in phones if each.number_key not in ours), ""),
        "owner": directory.person(customer.owner_id) if customer.owner_id else None,
        "people": {person.id: person.name for person in directory.people()},
        "kinds": KINDS,
        "statuses": statuses,
        "profile_status": next((each for each in statuses if each.id == customer.status_id), None),
        "tab": tab,
        "counts": counts,
        "callback": planned[0][0] if planned else None,
        "holds": await holds.of_customer(session, customer.id),
        "may_share": sharing.may_share(customer, who.user.id, distributes(request, customer)),
        "may_delete": who.may(Permission.DELETE)
        and await _within(request, session, customer, Permission.DELETE),
    }


def distributes(request: web.Request, customer: Customer) -> bool:
    """Whether whoever asks may give this customer to others anyway."""
    if not signed_in(request).may(Permission.DISTRIBUTE):
        return False
    scope = scope_for(request, Permission.DISTRIBUTE)
    owner = request.app[DIRECTORY].person(customer.owner_id) if customer.owner_id else None
    return (
        scope.everything
        or customer.department_id in scope.departments
        or (owner is not None and owner.department_id in scope.departments)
    )


async def _within(
    request: web.Request, session: AsyncSession, customer: Customer, permission: Permission
) -> bool:
    scope = scope_for(request, permission)
    statement = scope.customers(select(Customer.id).where(Customer.id == customer.id))
    return await session.scalar(statement) is not None
