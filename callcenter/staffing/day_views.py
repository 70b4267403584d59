"""A team's day and one agent's days, as lines one can read along."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.lines import STATES
from callcenter.agents.models import BreakReason
from callcenter.errors import N_, Missing
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.formats import address, name_of
from callcenter.pages.templates import render
from callcenter.people.directory import Person
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import scope_for, signed_in
from callcenter.reports.asked import Asked
from callcenter.reports.choices import periods, question
from callcenter.reports.views import asker_of
from callcenter.staffing import days, report
from callcenter.staffing.days import OneDay
from callcenter.staffing.queries import times
from callcenter.staffing.speech import Speech
from callcenter.staffing.timeline import DayLine, Timeline, drawn
from callcenter.staffing.totals import STATES as ORDER
from callcenter.staffing.views import people_of

routes = web.RouteTableDef()

MOST = 60  # lines of one page
DAY = timedelta(days=1)
SHOWN = {each: STATES[each] for each in ORDER}  # of the legend


@routes.get("/reports/agents/day")
@needs(Permission.REPORTS)
async def team_day(request: web.Request) -> web.StreamResponse:
    """The last day asked (today where nothing is) of everybody one may see: a line each."""
    asker, now = asker_of(request), datetime.now(UTC)
    asking = question(request.query, asker.today, lambda asked: None, days=1)
    day = asking.asked.until
    asked = Asked(
        since=day, until=day, departments=asking.asked.departments, users=asking.asked.users
    )
    people = [
        each for each in asker.directory.within(asker.scope) if _is_asked(request, each, asked)
    ]
    async with request.app[SESSIONS]() as session:
        table = await report.agents(session, asker, asked)
        seen = await days.seen_on(session, _days_asked(request, people, [day], now))
        found = await _days(request, session, seen[:MOST], [day], now)
        present = [one for one in found if one.spells or one.calls]  # nobody is on a day to come
        lines = await _lines(request, session, present, now, by_name=True)
    query = asking.query | {"since": "", "until": ""}
    return render(
        request,
        "staffing/team_day.html",
        status=asking.problem.status if asking.problem else 200,
        question=asking,
        day=day,
        table=table,
        timeline=_drawn(request, lines, now),
        states=SHOWN,
        before=address("/reports/agents/day", query, since=str(day - DAY), until=str(day - DAY)),
        after=address("/reports/agents/day", query, since=str(day + DAY), until=str(day + DAY)),
        is_past=day < asker.today,
        choices=people_of(request),
        left_out=max(0, len(seen) - MOST),
    )


@routes.get(r"/reports/agents/{user_id:\d{1,9}}")
@needs(Permission.REPORTS)
async def one_agent(request: web.Request) -> web.StreamResponse:
    """Their days, today where nothing is asked: a line each, the newest first."""
    person, asker, now = _person(request), asker_of(request), datetime.now(UTC)
    asking = question(request.query, asker.today, lambda asked: None, days=1)
    asked = Asked(since=asking.asked.since, until=asking.asked.until, users=(person.id,))
    chosen = [asked.until - DAY * each for each in range(min(asked.days, MOST))]
    path = f"/reports/agents/{person.id}"
    async with request.app[SESSIONS]() as session:
        table = await report.agents(session, asker, asked)
        found = await _days(request, session, [person], chosen, now)
        lines = await _lines(request, session, found, now)
        rings = await days.rings_of(session, person.id, *times(asked, _zone(request)))
        ids = {days.call_of(each) for each in found[0].spells} | {each.call_id for each in rings}
        open = await _may_open(request, session, ids)
        speech = await _speech(request, session, now)
    return render(
        request,
        "staffing/agent.html",
        status=asking.problem.status if asking.problem else 200,
        person=person,
        question=asking,
        asked=asked,
        path=path,
        periods=periods(asker.today),
        table=table,
        timeline=_drawn(request, lines, now),
        states=SHOWN,
        spells=found[0].spells[::-1] if asked.days == 1 else [],
        speech=speech,
        call_of=days.call_of,
        open=open,
        rings=rings,
        before=address(path, since=str(asked.since - DAY), until=str(asked.since - DAY)),
        after=address(path, since=str(asked.until + DAY), until=str(asked.until + DAY)),
        is_past=asked.until < asker.today,
        is_me=person.id == signed_in(request).user.id,
        left_out=max(0, asked.days - MOST),
    )


def _zone(request: web.Request) -> days.Zone:
    return request.app[TEMPLATES].formats.zone


async def _days(
    request: web.Request,
    session: AsyncSession,
    people: Sequence[Person],
    chosen: Sequence[date],
    now: datetime,
) -> list[OneDay]:
    return await days.days_of(session, _days_asked(request, people, chosen, now))


def _days_asked(
    request: web.Request, people: Sequence[Person], chosen: Sequence[date], now: datetime
) -> days.Asked:
    calls = scope_for(request, Permission.CALLS).calls
    return days.Asked(people=people, days=chosen, zone=_zone(request), now=now, calls=calls)


async def _lines(
    request: web.Request,
    session: AsyncSession,
    found: Sequence[OneDay],
    now: datetime,
    *,
    by_name: bool = False,
) -> list[DayLine]:
    """Each by its day, or by its person."""
    formats, speech = request.app[TEMPLATES].formats, await _speech(request, session, now)
    ids = {days.call_of(spell) for one in found for spell in one.spells}
    open = await _may_open(request, session, ids)

    def line(one: OneDay) -> DayLine:
        day = {"since": str(one.day), "until": str(one.day)}
        href = address(f"/reports/agents/{one.person.id}", day)
        label = one.person.name if by_name else formats.day(one.day)
        return days.line_of(one, label, href, speech, open)

    return [line(one) for one in found]


async def _may_open(request: web.Request, session: AsyncSession, ids: set[str]) -> set[str]:
    return await days.may_see(session, scope_for(request, Permission.CALLS).calls, ids - {""})


async def _speech(request: web.Request, session: AsyncSession, now: datetime) -> Speech:
    templates = request.app[TEMPLATES]
    reasons = {each.code: name_of(each) for each in await session.scalars(select(BreakReason))}
    return Speech(templates.words, templates.formats, request.app[DIRECTORY], reasons, now)


def _drawn(request: web.Request, lines: Sequence[DayLine], now: datetime) -> Timeline | None:
    """None where nothing happened."""
    seen = any(line.states or line.calls for line in lines)
    return drawn(lines, request.app[TEMPLATES].formats.clock, now) if seen else None


def _person(request: web.Request) -> Person:
    """Raises Missing for whoever is not of one's team."""
    user_id = int(request.match_info["user_id"])
    for each in request.app[DIRECTORY].within(signed_in(request).scope):
        if each.id == user_id:
            return each
    raise Missing(N_("There is no such employee."))


def _is_asked(request: web.Request, person: Person, asked: Asked) -> bool:
    directory = request.app[DIRECTORY]
    below = [directory.below(each) for each in asked.departments]
    if below and not any(person.department_id in each for each in below):
        return False
    return not asked.users or person.id in asked.users
