"""The part of the call report about outcomes, which the page asks for once it is there."""

from aiohttp import web

from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports.asked import read
from callcenter.reports.call_table import link_of
from callcenter.reports.calls import filters_of
from callcenter.reports.outcomes import outcome_report
from callcenter.reports.views import asker_of

routes = web.RouteTableDef()


@routes.get("/reports/calls/outcomes")
@needs(Permission.REPORTS)
async def outcomes(request: web.Request) -> web.StreamResponse:
    """With the report's own filters."""
    asked = read(request.query, request.app[TEMPLATES].formats.today())
    async with request.app[SESSIONS]() as session:
        report = await outcome_report(
            session, signed_in(request).scope.calls, filters_of(asked, asker_of(request))
        )
    return render(request, "reports/outcomes.html", report=report, link=link_of(asked))
