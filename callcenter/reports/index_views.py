"""All reports on one page, each with a sentence about what it answers."""

from aiohttp import web

from callcenter.errors import N_
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports.registry import REPORTS

routes = web.RouteTableDef()

# Drawn by its own page (views.py), without a table of the frame.
CALLS = ("calls", N_("Call report"), N_("How many calls there were, how long, by whom, by day."))


@routes.get("/reports")
@needs(Permission.REPORTS)
async def index(request: web.Request) -> web.StreamResponse:
    """Those that one may see."""
    rights = signed_in(request).rights
    shown = [
        (each.name, each.title, each.about) for each in REPORTS.values() if rights.may(each.needs)
    ]
    if CALLS[0] not in REPORTS:
        shown.insert(0, CALLS)
    return render(request, "reports/index.html", reports=shown)
