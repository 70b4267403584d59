"""The look-up over all customers, for whoever sits at the switchboard."""

from urllib.parse import urlencode

import msgspec
from aiohttp import web
from sqlalchemy import select

from callcenter.customers.models import Customer
from callcenter.errors import N_
from callcenter.keys import SESSIONS
from callcenter.look_up.queries import LONGEST, page, read
from callcenter.pages.templates import render
from callcenter.people import audit
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import scope_for, signed_in

routes = web.RouteTableDef()

LABELS = {
    "code": N_("Customer code"),
    "name": N_("Name"),
    "owner": N_("Owner"),
    "registered": N_("Registered address"),
    "office": N_("Office address"),
}


@routes.get("/customers/look-up")
@needs(Permission.LOOK_UP)
async def look_up(request: web.Request) -> web.StreamResponse:
    """?code=, ?name=, ?owner=, ?registered=, ?office=; logged: who, what, how many found."""
    criteria, who = read(request.query), signed_in(request)
    async with request.app[SESSIONS]() as session:
        cut, count = await page(session, criteria, request.query.get("cursor", ""))
        ids = [customer.id for customer, _ in cut.rows]
        mine = await session.scalars(
            scope_for(request, Permission.CUSTOMERS).customers(
                select(Customer.id).where(Customer.id.in_(ids))
            )
        )
        own = set(mine)
        detail = {"criteria": criteria.given, "found": count}
        audit.note(session, who.user.id, "look-up", msgspec.json.encode(detail).decode())
        await session.commit()
    known = {"name": criteria.name} if criteria.name else {}
    return render(
        request,
        "look_up/list.html",
        criteria=criteria.given,
        labels=LABELS,
        longest=LONGEST,
        cut=cut,
        count=count,
        own=own,
        new="/customers/new" + (f"?{urlencode(known)}" if known else ""),
    )
