"""The page of a customer: the line of time, the information, and what was changed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from aiohttp import web
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Result
from callcenter.calls.models import CallNote, CallRecord
from callcenter.calls.queries import CallFilters, conditions
from callcenter.customers import saving
from callcenter.customers.fields import FIELDS, label, of_kind
from callcenter.customers.models import CustomerChange
from callcenter.customers.timeline import SOURCES, Entry, Source, timeline
from callcenter.customers.words import names_of, words
from callcenter.errors import N_, Invalid
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.keyset import cut
from callcenter.pages.call_lines import lines
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import signed_in
from callcenter.profiles.head import head, one_of

routes = web.RouteTableDef()

ONE = r"/customers/{customer_id:\d{1,9}}"
ONLY = {  # what the line of time can be narrowed to
    "": N_("All"),
    "call": N_("Calls"),
    "activity": N_("Activities"),
    "callback": N_("Callbacks"),
    "status": N_("Status"),
    "document": N_("Documents"),
}


@routes.get(ONE)
@needs(Permission.CUSTOMERS)
async def one_customer(request: web.Request) -> web.StreamResponse:
    """The line of time; ?only= one kind, ?before= where the next entries begin."""
    who, query = signed_in(request), request.query
    only = query.get("only", "") if query.get("only") in ONLY else ""
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        values = await head(request, session, customer, "timeline")
        keys = frozenset(phone.number_key for phone in values["phones"])
        filters = CallFilters(customer_id=customer.id, number_keys=keys)
        sources = [_calls(who.scope, filters), *SOURCES]
        entries, more = await timeline(session, sources, customer.id, _before(request), only)
        rows = [(e.values["record"], e.values["note"]) for e in entries if e.kind == "call"]
        calls = {line.record.call_id: line for line in await lines(request, session, rows)}
        sums = await _sums(session, who.scope, filters)
        form = await saving.current(session, customer)
        told = words(form, await names_of(session, form))
    return render(
        request,
        "customers/timeline.html",
        **values,
        days=_by_day(request, entries),
        calls=calls,
        sums=sums,
        more=more.isoformat() if more else "",
        only=only,
        kinds_of_entries=ONLY,
        label=label,
        told=told,
        fields=FIELDS,
    )


@routes.get(ONE + "/information")
@needs(Permission.CUSTOMERS)
async def information(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        values = await head(request, session, customer, "information")
        form = await saving.current(session, customer)
        told = words(form, await names_of(session, form))
    return render(
        request,
        "customers/information.html",
        **values,
        form=form,
        fields=of_kind(customer.kind),
        told=told,
    )


@routes.get(ONE + "/history")
@needs(Permission.CUSTOMERS)
async def changes(request: web.Request) -> web.StreamResponse:
    """Who changed what, and when [2.4]; ?only=status for the changes of the status alone [6.3]."""
    only = "status" if request.query.get("only") == "status" else ""
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        values = await head(request, session, customer, "history")
        statement = select(CustomerChange).where(CustomerChange.customer_id == customer.id)
        if only:
            statement = statement.where(CustomerChange.field == only)
        found = await cut(
            session,
            statement,
            (CustomerChange.id,),
            descending=True,
            cursor=request.query.get("cursor", ""),
        )
    return render(request, "customers/history.html", **values, cut=found, only=only, label=label)


def _before(request: web.Request) -> datetime:
    text = request.query.get("before", "")
    if not text:
        return datetime.now(UTC) + timedelta(days=1)  # what has just happened, on any clock
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo and 1900 < found.year < 2200 else _no_page()
    except ValueError:
        return _no_page()


def _no_page() -> datetime:
    raise Invalid(N_("This page of the list does not exist."), field="before")


def _calls(scope: Scope, filters: CallFilters) -> Source:
    """The calls of a customer that `scope` may see."""

    async def calls(
        session: AsyncSession, customer_id: int, before: datetime, limit: int
    ) -> Sequence[Entry]:
        statement = scope.one_call(
            select(CallRecord, CallNote)
            .outerjoin(CallNote, CallNote.call_id == CallRecord.call_id)
            .where(*conditions(filters), CallRecord.started_at < before)
        )
        newest = statement.order_by(CallRecord.started_at.desc(), CallRecord.call_id.desc())
        return [
            Entry(
                at=record.started_at,
                key=record.call_id,
                kind="call",
                icon="phone",
                template="customers/timeline_call.html",
                by=record.user_id,
                values={"record": record, "note": note},
            )
            for record, note in await session.execute(newest.limit(limit))
        ]

    return calls


async def _sums(
    session: AsyncSession, scope: Scope, filters: CallFilters
) -> tuple[int, int, float]:
    """(calls, missed ones, seconds talked) with this customer, of those that may be seen."""
    missed = (CallRecord.direction == "inbound") & (
        func.coalesce(CallRecord.result, Result.ANSWERED) != Result.ANSWERED
    )
    row = (
        await session.execute(
            scope.one_call(
                select(
                    func.count(),
                    func.coalesce(func.sum(case((missed, 1), else_=0)), 0),
                    func.coalesce(func.sum(CallRecord.talked_s), 0.0),
                ).where(*conditions(filters))
            )
        )
    ).one()
    return row[0], row[1], row[2]


def _by_day(request: web.Request, entries: Sequence[Entry]) -> dict[date, list[Entry]]:
    local = request.app[TEMPLATES].formats.local
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        days.setdefault(local(entry.at).date(), []).append(entry)
    return days
