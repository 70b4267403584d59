"""Callbacks and missed calls, and a caller's number that is joined to a customer."""

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.api.callback_types import (
    CallbackFilter,
    CallbackItem,
    CallbackList,
    ChangedCallback,
    MissedItem,
    MissedList,
    NewCallback,
    PresetItem,
)
from callcenter.api.parties import names_of, person_ref, takes_part
from callcenter.api.table import table
from callcenter.api.types import CustomerRef
from callcenter.callbacks import changes, queries, times
from callcenter.callbacks.acting import on_offer
from callcenter.callbacks.action_views import give_to
from callcenter.callbacks.models import State
from callcenter.callbacks.plan_views import Typed, about, plan
from callcenter.callbacks.queries import Line, Wanted
from callcenter.callbacks.visible import for_me
from callcenter.customers import queries as customers
from callcenter.customers.models import Customer
from callcenter.customers.numbers import shown
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.keys import CONFIG, INBOX, KEPT, SESSIONS
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in


@table.endpoint(
    "GET",
    "/callbacks",
    "Planned callbacks, the earliest first",
    CallbackList,
    query=CallbackFilter,
    needs=Permission.CALLBACKS,
)
async def list_callbacks(request: web.Request, query: CallbackFilter) -> CallbackList:
    wanted = Wanted(
        since=query.since,
        until=query.until,
        state="" if query.state == "all" else query.state,
        user_id=query.user_id,
        customer_id=query.customer_id,
        call_id=query.call_id,
        text=query.q,
    )
    async with request.app[SESSIONS]() as session:
        scope = signed_in(request).scope
        found = await queries.lines(session, scope, wanted, query.limit)
        return CallbackList(items=await _items(request, session, found))


@table.endpoint(
    "GET",
    "/callbacks/presets",
    "The times that are offered for a callback now",
    list[PresetItem],
    needs=Permission.CALLBACKS,
)
async def list_presets(request: web.Request) -> list[PresetItem]:
    offered = times.presets(_now(request), request.app[CONFIG].zone)
    return [PresetItem(name=each.name, label=each.label, at=each.at) for each in offered]


@table.endpoint(
    "POST",
    "/callbacks",
    "Plan a callback",
    CallbackItem,
    status=201,
    body=NewCallback,
    errors=(Missing,),
    needs=Permission.CALLBACKS,
)
async def add_callback(request: web.Request, new: NewCallback) -> CallbackItem:
    given = {
        "number": new.number,
        "at": new.at.isoformat() if new.at else new.local,
        "purpose": new.purpose,
        "whose": _whose(request, new.user_id, new.anyone, new.department_id),
        "customer": "" if new.customer_id is None else str(new.customer_id),
        "call": new.call_id,
    }
    async with request.app[SESSIONS]() as session:
        typed = await _about(request, session, given)
        callback = await plan(request, session, typed)
        await session.commit()
        (item,) = await _items(request, session, await queries.by_id(session, callback.id))
    await request.app[INBOX].changed(callback.id)
    return item


@table.endpoint(
    "PUT",
    "/callbacks/{callback_id}",
    "Move a callback, change it, give it away, close it or open it again",
    CallbackItem,
    body=ChangedCallback,
    errors=(Missing, Conflict),
    needs=Permission.CALLBACKS,
)
async def change_callback(request: web.Request, new: ChangedCallback) -> CallbackItem:
    who, now = signed_in(request), _now(request)
    by, callback_id = who.user.id, int(request.match_info["callback_id"])
    async with request.app[SESSIONS].begin() as session:
        callback = await queries.one(session, who.scope, callback_id)
        if new.state is State.OPEN:
            changes.reopen(session, callback, by, now)
        if new.at or new.local:
            text = new.at.isoformat() if new.at else new.local
            at = times.chosen(text, now, request.app[CONFIG].zone)
            changes.move(session, callback, at, by, now)
        if new.purpose is not None:
            changes.edit(session, callback, new.purpose, by, now)
        if new.user_id is not None or new.anyone:
            whose = _whose(request, new.user_id, new.anyone, callback.department_id)
            give_to(request, session, callback, whose)
        if new.state in (State.DONE, State.CANCELLED):
            changes.close(session, callback, new.state, by, now)
    await request.app[INBOX].changed(callback_id)
    async with request.app[SESSIONS]() as session:
        (item,) = await _items(request, session, await queries.by_id(session, callback_id))
    return item


@table.endpoint(
    "GET",
    "/missed",
    "Who rang in and was not reached since: one's own first, the longest waiting first",
    MissedList,
    needs=Permission.CALLBACKS,
)
async def list_missed(request: web.Request) -> MissedList:
    scope, inbox, kept = signed_in(request).scope, request.app[INBOX], request.app[KEPT]
    waiting = [line for line in inbox.missed(scope) if not line.dismissed_at]
    leads = scope.everything or bool(scope.departments)
    found = waiting if leads else for_me(scope, waiting, inbox.now())
    async with request.app[SESSIONS]() as session:
        names = await names_of(session, [line.claimed_by for line in found])
        ids = [line.customer_id for line in found if line.customer_id]
        theirs = await customers.of_ids(session, ids)
    return MissedList(
        items=[
            MissedItem(
                number=line.number,
                shown=shown(line.number),
                number_key=line.number_key,
                customer=_customer_ref(theirs.get(line.customer_id or 0)),
                calls=line.calls,
                attempts=line.attempts,
                first_at=line.first_at,
                last_at=line.last_at,
                call_id=line.call_id,
                queue=line.queue,
                waited_s=line.waited_s,
                claimed_by=None if line.claimed_by is None else person_ref(line.claimed_by, names),
                ahead=place[1] if (place := kept.of_number(line.number_key)) else None,
            )
            for line in found
        ]
    )


async def _about(request: web.Request, session: AsyncSession, given: dict[str, str]) -> Typed:
    """As the form's; of a call so young that it has no row yet the number must be said as well."""
    try:
        return await about(request, session, given)
    except Missing:
        call_id = given["call"]
        if not call_id or not takes_part(request, signed_in(request), call_id):
            raise
        typed = await about(request, session, given | {"call": ""})
        return Typed(
            number=typed.number,
            at=typed.at,
            purpose=typed.purpose,
            whose=typed.whose,
            customer_id=typed.customer_id,
            call_id=call_id,
        )


def _whose(
    request: web.Request, user_id: int | None, anyone: bool, department_id: int | None
) -> str:
    """As the form's "whose"."""
    if not anyone:
        return "" if user_id is None else f"user-{user_id}"
    departments = on_offer(request).departments
    if department_id is None and not departments:
        raise Invalid(N_("You have no department: choose a person."), field="anyone")
    return f"department-{departments[0].id if department_id is None else department_id}"


async def _items(
    request: web.Request, session: AsyncSession, lines: Sequence[Line]
) -> list[CallbackItem]:
    names = await names_of(session, [callback.user_id for callback, _ in lines])
    zone = request.app[CONFIG].zone
    return [
        CallbackItem(
            id=callback.id,
            at=callback.at,
            number=callback.number,
            shown=shown(callback.number),
            customer=_customer_ref(customer),
            purpose=callback.purpose,
            user=None if callback.user_id is None else person_ref(callback.user_id, names),
            department_id=callback.department_id,
            state=State(callback.state),
            call_id=callback.call_id,
            odd=times.odd(callback.at, zone),  # type: ignore[arg-type]  # a key of ODD, or ""
            created_at=callback.created_at,
            closed_at=callback.closed_at,
        )
        for callback, customer in lines
    ]


def _customer_ref(row: Customer | None) -> CustomerRef | None:
    return CustomerRef(id=row.id, code=row.code, name=row.name) if row else None


def _now(request: web.Request) -> datetime:
    return request.app[INBOX].now()
