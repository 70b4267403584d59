"""Planning a callback [8.5], and changing one."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks import changes, queries, times
from callcenter.callbacks.acting import back, now, on_offer, one, said
from callcenter.callbacks.action_views import give_to
from callcenter.callbacks.changes import WHAT, Plan
from callcenter.callbacks.models import Callback
from callcenter.calls.models import CallRecord
from callcenter.calls.queries import one_call
from callcenter.customers.models import Customer
from callcenter.customers.numbers import key_of
from callcenter.customers.queries import of_numbers, one_customer, phones
from callcenter.errors import Conflict, Invalid, Missing
from callcenter.keys import CONFIG, DIRECTORY, INBOX, SESSIONS, TEMPLATES
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import scope_for, signed_in

routes = web.RouteTableDef()

ONE = r"/callbacks/{callback_id:\d{1,9}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as it was typed; `at` is a preset's name or a time of the company's."""

    number: str = ""
    at: str = ""
    purpose: str = ""
    whose: str = ""
    customer_id: int | None = None
    call_id: str | None = None


@routes.get("/callbacks/new")
@needs(Permission.CALLBACKS)
async def new(request: web.Request) -> web.StreamResponse:
    """?customer=, ?call= or ?number= say whom it is about."""
    async with request.app[SESSIONS]() as session:
        typed = await about(request, session, request.query)
        customer = await _customer(request, session, typed.customer_id)
    return _form(request, typed, customer)


@routes.post("/callbacks/new")
@needs(Permission.CALLBACKS)
async def add(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    async with request.app[SESSIONS]() as session:
        typed = await about(request, session, form)
        customer = await _customer(request, session, typed.customer_id)
        try:
            callback = await plan(request, session, typed)
        except Invalid as error:
            return _form(request, typed, customer, problem=error)
        await session.commit()
    await request.app[INBOX].changed(callback.id)
    where = f"/customers/{callback.customer_id}" if callback.customer_id else "/callbacks/schedule"
    undo = f"/callbacks/{callback.id}/cancel"
    return said(request, back(request, form, where), _added(request, callback), undo)


@routes.get(ONE + "/edit")
@needs(Permission.CALLBACKS)
async def edit(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        callback = await one(request, session)
        customer = await _named(session, callback)
        kept = await queries.changes_of(session, callback.id)
    local = request.app[TEMPLATES].formats.local(callback.at)
    typed = Typed(
        number=callback.number,
        at=local.strftime("%Y-%m-%dT%H:%M"),
        purpose=callback.purpose,
        whose=_whose(callback),
        customer_id=callback.customer_id,
        call_id=callback.call_id,
    )
    return _form(request, typed, customer, callback, kept=kept)


@routes.post(ONE + "/edit")
@needs(Permission.CALLBACKS)
async def change(request: web.Request) -> web.StreamResponse:
    form, zone, by = await request.post(), request.app[CONFIG].zone, signed_in(request).user.id
    async with request.app[SESSIONS]() as session:
        callback = await one(request, session)
        customer = await _named(session, callback)
        typed = replace(_texts(form), number=callback.number, customer_id=callback.customer_id)
        try:
            if typed.at != request.app[TEMPLATES].formats.local(callback.at).strftime(
                "%Y-%m-%dT%H:%M"
            ):
                at = times.chosen(typed.at, now(request), zone)
                changes.move(session, callback, at, by, now(request))
            changes.edit(session, callback, typed.purpose, by, now(request))
            if typed.whose and typed.whose != _whose(callback):
                give_to(request, session, callback, typed.whose)
        except (Invalid, Conflict) as error:
            await session.rollback()
            return _form(request, typed, customer, callback, problem=error)
        await session.commit()
    await request.app[INBOX].changed(callback.id)
    done = "callback-odd" if times.odd(callback.at, zone) else "callback-saved"
    return said(request, back(request, form, "/callbacks/schedule"), done)


async def about(request: web.Request, session: AsyncSession, given: Mapping[str, Any]) -> Typed:
    """The form of a new one: whom it is about is looked up, as far as whoever asks may see them.

    Raises Missing for a customer or a call that they may not.
    """
    typed, scope = _texts(given), scope_for(request, Permission.CUSTOMERS)
    theirs = None  # whoever has that number; somebody else's customer can be called back unnamed
    if call_id := str(given.get("call", ""))[:64]:
        record = await _call(request, session, call_id)
        typed = replace(typed, call_id=call_id, number=typed.number or record.number or "")
        theirs = record.customer_id
    if typed.customer_id is not None:
        customer = await one_customer(session, scope, typed.customer_id)
        if not typed.number:
            own = (await phones(session, [customer.id])).get(customer.id, [])
            typed = replace(typed, number=own[0].raw if own else "")
    elif typed.number:
        if theirs is None:
            found = (await of_numbers(session, [key_of(typed.number)])).get(key_of(typed.number))
            theirs = found.id if found else None
        with suppress(Missing):
            seen = await one_customer(session, scope, theirs) if theirs is not None else None
            typed = replace(typed, customer_id=seen.id if seen else None)
    return typed


async def _call(request: web.Request, session: AsyncSession, call_id: str) -> CallRecord:
    """One of their calls, or one that waits in the inbox for them. Raises Missing."""
    waiting = request.app[INBOX].missed(signed_in(request).scope)
    if any(line.call_id == call_id for line in waiting):
        return await one_call(session, lambda every: every, call_id)
    return await one_call(session, scope_for(request, Permission.CALLS).one_call, call_id)


async def plan(request: web.Request, session: AsyncSession, typed: Typed) -> Callback:
    """A new callback as it was typed; the caller commits. Raises Invalid, in words."""
    user_id, department_id = on_offer(request).chosen(typed.whose)
    wanted = Plan(
        number=typed.number,
        at=times.chosen(typed.at, now(request), request.app[CONFIG].zone),
        purpose=typed.purpose,
        user_id=user_id,
        department_id=department_id,
        customer_id=typed.customer_id,
        call_id=typed.call_id,
    )
    return await changes.make(session, wanted, signed_in(request).user.id, now(request))


def _texts(given: Mapping[str, Any]) -> Typed:
    customer = str(given.get("customer", ""))
    is_id = customer.isascii() and customer.isdigit() and len(customer) < 10
    return Typed(
        number=str(given.get("number", ""))[:64],
        at=str(given.get("at", "")) or str(given.get("own", "")),
        purpose=str(given.get("purpose", "")),
        whose=str(given.get("whose", "")),
        customer_id=int(customer) if is_id else None,
    )


def _added(request: web.Request, callback: Callback) -> str:
    return "callback-odd" if times.odd(callback.at, request.app[CONFIG].zone) else "callback-added"


def _whose(callback: Callback) -> str:
    if callback.user_id is not None:
        return f"user-{callback.user_id}"
    return f"department-{callback.department_id}"


async def _customer(
    request: web.Request, session: AsyncSession, customer_id: int | None
) -> Customer | None:
    if customer_id is None:
        return None
    return await one_customer(session, scope_for(request, Permission.CUSTOMERS), customer_id)


async def _named(session: AsyncSession, callback: Callback) -> Customer | None:
    """Whatever the rights: a name beside a callback that one may see."""
    return await session.get(Customer, callback.customer_id) if callback.customer_id else None


def _form(
    request: web.Request,
    typed: Typed,
    customer: Customer | None,
    callback: Callback | None = None,
    problem: Invalid | Conflict | None = None,
    kept: Any = (),
) -> web.Response:
    at, offer = now(request), on_offer(request)
    given = None
    if request.method == "POST":
        given = {"next": request.headers.get("HX-Current-URL", "")}
    directory, zone = request.app[DIRECTORY], request.app[CONFIG].zone
    return render(
        request,
        "callbacks/form.html",
        status=problem.status if problem else 200,
        typed=typed,
        customer=customer,
        callback=callback,
        problem=problem,
        wrong=(problem.field if isinstance(problem, Invalid) else "") if problem else None,
        presets=times.presets(at, zone),
        offer=offer,
        offer_values={f"user-{each.id}" for each in offer.people}
        | {f"department-{each.id}" for each in offer.departments},
        earliest=request.app[TEMPLATES].formats.local(at).strftime("%Y-%m-%dT%H:%M"),
        back=back(request, given, "/callbacks/schedule"),
        kept=kept,
        what=WHAT,
        name_of_user=lambda id: p.name if (p := directory.known(id or 0)) else "",
    )
