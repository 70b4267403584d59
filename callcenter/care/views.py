"""The pages of the reports about care [7.4, 7.6, 7.7, 7.8]: filters, a chart, the table."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from callcenter.calls.call import Direction
from callcenter.care import graphs
from callcenter.care.channels import channels
from callcenter.errors import N_
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports.asked import Asked, Step, query_of, read
from callcenter.reports.charts import Chart
from callcenter.reports.comparing import answered
from callcenter.reports.frame import Asker, Table
from callcenter.reports.registry import REPORTS

routes = web.RouteTableDef()

STEPS = {Step.DAY: N_("By day"), Step.WEEK: N_("By week"), Step.MONTH: N_("By month")}
MONTHS = 12  # of care time, when no period is asked for


class Graph(NamedTuple):
    """A chart of columns: its title, and what its parts are with their colours."""

    chart: Chart
    title: str
    parts: Mapping[str, str]


@routes.get("/reports/customer-interaction")
@needs(Permission.REPORTS)
async def customer_interaction(request: web.Request) -> web.StreamResponse:
    """Of now: it has no period."""
    return await _report(request, "customer-interaction", asked_of(request, 1), periods={})


@routes.get("/reports/interacted")
@needs(Permission.REPORTS)
async def interacted(request: web.Request) -> web.StreamResponse:
    today = request.app[TEMPLATES].formats.today()
    periods = period.presets(today, (7, 30)) | period.this_month(today)
    return await _report(request, "interacted", asked_of(request, 30), periods=periods)


@routes.get("/reports/new-customers")
@needs(Permission.REPORTS)
async def new_customers(request: web.Request) -> web.StreamResponse:
    today = request.app[TEMPLATES].formats.today()
    periods = period.presets(today, (7, 14, 30)) | period.this_month(today)
    return await _report(
        request, "new-customers", asked_of(request, 14), periods=periods, steps=STEPS
    )


@routes.get("/reports/care-time")
@needs(Permission.REPORTS)
async def care_time(request: web.Request) -> web.StreamResponse:
    today = request.app[TEMPLATES].formats.today()
    first = _months_before(today, MONTHS - 1)
    periods = period.this_month(today) | {N_("12 months"): period.Period(first, today)}
    asked = asked_of(request, (today - first).days + 1)
    async with request.app[SESSIONS]() as session:
        offered = [each for each in await channels(session) if each.offered]
    return await _report(request, "care-time", asked, periods=periods, channels=offered)


async def _report(
    request: web.Request, name: str, asked: Asked, **values: Any
) -> web.StreamResponse:
    report, asker = REPORTS[name], asker_of(request)
    async with request.app[SESSIONS]() as session:
        table = await answered(session, report.answer, asker, asked)
    return render(
        request,
        "care/report.html",
        report=report,
        asked=asked,
        table=table,
        graph=_graph(request, name, table, asked),
        **{"steps": {}, "channels": []} | values,
        **filters(request, asker, asked),
    )


def asker_of(request: web.Request) -> Asker:
    formats = request.app[TEMPLATES].formats
    scope, directory = signed_in(request).scope, request.app[DIRECTORY]
    return Asker(scope, directory, formats.today(), formats.zone.key)


def filters(request: web.Request, asker: Asker, asked: Asked) -> dict[str, Any]:
    """What care/parts.html needs to draw them: people and departments one may choose between."""
    directory, scope = asker.directory, asker.scope
    people = directory.within(scope)
    departments = [
        each
        for each in directory.departments.values()
        if scope.everything or each.id in scope.departments
    ]
    return {
        "query": query_of(asked),
        "period": period.Period(asked.since, asked.until),
        "people": [(str(each.id), each.name) for each in people] if len(people) > 1 else [],
        "departments": _pairs(departments) if len(departments) > 1 else [],
    }


def _pairs(departments: Iterable[Any]) -> list[tuple[str, str]]:
    return [(str(each.id), each.name) for each in departments]


def asked_of(request: web.Request, days: int) -> Asked:
    """As reports.asked reads it; `channel`, of the form, stands for `direction` or `type`."""
    asked = read(request.query, request.app[TEMPLATES].formats.today(), days)
    match request.query.get("channel"):
        case None:
            return asked
        case Direction.INBOUND | Direction.OUTBOUND as way:
            return msgspec.structs.replace(asked, direction=way, types=())
        case text if text.isascii() and text.isdigit() and len(text) < 10:
            return msgspec.structs.replace(asked, direction="", types=(int(text),))
    return msgspec.structs.replace(asked, direction="", types=())


def _graph(request: web.Request, name: str, table: Table, asked: Asked) -> Graph | None:
    """None: it has no chart, or too much would stand in it."""
    templates = request.app[TEMPLATES]
    drawn = graphs.Drawing(templates.words, templates.formats)
    match name:
        case "interacted":
            chart, title = drawn.interacted(table), N_("Customers by employee")
        case "new-customers":
            chart, title = drawn.newcomers(table, asked), N_("New customers by day")
        case "care-time":
            chart, title = drawn.times(table, asked), N_("Hours by month")
        case _:
            return None
    return Graph(chart, title, graphs.PARTS[name]) if chart else None


def _months_before(day: date, months: int) -> date:
    """The first day of the month so many before."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first
