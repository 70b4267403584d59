"""The lists of customers, and the search box of every page."""

from collections.abc import Sequence

from aiohttp import web

from callcenter.customers import queries
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import key_of, shown
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.pages.formats import initials
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

FOUND_AT_ONCE = 8  # in the search box


@routes.get("/customers")
@needs(Permission.CUSTOMERS)
async def all_customers(request: web.Request) -> web.StreamResponse:
    who, query = signed_in(request), request.query
    text, owner = query.get("q", "").strip()[:100], query.get("owner", "")
    tab = "unassigned" if query.get("tab") == "unassigned" else "assigned"
    sort = query.get("sort", "name")
    descending = sort.startswith("-")
    owner_id = int(owner) if owner.isascii() and owner.isdigit() and len(owner) < 10 else None
    filters = {
        name: queries.CustomerFilters(
            text=text, assigned=name == "assigned", owner_id=owner_id if name == tab else None
        )
        for name in ("assigned", "unassigned")
    }
    async with request.app[SESSIONS]() as session:
        cut = await queries.customers_cut(
            session,
            who.scope,
            filters[tab],
            sort=sort.removeprefix("-"),
            descending=descending,
            cursor=query.get("cursor", ""),
        )
        counts = {
            name: await queries.customers_count(session, who.scope, each)
            for name, each in filters.items()
        }
        phones = await queries.phones(session, [customer.id for customer, _ in cut.rows])
    people = request.app[DIRECTORY].within(who.scope)
    return render(
        request,
        "lists/list.html",
        cut=cut,
        counts=counts,
        phones=phones,
        tab=tab,
        text=text,
        sort=sort,
        owner=owner if owner_id else "",
        people=people if len(people) > 1 else [],
    )


@routes.get("/customers/search")
@needs(Permission.CUSTOMERS)
async def search(request: web.Request) -> web.StreamResponse:
    """{customers: [{id, name, code, company, owner, initials, number, shown}]}, a few of them."""
    who, text = signed_in(request), request.query.get("q", "").strip()[:100]
    async with request.app[SESSIONS]() as session:
        filters = queries.CustomerFilters(text=text)
        cut = await queries.customers_cut(session, who.scope, filters, limit=FOUND_AT_ONCE)
        phones = await queries.phones(session, [customer.id for customer, _ in cut.rows])
    found = [_found(customer, owner, phones.get(customer.id, [])) for customer, owner in cut.rows]
    return web.json_response({"customers": found}, headers={"Cache-Control": "no-store"})


def _found(
    customer: Customer, owner: str | None, phones: Sequence[CustomerPhone]
) -> dict[str, object]:
    number = phones[0].raw if phones else ""
    return {
        "id": customer.id,
        "name": customer.name,
        "code": customer.code,
        "company": customer.company,
        "owner": owner or "",
        "initials": initials(customer.name),
        "number": key_of(number) or number,
        "shown": shown(number),
    }
