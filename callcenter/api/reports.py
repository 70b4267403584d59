"""The call report as numbers: calls a day by result, talk time an agent."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from aiohttp import web
from msgspec import field

from callcenter.api.table import table
from callcenter.api.types import Id, Wire
from callcenter.api.wire import begin_of
from callcenter.keys import CONFIG, SESSIONS
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in
from callcenter.reports.queries import Asked, CallReport, call_report

DAYS = 14  # when no period is asked for


class ReportFilter(Wire):
    """Days are the company's, both included: by default the last fourteen."""

    since: date | None = field(name="from", default=None)
    until: date | None = field(name="to", default=None)
    department_id: Id | None = None
    user_id: Id | None = None
    direction: Literal["inbound", "outbound"] | None = None


@table.endpoint(
    "GET",
    "/reports/calls",
    "The call report",
    CallReport,
    query=ReportFilter,
    needs=Permission.REPORTS,
)
async def report_calls(request: web.Request, query: ReportFilter) -> CallReport:
    zone = request.app[CONFIG].zone
    until = query.until or datetime.now(UTC).astimezone(zone).date()
    begin_of(until, zone, "to")
    since = query.since or until - timedelta(days=DAYS - 1)
    begin_of(since, zone, "from")
    asked = Asked(
        since=since,
        until=until,
        department_id=query.department_id,
        user_id=query.user_id,
        direction=query.direction,
    )
    async with request.app[SESSIONS]() as session:
        return await call_report(session, signed_in(request).scope, asked)
