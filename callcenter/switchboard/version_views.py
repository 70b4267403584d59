"""/switchboard/versions: what was live, and taking one of them back."""

from aiohttp import web

from callcenter.keys import SESSIONS
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.switchboard import versions
from callcenter.switchboard.change_views import WHAT, by_part
from callcenter.switchboard.difference import differences
from callcenter.switchboard.shared_views import name_of, names, page

routes = web.RouteTableDef()

PATH = "/switchboard/versions"
ONE = PATH + r"/{version_id:\d{1,9}}"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    """?cursor="""
    async with request.app[SESSIONS]() as session:
        found = await versions.published(session, request.query.get("cursor", ""))
        live = await versions.live(session)
    return await page(
        request,
        "switchboard/versions.html",
        cut=found,
        versions=[row for (row,) in found.rows],
        live_id=live.id,
        by=lambda id: name_of(request, id),
    )


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def look(request: web.Request) -> web.StreamResponse:
    """What came with it, and what taking it back would change."""
    async with request.app[SESSIONS]() as session:
        version = await versions.one(session, int(request.match_info["version_id"]))
        before = await versions.history(session, version, limit=1)
        live = await versions.live(session)
    called = await names(request)
    return await page(
        request,
        "switchboard/version.html",
        version=version,
        is_live=version.id == live.id,
        by=name_of(request, version.published_by),
        came=by_part(differences(before[0].plan, version.plan, called)) if before else None,
        differs=version.plan != live.plan,
        back=by_part(differences(live.plan, version.plan, called)),
        what=WHAT,
    )


@routes.post(ONE + "/restore")
@needs(Permission.SWITCHBOARD)
async def restore(request: web.Request) -> web.StreamResponse:
    """It becomes the draft, to be looked at and published."""
    async with request.app[SESSIONS].begin() as session:
        version_id = int(request.match_info["version_id"])
        await versions.restore(session, signed_in(request).user.id, version_id)
    return see_other("/switchboard/changes", done="version-back")
