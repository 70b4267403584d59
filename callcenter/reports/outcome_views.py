"""The part of the call report about outcomes, which the page asks for once it is there."""

from datetime import UTC, datetime, time, timedelta

from aiohttp import web

from callcenter.calls.queries import CallFilters
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports.outcomes import outcome_report
from callcenter.reports.queries import Asked
from callcenter.reports.views import asked_of, link_of

routes = web.RouteTableDef()


@routes.get("/reports/calls/outcomes")
@needs(Permission.REPORTS)
async def outcomes(request: web.Request) -> web.StreamResponse:
    """With the report's own filters."""
    formats = request.app[TEMPLATES].formats
    asked = asked_of(request, formats.today())
    async with request.app[SESSIONS]() as session:
        report = await outcome_report(
            session, signed_in(request).scope.calls, _filters(request, asked)
        )
    return render(request, "reports/outcomes.html", report=report, link=link_of(asked))


def _filters(request: web.Request, asked: Asked) -> CallFilters:
    zone, link = request.app[TEMPLATES].formats.zone, link_of(asked)
    department = asked.department_id
    return CallFilters(
        since=datetime.combine(asked.since, time(), zone).astimezone(UTC),
        until=datetime.combine(asked.until + timedelta(days=1), time(), zone).astimezone(UTC),
        direction=link["direction"],
        result=link["result"],
        user_ids=frozenset() if asked.user_id is None else frozenset({asked.user_id}),
        department_ids=None if department is None else request.app[DIRECTORY].below(department),
    )
