"""The call report: how many calls, how long, by day and by employee [7.1, 7.2, 7.3]."""

from datetime import date, timedelta

from aiohttp import web

from callcenter.calls.call import Direction, Result
from callcenter.calls.queries import ENDED
from callcenter.errors import N_, Invalid
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.call_words import DIRECTIONS
from callcenter.pages.formats import Formats, address, duration
from callcenter.pages.language import Words, number
from callcenter.pages.templates import render
from callcenter.people.directory import DepartmentNode, Directory
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import signed_in
from callcenter.reports import charts, queries
from callcenter.reports.queries import AgentReport, Asked, DayReport

routes = web.RouteTableDef()

DAYS = 14  # when no period is asked for
SERIES = {  # of a day's stack, from the bottom: the results it counts, as a filter of the calls
    "answered": N_("Answered"),
    "no_answer,cancelled": N_("No answer"),
    "busy,rejected,unreachable,failed": N_("Busy, declined, not reachable"),
    "abandoned": N_("Missed (incoming)"),
}
BOTH = f"{Direction.INBOUND},{Direction.OUTBOUND}"  # the report has no calls between colleagues


@routes.get("/reports/calls")
@needs(Permission.REPORTS)
async def call_report(request: web.Request) -> web.StreamResponse:
    who, directory, templates = signed_in(request), request.app[DIRECTORY], request.app[TEMPLATES]
    today = templates.formats.today()
    asked = asked_of(request, today)
    async with request.app[SESSIONS]() as session:
        report = await queries.call_report(session, who.scope, asked)
    link = link_of(asked)
    people = directory.within(who.scope)
    return render(
        request,
        "reports/calls.html",
        asked=asked,
        report=report,
        link=link,
        series=SERIES,
        counts={day.day: _counts(day) for day in report.days},
        days=_days_chart(report.days, templates.words, templates.formats, link),
        agents=_agents_chart(report.agents, templates.words, link),
        period=period.Period(asked.since, asked.until),
        periods=period.presets(today, (7, 14)) | period.this_month(today),
        people=people if len(people) > 1 else [],
        departments=_departments(directory, who.scope),
        directions={d: DIRECTIONS[d] for d in (Direction.INBOUND, Direction.OUTBOUND)},
    )


def asked_of(request: web.Request, today: date) -> Asked:
    """What the address asks for; raises Invalid for what is no filter."""
    query = request.query
    chosen = period.read(query, today)
    until = chosen.until or max(today, chosen.since or today)
    return Asked(
        since=chosen.since or until - timedelta(days=DAYS - 1),
        until=until,
        department_id=_whole(query.get("department", "")),
        user_id=_whole(query.get("agent", "")),
        direction=query.get("direction") or None,
    )


def _departments(directory: Directory, scope: Scope) -> list[DepartmentNode]:
    """Those one may choose between."""
    found = [
        each
        for each in directory.departments.values()
        if scope.everything or each.id in scope.departments
    ]
    return found if len(found) > 1 else []


def link_of(asked: Asked) -> dict[str, str]:
    """What of the report's filters the list of calls understands as well."""
    return {
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "direction": asked.direction or BOTH,
        "result": ENDED,  # the sums know no others
        "department": str(asked.department_id or ""),
        "agent": str(asked.user_id or ""),
    }


def _counts(day: DayReport) -> list[int]:
    return [sum(day.results.get(each, 0) for each in results.split(",")) for results in SERIES]


def _days_chart(
    days: list[DayReport], words: Words, formats: Formats, link: dict[str, str]
) -> charts.Chart:
    bars = []
    for day in days:
        counts = _counts(day)
        parts = ", ".join(
            f"{words.say(name)} {number(count)}"
            for name, count in zip(SERIES.values(), counts, strict=True)
        )
        on = day.day.isoformat()
        bars.append(
            charts.Bar(
                label=formats.short_day(day.day),
                parts=counts,
                total=number(day.calls),
                title=f"{formats.day(day.day)}: {parts}",
                href=address("/calls", link, since=on, until=on),
                below=formats.weekend(day.day),
            )
        )
    return charts.columns(bars, lambda value: number(int(value)))


def _agents_chart(agents: list[AgentReport], words: Words, link: dict[str, str]) -> charts.Chart:
    bars = [
        charts.Bar(
            label=agent.name or words.say(N_("Deleted employee")),
            parts=[agent.talked_s],
            total=duration(agent.talked_s),
            title=f"{agent.name}: {duration(agent.talked_s)}",
            href=address("/calls", link, agent=str(agent.user_id), result=Result.ANSWERED),
        )
        for agent in agents
    ]
    return charts.rows(bars, lambda seconds: _hours(words, seconds))


def _hours(words: Words, seconds: float) -> str:
    if seconds and seconds % 3600:
        return words.say(N_("{n} min"), n=number(int(seconds // 60)))
    return words.say(N_("{n} h"), n=number(int(seconds // 3600)))


def _whole(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("“{word}” is not a filter here."), word=text[:40])
    return int(text) if text else None
