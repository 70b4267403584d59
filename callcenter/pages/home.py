"""The home page: how today goes, for oneself or for all one leads, and what waits to be done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from aiohttp import web
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.queries import wrapped_up_s
from callcenter.callbacks.home import next_up
from callcenter.calls import queries as calls
from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallDay
from callcenter.customers import anniversaries
from callcenter.customers import queries as customers
from callcenter.customers.models import CustomerPhone
from callcenter.errors import N_
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.call_lines import lines
from callcenter.pages.language import number
from callcenter.pages.templates import render
from callcenter.people import birthdays
from callcenter.people.permissions import Door, Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import signed_in
from callcenter.reports import charts
from callcenter.settings.parameters import parameters
from callcenter.wrap_up.views import to_finish

routes = web.RouteTableDef()

SHOWN = 6  # lines of each list
REMINDED = 8  # days of customers that come back, of each kind
OFFICE = range(8, 18)  # hours that are drawn even when nothing happened in them
WITH_CUSTOMERS = (Direction.INBOUND.value, Direction.OUTBOUND.value)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The sums of one day."""

    calls: int
    answered: int
    missed: int  # incoming, and nobody answered
    talked_s: float
    held_s: float


@routes.get("/")
@needs(Door.SIGNED_IN)
async def home(request: web.Request) -> web.StreamResponse:
    who, templates = signed_in(request), request.app[TEMPLATES]
    today = templates.formats.today()
    since = datetime.combine(today, time(), templates.formats.zone).astimezone(UTC)
    team = who.scope.everything or bool(who.scope.departments)
    upcoming = await next_up(request)
    own = customers.CustomerFilters(assigned=True, owner_id=who.user.id)
    async with request.app[SESSIONS]() as session:
        numbers = await _numbers(session, who.scope, today)
        before = await _numbers(session, who.scope, today - timedelta(days=1))
        hours = [
            await _hours(request, session, who.scope, day)
            for day in (today, today - timedelta(days=1))
        ]
        wrapped_s = await wrapped_up_s(session, who.user.id, since, datetime.now(UTC))
        lately = await calls.calls_cut(
            session, who.scope.calls, calls.CallFilters(), limit=SHOWN + 2
        )
        newest = await customers.customers_cut(
            session, who.scope, own, sort="created", descending=True, limit=SHOWN
        )
        phones = await customers.phones(session, [customer.id for customer, _ in newest.rows])
        remind = await _reminders(session, who.scope, today)
        may_finish = who.may(Permission.CALLS)
        unfinished = await to_finish(request, session) if may_finish else None
        return render(
            request,
            "pages/home.html",
            numbers=numbers,
            before=before,
            upcoming=upcoming,
            unfinished=unfinished,
            handling_s=(numbers.talked_s + numbers.held_s + (0 if team else wrapped_s))
            / (numbers.answered or 1),
            recent=await lines(request, session, lately.rows),
            newest=[customer for customer, _ in newest.rows],
            phones=phones | remind.phones,
            remind=remind,
            departments=request.app[DIRECTORY].departments,
            hours=hours,
            chart=_chart(request, hours, today),
            link={"since": str(today), "until": str(today), "direction": ",".join(WITH_CUSTOMERS)},
            team=team,
        )


@dataclass(frozen=True, slots=True)
class Reminders:
    """Days that come back, for whoever looks: colleagues', and those of customers in scope."""

    colleagues: Sequence[birthdays.Birthday]
    customers: Sequence[tuple[str, Sequence[anniversaries.Reminder]]]  # heading, and who
    phones: dict[int, list[CustomerPhone]]


async def _reminders(session: AsyncSession, scope: Scope, today: date) -> Reminders:
    days = await parameters(session)
    births = await anniversaries.birthdays(
        session, scope, today, days.birthday_reminder_days, REMINDED
    )
    foundings = await anniversaries.founding_days(
        session, scope, today, days.founding_reminder_days, REMINDED
    )
    return Reminders(
        await birthdays.birthdays(session, today),
        [(N_("Customers’ birthdays"), births), (N_("Customers’ founding days"), foundings)],
        await customers.phones(session, [each.customer.id for each in (*births, *foundings)]),
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
                    func.sum(CallDay.held_s),
                ).where(CallDay.day == day, CallDay.direction.in_(WITH_CUSTOMERS))
            )
        )
    ).one()
    calls, answered_calls, missed_calls = (int(each or 0) for each in row[:3])
    return Numbers(calls, answered_calls, missed_calls, *(float(each or 0) for each in row[3:]))


async def _hours(
    request: web.Request, session: AsyncSession, scope: Scope, day: date
) -> Counter[int]:
    """The calls of that day by hour: those that `_numbers` counts."""
    formats = request.app[TEMPLATES].formats
    since, until = (
        datetime.combine(each, time(), formats.zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    filters = calls.CallFilters(
        since=since, until=until, direction=",".join(WITH_CUSTOMERS), result=calls.ENDED
    )
    return await calls.by_hour(session, scope.calls, filters, lambda at: formats.local(at).hour)


def _chart(request: web.Request, hours: list[Counter[int]], today: date) -> charts.Chart:
    """Today's calls by hour, each beside those of the same hour yesterday."""
    words = request.app[TEMPLATES].words
    now, before = hours
    busy = {*now, *before, OFFICE[0], OFFICE[-1]}
    bars = [
        charts.Bar(
            label=words.say(N_("{hour}h"), hour=hour),
            parts=[now[hour], before[hour]],
            total=number(now[hour]) if now[hour] else "",
            title=words.say(
                N_("{hour}:00, today {n}, yesterday {before}"),
                hour=hour,
                n=number(now[hour]),
                before=number(before[hour]),
            ),
            href=f"/calls?since={today}&until={today}",
        )
        for hour in range(min(busy), max(busy) + 1)
    ]
    return charts.columns(bars, lambda value: number(int(value)), width=350, beside=True)
