"""/switchboard/changes: what is not live yet, and making it live or forgetting it."""

from aiohttp import web

from callcenter.keys import SESSIONS
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard import versions

routes = web.RouteTableDef()

PATH = "/switchboard/changes"


@routes.post(PATH + "/discard")
@needs(Permission.SWITCHBOARD)
async def discard(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS].begin() as session:
        await versions.discard(session)
    return see_other("/switchboard", done="draft-discarded")
