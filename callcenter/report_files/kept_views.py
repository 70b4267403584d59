"""Kept questions in the pages: a bar in each report, and the list of reports."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from callcenter.errors import N_, Invalid
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.formats import address
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.report_files import kept
from callcenter.report_files.asking import report_of
from callcenter.report_files.models import ReportView
from callcenter.report_files.spans import NAMES, fitting, opened
from callcenter.reports import asked as asking
from callcenter.reports.asked import query_of

routes = web.RouteTableDef()


@routes.get(r"/reports/{report:[a-z0-9_-]+}/views")
@needs(Permission.REPORTS)
async def bar(request: web.Request) -> web.StreamResponse:
    """The views of a report and a form to keep this one; a part of its page, with its query."""
    report = report_of(request.match_info["report"])
    return await _bar(request, report.name, request.query_string)


@routes.post(r"/reports/{report:[a-z0-9_-]+}/views")
@needs(Permission.REPORTS)
async def keep(request: web.Request) -> web.StreamResponse:
    """name=, asked=the question, span=a word of spans.Span or "", shared=1."""
    who, given = signed_in(request), await request.post()
    report = report_of(request.match_info["report"])
    asked = str(given.get("asked", ""))
    question = asking.read(MultiDict(parse_qsl(asked)), _today(request))
    typed = {name: str(given.get(name, "")) for name in ("name", "span", "shared")}
    try:
        async with request.app[SESSIONS].begin() as session:
            view = await kept.keep(
                session, who.person, report.name, question, typed["span"], typed["name"]
            )
            view.shared = bool(typed["shared"])
    except Invalid as problem:
        return await _bar(request, report.name, asked, typed, problem)
    return await _bar(request, report.name, asked)


@routes.get(r"/reports/views/{view_id:\d{1,9}}")
@needs(Permission.REPORTS)
async def open_view(request: web.Request) -> web.StreamResponse:
    """To the report, with the days that its period has today."""
    who, view_id = signed_in(request), int(request.match_info["view_id"])
    async with request.app[SESSIONS].begin() as session:
        view = await kept.view_for(session, request.app[DIRECTORY], who.person, view_id)
        if view.user_id == who.user.id:
            view.used_at = datetime.now(UTC)
        question = opened(view.asked, view.span, view.against, _today(request))
        report = view.report
    return see_other(address(f"/reports/{report}", query_of(question)))


@routes.post(r"/reports/views/{view_id:\d{1,9}}")
@needs(Permission.REPORTS)
async def change(request: web.Request) -> web.StreamResponse:
    """name=, shared=1, default=1: what its owner says of it."""
    who, view_id = signed_in(request), int(request.match_info["view_id"])
    given = await request.post()
    async with request.app[SESSIONS].begin() as session:
        view = await kept.own_view(session, who.person, view_id)
        view.name = kept.checked(str(given.get("name", "")))
        view.shared = bool(given.get("shared"))
        await kept.make_default(session, view, bool(given.get("default")))
    return see_other("/reports", done="view-saved")


@routes.post(r"/reports/views/{view_id:\d{1,9}}/delete")
@needs(Permission.REPORTS)
async def delete(request: web.Request) -> web.StreamResponse:
    who, view_id = signed_in(request), int(request.match_info["view_id"])
    async with request.app[SESSIONS].begin() as session:
        view = await kept.own_view(session, who.person, view_id, deleted=True)
        view.deleted_at = datetime.now(UTC)
    return see_other("/reports", done="view-deleted", undo=f"/reports/views/{view_id}/restore")


@routes.post(r"/reports/views/{view_id:\d{1,9}}/restore")
@needs(Permission.REPORTS)
async def restore(request: web.Request) -> web.StreamResponse:
    who, view_id = signed_in(request), int(request.match_info["view_id"])
    async with request.app[SESSIONS].begin() as session:
        view = await kept.own_view(session, who.person, view_id, deleted=True)
        view.deleted_at = None
    say = request.app[TEMPLATES].words.say
    return web.json_response({"message": say(N_("The view is back."))})


async def _bar(
    request: web.Request,
    report: str,
    asked: str,
    typed: dict[str, str] | None = None,
    problem: Invalid | None = None,
) -> web.Response:
    who, directory = signed_in(request), request.app[DIRECTORY]
    question = asking.read(MultiDict(parse_qsl(asked)), _today(request))
    async with request.app[SESSIONS]() as session:
        views = await kept.views_for(session, directory, who.person, report)
    query = query_of(question)
    span = fitting(question, _today(request))
    return render(
        request,
        "report_files/bar.html",
        problem.status if problem else 200,
        report=report,
        asked=address("", query).removeprefix("?"),
        views=[(each, _is_shown(each, query, request)) for each in views],
        span=span,
        span_name=NAMES[span] if span else "",
        period=question,
        typed=typed or {"name": "", "span": span or "", "shared": ""},
        problem=problem,
        leads=not who.scope.is_own,
    )


def _is_shown(view: ReportView, query: dict[str, str], request: web.Request) -> bool:
    """Whether it is what the page shows."""
    try:
        return query_of(opened(view.asked, view.span, view.against, _today(request))) == query
    except Invalid:  # an older version kept it
        return False


def _today(request: web.Request) -> date:
    return request.app[TEMPLATES].formats.today()
