"""The home page: how today goes, for oneself or for all one leads, and what waits to be done."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from aiohttp import web
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls import queries as calls
from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallDay
from callcenter.customers import queries as customers
from callcenter.errors import N_
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.pages.call_lines import lines
from callcenter.pages.language import number
from callcenter.pages.templates import render
from callcenter.people.rights import Scope
from callcenter.people.session import signed_in
from callcenter.reports import charts

routes = web.RouteTableDef()

SHOWN = 6  # lines of each list
OFFICE = range(8, 18)  # hours that are drawn even when nothing happened in them


@dataclass(frozen=True, slots=True)
class Numbers:
    """The sums of one day."""

    calls: int
    answered: int
    missed: int  # incoming, and nobody answered
    talked_s: float


@routes.get("/")
async def home(request: web.Request) -> web.StreamResponse:
    who, templates = signed_in(request), request.app[TEMPLATES]
    today = templates.formats.today()
    since = datetime.combine(today, time(), templates.formats.zone).astimezone(UTC)
    filters = calls.CallFilters(since=since)
    missed = calls.CallFilters(since=since - timedelta(days=1), result=calls.MISSED)
    own = customers.CustomerFilters(assigned=True, owner_id=who.user.id)
    async with request.app[SESSIONS]() as session:
        numbers = await _numbers(session, who.scope, today)
        before = await _numbers(session, who.scope, today - timedelta(days=1))
        hours = await calls.by_hour(
            session, who.scope.calls, filters, lambda at: templates.formats.local(at).hour
        )
        gone = await calls.calls_cut(session, who.scope.calls, missed, limit=SHOWN)
        lately = await calls.calls_cut(
            session, who.scope.calls, calls.CallFilters(), limit=SHOWN + 2
        )
        newest = await customers.customers_cut(
            session, who.scope, own, sort="created", descending=True, limit=SHOWN
        )
        phones = await customers.phones(session, [customer.id for customer, _ in newest.rows])
        return render(
            request,
            "pages/home.html",
            numbers=numbers,
            before=before,
            missed=await lines(request, session, gone.rows),
            recent=await lines(request, session, lately.rows),
            newest=[customer for customer, _ in newest.rows],
            phones=phones,
            chart=_chart(request, hours, today),
            team=who.scope.everything or bool(who.scope.departments),
        )


async def _numbers(session: AsyncSession, scope: Scope, day: date) -> Numbers:
    answered = CallDay.result == Result.ANSWERED
    missed = (CallDay.direction == Direction.INBOUND) & (CallDay.result != Result.ANSWERED)
    row = (
        await session.execute(
            scope.days(
                select(
                    func.sum(CallDay.calls),
                    func.sum(case((answered, CallDay.calls), else_=0)),
                    func.sum(case((missed, CallDay.calls), else_=0)),
                    func.sum(CallDay.talked_s),
                ).where(CallDay.day == day)
            )
        )
    ).one()
    return Numbers(int(row[0] or 0), int(row[1] or 0), int(row[2] or 0), float(row[3] or 0))


def _chart(request: web.Request, hours: dict[int, int], today: date) -> charts.Chart:
    words = request.app[TEMPLATES].words
    first, last = min([*hours, OFFICE[0]]), max([*hours, OFFICE[-1]])
    bars = [
        charts.Bar(
            label=words.say(N_("{hour}h"), hour=hour),
            parts=[hours.get(hour, 0)],
            total=number(hours.get(hour, 0)),
            title=words.say(N_("{hour}:00, {n} calls"), hour=hour, n=number(hours.get(hour, 0))),
            href=f"/calls?since={today}&until={today}",
        )
        for hour in range(first, last + 1)
    ]
    return charts.columns(bars, lambda value: number(int(value)), width=350)
