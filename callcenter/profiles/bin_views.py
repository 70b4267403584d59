"""Deleting a customer, and the bin that it can be brought back from [2.16]."""

import asyncio
from datetime import UTC, datetime, timedelta

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.models import Customer
from callcenter.customers.queries import phones
from callcenter.documents import store
from callcenter.errors import N_, Conflict, Missing
from callcenter.keys import CARDS, DIRECTORY, SESSIONS
from callcenter.keyset import Cut, cut
from callcenter.lists.tabs import tabs_for
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.profiles import bin
from callcenter.profiles.form_views import said

routes = web.RouteTableDef()

ONE = r"/customers/{customer_id:\d{1,9}}"


@routes.get("/customers/bin")
@needs(Permission.DELETE)
async def the_bin(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _page(request, session)


@routes.post(ONE + "/delete")
@needs(Permission.DELETE)
async def throw(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer = await one_to_delete(request, session)
        keys = await bin.throw(session, customer, signed_in(request).user.id)
        await session.commit()
    request.app[CARDS].forget(*keys)
    return see_other(f"/customers/bin?deleted={customer.id}", done="customer-deleted")


@routes.post(ONE + "/restore")
@needs(Permission.DELETE)
async def restore(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer = await _binned(request, session)
        customer_id = customer.id
        try:
            keys = await bin.restore(session, customer, signed_in(request).user.id)
        except Conflict as problem:
            await session.rollback()
            return await _page(request, session, problem, customer_id)
        await session.commit()
    request.app[CARDS].forget(*keys)
    return see_other(f"/customers/{customer.id}", done="customer-restored")


@routes.post(ONE + "/destroy")
@needs(Permission.DELETE)
async def destroy(request: web.Request) -> web.StreamResponse:
    """For good, at once."""
    async with request.app[SESSIONS]() as session:
        customer = await _binned(request, session)
        customer_id = customer.id
        try:
            files = await bin.destroy(session, [customer_id], signed_in(request).user.id)
        except Conflict as problem:
            await session.rollback()
            return await _page(request, session, problem, customer_id)
        await session.commit()
    await asyncio.to_thread(store.forget, files)
    return see_other("/customers/bin", done="customer-destroyed")


async def one_to_delete(
    request: web.Request, session: AsyncSession, customer_id: int | None = None
) -> Customer:
    """Whom one may delete or merge: not also those one has only talked to. Raises Missing."""
    wanted = customer_id or int(request.match_info["customer_id"])
    scope = signed_in(request).scope
    found: Customer | None = await session.scalar(
        scope.customers(select(Customer).where(Customer.id == wanted))
    )
    if found is None:
        raise Missing(N_("There is no such customer."))
    return found


async def _binned(request: web.Request, session: AsyncSession) -> Customer:
    customer_id = int(request.match_info["customer_id"])
    return await bin.binned(session, signed_in(request).scope, customer_id)


async def _page(
    request: web.Request,
    session: AsyncSession,
    problem: Conflict | None = None,
    about: int | None = None,
) -> web.Response:
    found: Cut[tuple[Customer]] = await cut(
        session,
        signed_in(request).scope.binned(select(Customer)),
        (Customer.deleted_at, Customer.id),
        descending=True,
        cursor=request.query.get("cursor", ""),
    )
    now = datetime.now(UTC)
    left = {
        each.id: max(0, -((now - each.deleted_at - bin.KEPT) // timedelta(days=1)))
        for (each,) in found.rows
        if each.deleted_at
    }
    return render(
        request,
        "customers/bin.html",
        status=problem.status if problem else 200,
        cut=found,
        tabs=tabs_for(signed_in(request).rights),
        tab="bin",
        counts={},
        kept={},
        left=left,
        days=bin.KEPT.days,
        phones=await phones(session, [each.id for (each,) in found.rows]),
        people={person.id: person.name for person in request.app[DIRECTORY].people()},
        problem=said(request, problem) if problem else "",
        other=problem.values.get("customer_id") if problem else None,
        about=about,
        deleted=request.query.get("deleted", ""),
    )
