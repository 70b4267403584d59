"""The page of interactions [7.9]: each one with its details, its recording, and a way to go on.

It shows calls and customers one by one, so it goes no further than these are seen; and a customer
is a name only where their file may not be opened.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.activities.models import Activity
from callcenter.calls.models import CallNote, CallRecord
from callcenter.care.channels import Channel, channels
from callcenter.care.daily import interactions_count, interactions_cut
from callcenter.care.models import MEANING, Interaction
from callcenter.care.views import filters, question_of
from callcenter.customers import queries as customers
from callcenter.customers.models import Customer
from callcenter.customers.numbers import key_of
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.keyset import Cut
from callcenter.pages import period
from callcenter.pages.call_lines import CallLine, lines
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import scope_for
from callcenter.reports.registry import REPORTS
from callcenter.reports.views import asker_of

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Line:
    """One interaction with what stands beside it. `number`: to call them back, "" if none is known
    or the customer's file may not be opened; `call` or `activity` is None."""

    one: Interaction
    customer: Customer | None
    opens: bool  # the customer's file
    number: str
    employee: str
    channel: Channel | None
    call: CallLine | None
    activity: Activity | None

    @property
    def copy(self) -> dict[str, str]:
        """What begins a new activity with a copy of it, as in an address."""
        if self.activity:
            return {"copy": str(self.activity.id)}
        return {"call": self.one.call_id or ""}


@routes.get("/reports/interactions")
@needs(Permission.REPORTS)
async def interactions(request: web.Request) -> web.StreamResponse:
    today = request.app[TEMPLATES].formats.today()
    report, asking = REPORTS["interactions"], question_of(request, 1)
    scope = scope_for(request, report.needs, *report.of)
    asker, asked = replace(asker_of(request), scope=scope), asking.asked
    cut: Cut[tuple[Interaction]] | None = None
    count, shown = 0, list[Line]()
    async with request.app[SESSIONS]() as session:
        offered = await channels(session)
        if not asking.problem:
            cursor = request.query.get("cursor", "")
            cut = await interactions_cut(session, asker, asked, cursor=cursor)
            count = await interactions_count(session, asker, asked)
            shown = await _lines(request, session, [row[0] for row in cut.rows], offered)
    return render(
        request,
        "care/interactions.html",
        status=asking.problem.status if asking.problem else 200,
        report=report,
        question=asking,
        asked=asked,
        cut=cut,
        count=count,
        lines=shown,
        meaning=MEANING,
        periods=period.presets(today, (7,)) | period.this_month(today),
        channels=[each for each in offered if each.offered],
        steps={},
        **filters(request, asker, asked),
    )


async def _lines(
    request: web.Request,
    session: AsyncSession,
    found: Sequence[Interaction],
    offered: Sequence[Channel],
) -> list[Line]:
    """In their order; a handful of questions however many there are."""
    directory, titles = request.app[DIRECTORY], {each.key: each for each in offered}
    calls = await _calls(request, session, [each.call_id for each in found if each.call_id])
    activities = await _activities(session, [n for each in found if (n := each.activity_id)])
    ids = {each.customer_id for each in found}
    people, opens = await customers.of_ids(session, ids), await _openable(request, session, ids)
    phones = await customers.phones(session, opens)
    return [
        Line(
            one=each,
            customer=people.get(each.customer_id),
            opens=each.customer_id in opens,
            number=key_of(theirs[0].raw) if (theirs := phones.get(each.customer_id)) else "",
            employee=person.name if (person := directory.known(each.user_id or 0)) else "",
            channel=titles.get((each.channel, each.type_id)),
            call=calls.get(each.call_id or ""),
            activity=activities.get(each.activity_id or 0),
        )
        for each in found
    ]


async def _openable(
    request: web.Request, session: AsyncSession, ids: Collection[int]
) -> frozenset[int]:
    """Of these customers those whose file one may open; none in the bin."""
    scope = scope_for(request, Permission.CUSTOMERS)
    mine = scope.one_customer(select(Customer.id).where(Customer.id.in_(ids)))
    return frozenset(await session.scalars(mine))


async def _calls(
    request: web.Request, session: AsyncSession, call_ids: Sequence[str]
) -> dict[str, CallLine]:
    rows: Any = await session.execute(
        select(CallRecord, CallNote)
        .outerjoin(CallNote, CallNote.call_id == CallRecord.call_id)
        .where(CallRecord.call_id.in_(call_ids))
    )
    found = await lines(request, session, [(record, note) for record, note in rows])
    return {line.record.call_id: line for line in found}


async def _activities(session: AsyncSession, ids: Sequence[int]) -> dict[int, Activity]:
    rows = await session.scalars(select(Activity).where(Activity.id.in_(ids)))
    return {row.id: row for row in rows}
