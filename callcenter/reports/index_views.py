"""All reports on one page, each with a sentence about what it answers."""

from aiohttp import web

from callcenter.errors import Invalid
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.report_files import kept
from callcenter.report_files.asking import Printer
from callcenter.report_files.models import ReportView
from callcenter.report_files.spans import NAMES, Span, opened
from callcenter.reports.registry import REPORTS

routes = web.RouteTableDef()


@routes.get("/reports")
@needs(Permission.REPORTS)
async def index(request: web.Request) -> web.StreamResponse:
    """Those that one may see."""
    rights = signed_in(request).rights
    shown = [
        (each.name, each.title, each.about) for each in REPORTS.values() if rights.may(each.needs)
    ]
    who, directory = signed_in(request), request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        views = await kept.views_for(session, directory, who.person)
    return render(
        request,
        "reports/index.html",
        reports=shown,
        views=[(each, REPORTS[each.report].title, *_words(request, each)) for each in views],
        defaults=kept.defaults(views, who.person),
        leads=not who.scope.is_own,
    )


def _words(request: web.Request, view: ReportView) -> tuple[str, str]:
    """Its days, and whose it is where somebody else shares it."""
    templates, owner = request.app[TEMPLATES], request.app[DIRECTORY].known(view.user_id)
    is_own = view.user_id == signed_in(request).user.id
    whose = "" if is_own or owner is None else owner.name
    if view.span in set(Span):
        return templates.words.say(NAMES[Span(view.span)]), whose
    try:
        asked = opened(view.asked, view.span, view.against, templates.formats.today())
    except Invalid:  # an older version kept it
        return "", whose
    return Printer(request.app[DIRECTORY], templates.words, templates.formats).period(asked), whose
