"""Calls that are written down: the list, one of them, and what is noted of it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from callcenter.api.parties import names_of, person_ref, takes_part
from callcenter.api.table import table
from callcenter.api.types import (
    CallDetail,
    CallFilter,
    CallItem,
    CallPage,
    CustomerRef,
    CustomerStatus,
    NewNote,
    Note,
)
from callcenter.api.wire import begin_of, end_of
from callcenter.calls import queries
from callcenter.calls.models import CallNote, CallRecord
from callcenter.customers import queries as customers
from callcenter.customers import saving
from callcenter.customers.forms import tidy
from callcenter.customers.models import Customer
from callcenter.customers.numbers import digits_of, shown
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.keys import BOARD, CONFIG, DESK, DIRECTORY, PRESENCE, SESSIONS
from callcenter.people.directory import Person
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope
from callcenter.people.session import scope_for, signed_in
from callcenter.recordings.models import Recording
from callcenter.wrap_up.unfinished import finish

Rows = Sequence[tuple[CallRecord, CallNote | None]]
AS_IS = set(CallItem.__struct_fields__) & set(CallRecord.__table__.columns.keys()) - {"agents"}


@table.endpoint(
    "GET", "/calls", "Calls, newest first", CallPage, query=CallFilter, needs=Permission.CALLS
)
async def list_calls(request: web.Request, query: CallFilter) -> CallPage:
    scope = signed_in(request).scope

    def narrow(statement: Select[Any]) -> Select[Any]:
        if query.with_recording:
            ready = select(Recording.call_id).where(
                Recording.call_id == CallRecord.call_id, Recording.state == "ready"
            )
            statement = statement.where(ready.exists())
        of_one = query.customer_id is not None  # then as on the customer's page
        return scope.one_call(statement) if of_one else scope.calls(statement)

    async with request.app[SESSIONS]() as session:
        filters = await _filters(request, session, query)
        found = await queries.calls_cut(
            session, narrow, filters, cursor=query.cursor, limit=query.limit
        )
        items = await _items(request, session, found.rows)
    return msgspec.convert({"items": items, "next": found.after or None}, CallPage)


@table.endpoint(
    "GET", "/calls/{call_id}", "One call", CallDetail, errors=(Missing,), needs=Permission.CALLS
)
async def show_call(request: web.Request) -> CallDetail:
    scope, call_id = signed_in(request).scope, request.match_info["call_id"]
    async with request.app[SESSIONS]() as session:
        record = await queries.one_call(session, scope.one_call, call_id)
        note = await queries.note_of(session, call_id)
        (item,) = await _items(request, session, [(record, note)])
        names = await names_of(session, [note.user_id] if note else [])
    more = {
        "rung": _extensions(record.rung),
        "transfers": msgspec.json.decode(record.transfers or "[]"),
        "digits": record.digits,
        "pauses": msgspec.json.decode(record.pauses or "[]"),
        "noted_by": person_ref(note.user_id, names) if note else None,
        "noted_at": note.updated_at if note else None,
        "note_version": note.version if note else 0,
    }
    return msgspec.convert(item | more, CallDetail)


@table.endpoint(
    "PUT",
    "/calls/{call_id}/note",
    "Note a call's outcome, and end its wrap-up",
    Note,
    body=NewNote,
    errors=(Missing, Conflict),
    needs=Permission.CALLS,
)
async def note_call(request: web.Request, new: NewNote) -> Note:
    """The call may be so young that it has no row yet: then the board knows it."""
    who, call_id = signed_in(request), request.match_info["call_id"]
    async with request.app[SESSIONS]() as session:
        try:
            await queries.one_call(session, who.scope.one_call, call_id)
        except Missing:
            if not takes_part(request, who, call_id):
                raise
        customers_scope = scope_for(request, Permission.CUSTOMERS)
        row, finished = await _save(session, call_id, who.user.id, new, customers_scope)
    _tell(request, row, by=who.person)
    presence = request.app[PRESENCE]
    unfinished = presence.unfinished(who.user.id)
    if new.done and unfinished and unfinished.call_id == call_id:
        await presence.want(who.user.id, new.next, new.reason)
    return Note(
        call_id=call_id,
        note=row.note,
        outcome=row.outcome,
        noted_by=person_ref(who.user.id, {who.user.id: who.user.name}),
        noted_at=row.updated_at,
        version=row.version,
        finished=finished,
    )


async def _save(
    session: AsyncSession, call_id: str, user_id: int, new: NewNote, theirs: Scope
) -> tuple[CallNote, bool]:
    """The note, and whether it is finished now. `theirs`: the customers that one may change."""
    while True:
        row = await queries.save_note(
            session, call_id, user_id, new.note, new.outcome, version=new.version
        )
        try:
            finished = await finish(session, row) if new.done else False
            if new.customer_status:
                await _set_status(session, theirs, user_id, new.customer_status)
            await session.commit()
        except (IntegrityError, StaleDataError):
            # Somebody noted the same call in the same moment: ours comes after, or is a conflict.
            await session.rollback()
            continue
        return row, finished


async def _set_status(
    session: AsyncSession, theirs: Scope, user_id: int, wanted: CustomerStatus
) -> None:
    customer = await customers.one_customer(session, theirs, wanted.customer_id)
    await saving.hold(session, customer)
    now = await saving.current(session, customer)
    texts = {"status": str(wanted.status_id or "")}
    form = tidy(texts, now.phones, now.owner_id, now)
    await saving.change(session, customer, form, user_id, only={"status"})


def _tell(request: web.Request, row: CallNote, by: Person) -> None:
    """Other windows of whoever has to do with the call show what is noted now."""
    if DESK not in request.app:
        return
    message = {
        "type": "noted",
        "call_id": row.call_id,
        "note": row.note,
        "outcome": row.outcome,
        "version": row.version,
        "by": by.name,
    }
    call = request.app[BOARD].call(row.call_id)
    there = {request.app[DIRECTORY].of_extension(each) for each in call.extensions} if call else {}
    for user_id in {by.id, *(person.id for person in there if person)}:
        request.app[DESK].tell(user_id, message)


async def _filters(
    request: web.Request, session: AsyncSession, query: CallFilter
) -> queries.CallFilters:
    zone = request.app[CONFIG].zone
    digits = digits_of(query.number)
    if query.number and not digits:
        raise Invalid(N_("“{name}” has no digits."), "number", name="number")
    keys: frozenset[str] = frozenset()
    if query.customer_id is not None:
        phones = (await customers.phones(session, [query.customer_id])).get(query.customer_id, [])
        keys = frozenset(phone.number_key for phone in phones)
    return queries.CallFilters(
        since=begin_of(query.since, zone, "from") if query.since else None,
        until=end_of(query.until, zone, "to") if query.until else None,
        direction=query.direction or "",
        result=query.result,
        user_ids=frozenset() if query.user_id is None else frozenset({query.user_id}),
        queue=query.queue,
        digits=digits,
        customer_id=query.customer_id,
        number_keys=keys,
    )


async def _items(request: web.Request, session: AsyncSession, rows: Rows) -> list[dict[str, Any]]:
    records = [record for record, _ in rows]
    names = await names_of(session, [each.user_id for each in records])
    theirs = await customers.of_ids(
        session, [each.customer_id for each in records if each.customer_id is not None]
    )
    states = await session.execute(
        select(Recording.call_id, Recording.state).where(
            Recording.call_id.in_([each.call_id for each in records])
        )
    )
    recordings = {call_id: state for call_id, state in states}
    queues = request.app[DIRECTORY].queues
    return [
        _item(record, note)
        | {
            "user": None if record.user_id is None else person_ref(record.user_id, names),
            "customer": _customer_ref(theirs.get(record.customer_id or 0)),
            "queue_title": queues.get(record.queue, (record.queue,))[0] if record.queue else None,
            "recording": recordings.get(record.call_id),
        }
        for record, note in rows
    ]


def _item(record: CallRecord, note: CallNote | None) -> dict[str, Any]:
    return {name: getattr(record, name) for name in AS_IS} | {
        "shown": shown(record.number) if record.number else "",
        "agents": _extensions(record.agents),
        "note": note.note if note else "",
        "outcome": note.outcome if note else None,
    }


def _customer_ref(row: Customer | None) -> CustomerRef | None:
    return CustomerRef(id=row.id, code=row.code, name=row.name) if row else None


def _extensions(column: str) -> list[str]:
    return [each for each in column.split(",") if each]
