"""/reports/agents and /reports/agent-outcomes: the agents' reports as pages."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports.choices import Choice, choices, periods, question
from callcenter.reports.comparing import answered
from callcenter.reports.frame import Report
from callcenter.reports.views import asker_of
from callcenter.staffing import report

routes = web.RouteTableDef()

FILTERS = ("department", "agent")


@routes.get("/reports/agents")
@needs(Permission.REPORTS)
async def agents(request: web.Request) -> web.StreamResponse:
    return await _page(request, report.AGENTS)


@routes.get("/reports/agent-outcomes")
@needs(Permission.REPORTS)
async def outcomes(request: web.Request) -> web.StreamResponse:
    return await _page(request, report.OUTCOMES)


async def _page(request: web.Request, which: Report) -> web.StreamResponse:
    asker = asker_of(request)
    asking = question(request.query, asker.today, lambda asked: None)
    table = None
    if not asking.problem:
        async with request.app[SESSIONS]() as session:
            table = await answered(session, which.answer, asker, asking.asked)
    # Of hundreds of agents it takes a tenth of a second, in which nobody else would be served.
    return await asyncio.to_thread(
        render,
        request,
        "staffing/report.html",
        status=asking.problem.status if asking.problem else 200,
        report=which,
        question=asking,
        asked=asking.asked,
        table=table,
        periods=periods(asker.today),
        choices=people_of(request),
        team=len(asker.directory.within(asker.scope)) > 1,
    )


def people_of(request: web.Request) -> Sequence[Choice]:
    """The filters that make sense for people."""
    words, scope = request.app[TEMPLATES].words, signed_in(request).scope
    found = choices(request.app[DIRECTORY], scope, words, ())
    return [each for each in found if each.name in FILTERS]
