"""All reports on one page, each with a sentence about what it answers."""

from aiohttp import web

from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
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
    return render(request, "reports/index.html", reports=shown)
