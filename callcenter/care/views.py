"""The pages of the reports about care [7.4, 7.6, 7.7, 7.8]: filters, a chart, the table."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from aiohttp import web
from multidict import MultiDict

from callcenter.calls.call import Direction
from callcenter.care import graphs
from callcenter.care.channels import channels
from callcenter.errors import N_
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.reports.asked import Asked, Step, query_of
from callcenter.reports.charts import Chart
from callcenter.reports.choices import Question, question
from callcenter.reports.comparing import answered
from callcenter.reports.frame import Asker, Table
from callcenter.reports.registry import REPORTS
from callcenter.reports.views import asker_of

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
    return await _report(request, "customer-interaction", question_of(request, 1), periods={})


@routes.get("/reports/interacted")
@needs(Permission.REPORTS)
async def interacted(request: web.Request) -> web.StreamResponse:
    today = request.app[TEMPLATES].formats.today()
    periods = period.presets(today, (7, 30)) | period.this_month(today)
    return await _report(request, "interacted", question_of(request, 30), periods=periods)


@routes.get("/reports/new-customers")
@needs(Permission.REPORTS)
async def new_customers(request: web.Request) -> web.StreamResponse:
    today = request.app[TEMPLATES].formats.today()
    periods = period.presets(today, (7, 14, 30)) | period.this_month(today)
    return await _report(
        request, "new-customers", question_of(request, 14), periods=periods, steps=STEPS
    )


@routes.get("/reports/care-time")
@needs(Permission.REPORTS)
async def care_time(request: web.Request) -> web.StreamResponse:
    today = request.app[TEMPLATES].formats.today()
    first = _months_before(today, MONTHS - 1)
    periods = period.this_month(today) | {N_("12 months"): period.Period(first, today)}
    asking = question_of(request, (today - first).days + 1)
    async with request.app[SESSIONS]() as session:
        offered = [each for each in await channels(session) if each.offered]
    return await _report(request, "care-time", asking, periods=periods, channels=offered)


async def _report(
    request: web.Request, name: str, asking: Question, **values: Any
) -> web.StreamResponse:
    report, asker, asked = REPORTS[name], asker_of(request), asking.asked
    table = None
    if not asking.problem:
        async with request.app[SESSIONS]() as session:
            table = await answered(session, report.answer, asker, asked)
    return render(
        request,
        "care/report.html",
        status=asking.problem.status if asking.problem else 200,
        report=report,
        question=asking,
        asked=asked,
        table=table,
        graph=_graph(request, name, table, asked) if table else None,
        **{"steps": {}, "channels": []} | values,
        **filters(request, asker, asked),
    )


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


def question_of(request: web.Request, days: int) -> Question:
    """As reports.choices reads it; `channel`, of the form, stands for `direction` or `type`."""
    query = MultiDict(request.query)
    if (channel := query.pop("channel", None)) is not None:
        is_way = channel in (Direction.INBOUND, Direction.OUTBOUND)
        query["direction"], query["type"] = (channel, "") if is_way else ("", channel)
    return question(query, request.app[TEMPLATES].formats.today(), lambda asked: None, days)


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
