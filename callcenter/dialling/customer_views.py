"""A customer who asked not to be called: /customers/…/do-not-call."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.dialling import listed
from callcenter.dialling.days import end_of, last_day
from callcenter.dialling.listed import Wish
from callcenter.dialling.models import Source
from callcenter.errors import N_, CallcenterError, Forbidden, Invalid, Missing
from callcenter.keys import CONFIG, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, Reach, needs
from callcenter.people.session import SignedIn, signed_in
from callcenter.profiles.head import head, one_of
from callcenter.switchboard.shared_views import name_of, texts_of

routes = web.RouteTableDef()

PATH = r"/customers/{customer_id:\d{1,9}}/do-not-call"


def may_free(who: SignedIn) -> bool:
    """Whether they may take numbers off our own list: those who lead, and who sets the list."""
    leads = who.rights.reach(Permission.CUSTOMERS) >= Reach.DEPARTMENT
    return leads or who.may(Permission.SWITCHBOARD)


@routes.get(PATH)
@needs(Permission.CUSTOMERS)
async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, {}, {})


@routes.post(PATH)
@needs(Permission.CUSTOMERS)
async def bar(request: web.Request) -> web.StreamResponse:
    """The ticked ones of the customer's numbers go onto our own list."""
    texts = await texts_of(request)
    ticked = {str(each) for each in (await request.post()).getall("numbers", [])}
    try:
        async with request.app[SESSIONS].begin() as session:
            customer = await one_of(request, session)
            phones = await _numbers(session, customer)
            chosen = [key for key in phones if key in ticked]
            if not chosen:
                raise Invalid(N_("Tick a number."), field="numbers")
            until = end_of(texts.get("until", ""), request.app[CONFIG].zone)
            for key in chosen:
                wish = Wish(number=phones[key].raw, reason=texts.get("reason", ""), until=until)
                await listed.put(session, wish, signed_in(request).user.id, datetime.now(UTC))
    except Invalid as problem:
        return await _page(request, texts, {problem.field: problem}, ticked)
    return see_other(f"/customers/{customer.id}", done="number-barred")


@routes.post(PATH + "/remove")
@needs(Permission.CUSTOMERS)
async def free(request: web.Request) -> web.StreamResponse:
    """A number of the customer's may be called again."""
    texts, who = await texts_of(request), signed_in(request)
    try:
        async with request.app[SESSIONS].begin() as session:
            customer = await one_of(request, session)
            if not may_free(who):
                raise Forbidden(N_("A team lead can take a number off the list."))
            key = texts.get("number", "")
            if key not in await _numbers(session, customer):
                raise Missing(N_("This customer has no such number."))
            now = datetime.now(UTC)
            await listed.remove(session, key, texts.get("reason", ""), who.user.id, now)
    except Invalid as problem:
        return await _page(request, texts, {"why": problem})
    return see_other(f"/customers/{customer.id}/do-not-call", done="number-free")


async def _numbers(session: AsyncSession, customer: Customer) -> dict[str, CustomerPhone]:
    """Every number of the customer and of their contacts, by key."""
    rows = await session.scalars(
        select(CustomerPhone)
        .where(CustomerPhone.customer_id == customer.id, CustomerPhone.number_key != "")
        .order_by(CustomerPhone.contact_id.is_not(None), CustomerPhone.position, CustomerPhone.id)
    )
    found: dict[str, CustomerPhone] = {}
    for row in rows:
        found.setdefault(row.number_key, row)
    return found


async def _page(
    request: web.Request,
    texts: dict[str, str],
    problems: dict[str, CallcenterError],
    ticked: set[str] | None = None,
) -> web.Response:
    zone = request.app[CONFIG].zone
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        values: dict[str, Any] = await head(request, session, customer, "")
        phones = await _numbers(session, customer)
        rows = await listed.entries(session, phones, datetime.now(UTC))
        changes = await listed.changes(session, phones)
    own = {key for key, row in rows.items() if row.source == Source.OWN}
    free_ones = [key for key in phones if key not in own]
    return render(
        request,
        "dialling/customer.html",
        status=next((each.status for each in problems.values()), 200),
        **values,
        texts=texts,
        problems=problems,
        numbers=phones,
        rows=rows,
        free=free_ones,
        ticked=set(free_ones) if ticked is None else ticked,
        changes=changes,
        may_free=may_free(signed_in(request)),
        name_of_user=lambda user_id: name_of(request, user_id),
        last_day=lambda until: last_day(until, zone),
        returned=listed.RETURNED.days,
    )
