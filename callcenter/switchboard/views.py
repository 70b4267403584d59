"""/switchboard: the way in."""

from aiohttp import web

from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs

routes = web.RouteTableDef()


@routes.get("/switchboard")
@needs(Permission.SWITCHBOARD)
async def overview(request: web.Request) -> web.StreamResponse:
    return see_other("/switchboard/numbers")
