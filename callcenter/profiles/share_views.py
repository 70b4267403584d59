"""Sharing a customer with colleagues [2.15]."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import sharing
from callcenter.customers.models import Customer
from callcenter.errors import N_, CallcenterError, Forbidden, Invalid
from callcenter.keys import DESK, DIRECTORY, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.profiles.form_views import said
from callcenter.profiles.head import distributes, head, one_of

routes = web.RouteTableDef()

SHARE = r"/customers/{customer_id:\d{1,9}}/share"


@routes.get(SHARE)
@needs(Permission.CUSTOMERS)
async def shares(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer = await _mine_to_share(request, session)
        return await _page(request, session, customer)


@routes.post(SHARE)
@needs(Permission.CUSTOMERS)
async def share(request: web.Request) -> web.StreamResponse:
    """`with`: "user-7", "department-2" or "everybody"."""
    who, given = signed_in(request), str((await request.post()).get("with", ""))
    kind, _, text = given.partition("-")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    async with request.app[SESSIONS]() as session:
        customer = await _mine_to_share(request, session)
        try:
            if given != "everybody" and (number is None or kind not in ("user", "department")):
                raise Invalid(N_("Choose whom to share with."), field="with")
            await sharing.share(
                session,
                customer,
                who.user.id,
                user_id=number if kind == "user" else None,
                department_id=number if kind == "department" else None,
            )
        except CallcenterError as problem:
            return await _page(request, session, customer, problem)
        await session.commit()
    if kind == "user" and number is not None and DESK in request.app:
        note = {"type": "note", "what": "shared", "by": who.user.name}
        request.app[DESK].tell(number, {**note, "name": customer.name, "id": customer.id})
    return see_other(f"/customers/{customer.id}/share", done="shared")


@routes.post(SHARE + r"/{share_id:\d{1,9}}/withdraw")
@needs(Permission.CUSTOMERS)
async def withdraw(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer = await _mine_to_share(request, session)
        share_id = int(request.match_info["share_id"])
        await sharing.withdraw(session, customer, signed_in(request).user.id, share_id)
        await session.commit()
    return see_other(f"/customers/{customer.id}/share", done="not-shared")


async def _mine_to_share(request: web.Request, session: AsyncSession) -> Customer:
    customer = await one_of(request, session)
    may = distributes(request, customer)
    if not sharing.may_share(customer, signed_in(request).user.id, may):
        raise Forbidden(N_("Only the owner, or who distributes customers, may share this one."))
    return customer


async def _page(
    request: web.Request,
    session: AsyncSession,
    customer: Customer,
    problem: CallcenterError | None = None,
) -> web.Response:
    directory, values = request.app[DIRECTORY], await head(request, session, customer, "share")
    mine = signed_in(request).person.department_id
    others = [each for each in directory.people() if each.id != customer.owner_id]
    return render(
        request,
        "customers/share.html",
        status=problem.status if problem else 200,
        **values,
        shares=await sharing.shares(session, customer.id),
        departments=directory.departments,
        near=[each for each in others if mine is not None and each.department_id == mine],
        far=[each for each in others if mine is None or each.department_id != mine],
        problem=said(request, problem) if problem else "",
    )
