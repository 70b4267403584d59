"""/live/walls: the links of wallboards. /wall/…: what they show, to whoever has the link."""

from aiohttp import web

from callcenter.errors import Invalid
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS, TEAM
from callcenter.live import walls
from callcenter.live.models import Wallboard
from callcenter.live.sight import sight_of_wall
from callcenter.live.views import follow
from callcenter.pages.language import speak
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Door, Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

PATH = "/live/walls"
LINK = r"/wall/{token:[A-Za-z0-9_-]{20,100}}"


@routes.get(PATH)
@needs(Permission.LIVE)
async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, {})


@routes.post(PATH)
@needs(Permission.LIVE)
async def make(request: web.Request) -> web.StreamResponse:
    """The answer shows the link: it is nowhere else, so there is no page to send to."""
    who, given = signed_in(request), await request.post()
    texts = {
        name: str(given.get(name, ""))[:300] for name in ("name", "department", "language", "theme")
    }
    looks = texts["language"], texts["theme"]
    try:
        async with request.app[SESSIONS].begin() as session:
            wall, token = await walls.make(
                session, who.scope, who.user.id, texts["name"], texts["department"], looks
            )
    except Invalid as problem:
        return await _page(request, texts, problem=problem)
    origin = request.headers.get("Origin") or str(request.url.origin())
    return await _page(request, {}, made=wall, link=f"{origin}/wall/{token}")


@routes.post(PATH + r"/{wall_id:\d{1,9}}/revoke")
@needs(Permission.LIVE)
async def revoke(request: web.Request) -> web.StreamResponse:
    """Its pages are closed at once."""
    who, wall_id = signed_in(request), int(request.match_info["wall_id"])
    async with request.app[SESSIONS].begin() as session:
        await walls.revoke(session, who.scope, who.user.id, wall_id)
    request.app[TEAM].revoke(wall_id)
    return see_other(PATH, done="wall-revoked")


@routes.get(LINK)
@needs(Door.ANYONE)
async def wall(request: web.Request) -> web.StreamResponse:
    """Draws itself from what its socket tells; nobody signs in."""
    found = await _wall(request)
    speak(found.language)
    answer = render(
        request,
        "live/wall.html",
        wall=found,
        zone=request.app[CONFIG].timezone,
        path_of=request.path,
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@routes.get(LINK + "/events")
@needs(Door.ANYONE)
async def events(request: web.Request) -> web.StreamResponse:
    """As /live/events, without calls and customers."""
    found, directory = await _wall(request), request.app[DIRECTORY]
    department_id = found.department_id
    return await follow(request, lambda: sight_of_wall(directory, department_id), wall_id=found.id)


async def _wall(request: web.Request) -> Wallboard:
    async with request.app[SESSIONS]() as session:
        return await walls.of_token(session, request.match_info["token"])


async def _page(
    request: web.Request,
    texts: dict[str, str],
    *,
    problem: Invalid | None = None,
    made: Wallboard | None = None,
    link: str = "",
) -> web.Response:
    who, directory = signed_in(request), request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        found = await walls.listed(session, who.scope)
    departments = [
        (each.id, each.name)
        for each in directory.departments.values()
        if who.scope.everything or each.id in who.scope.departments
    ]
    return render(
        request,
        "live/walls.html",
        status=problem.status if problem else 200,
        walls=found,
        departments=departments,
        names=dict(departments),
        everything=who.scope.everything,
        by=lambda user_id: each.name if (each := directory.known(user_id)) else "",
        texts=texts,
        problem=problem,
        made=made,
        link=link,
        longest=walls.LONGEST_NAME,
    )
