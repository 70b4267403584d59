"""The page of the settings that says whether the sums are those of the calls."""

from typing import get_args

from aiohttp import web

from callcenter.errors import N_, Invalid
from callcenter.keys import SESSIONS, SUMS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for
from callcenter.sums import check
from callcenter.sums.keeper import Errand

routes = web.RouteTableDef()
PATH = "/settings/sums"


@routes.get(PATH)
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    """When they were compared last, what was found; how far it is while it goes on."""
    return await _page(request, "sums/sums.html")


@routes.get(PATH + "/now")
@needs(Permission.COMPANY)
async def now(request: web.Request) -> web.StreamResponse:
    """The part of the page that changes."""
    return await _page(request, "sums/now.html")


@routes.post(PATH)
@needs(Permission.COMPANY)
async def start(request: web.Request) -> web.StreamResponse:
    """?errand= compare or rebuild; it goes on in the background."""
    errand = str((await request.post()).get("errand", ""))
    for each in get_args(Errand):
        if errand == each:
            request.app[SUMS].start(each)
            return see_other(PATH)
    raise Invalid(N_("“{word}” is not a filter here."), word=errand[:40])


async def _page(request: web.Request, template: str) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        found = await check.last(session)
    return render(
        request,
        template,
        found=found,
        keeper=request.app[SUMS],
        chapters=chapters_for(signed_in(request).rights),
        path=PATH,
    )
