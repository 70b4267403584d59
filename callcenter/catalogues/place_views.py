"""The tree of places: browse it, search it, change it."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues import places, queries
from callcenter.catalogues.models import Level, Place
from callcenter.catalogues.places import BELOW, LEVELS
from callcenter.errors import Conflict, Invalid
from callcenter.keys import SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

MOST_FOUND = 100
Problem = Invalid | Conflict


@routes.get("/settings/places")
@needs(Permission.CATALOGUES)
async def top(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _page(request, session, None)


@routes.get("/settings/places/tree")
@needs(Permission.CATALOGUES)
async def branch(request: web.Request) -> web.StreamResponse:
    """?below=12: the places straight below that one, as items of the tree."""
    below = request.query.get("below", "")
    async with request.app[SESSIONS]() as session:
        parent = await places.one(session, int(below) if _is_id(below) else 0)
        rows = await queries.places_below(session, parent.id)
    return render(request, "catalogues/branch.html", rows=rows, levels=LEVELS)


@routes.get(r"/settings/places/{place_id:\d{1,9}}")
@needs(Permission.CATALOGUES)
async def place_page(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _page(request, session, await _place(request, session))


@routes.post("/settings/places")
@needs(Permission.CATALOGUES)
async def add_country(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _add(request, session, None)


@routes.post(r"/settings/places/{place_id:\d{1,9}}/below")
@needs(Permission.CATALOGUES)
async def add_below(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _add(request, session, await _place(request, session))


@routes.post(r"/settings/places/{place_id:\d{1,9}}")
@needs(Permission.CATALOGUES)
async def rename(request: web.Request) -> web.StreamResponse:
    given = await request.post()
    name, code = str(given.get("name", "")), str(given.get("code", ""))
    async with request.app[SESSIONS]() as session:
        place = await _place(request, session)
        try:
            await places.change(session, place, name, code)
        except (Invalid, Conflict) as problem:
            return await _page(request, session, place, problem, name=name, code=code)
        await session.commit()
    return see_other(f"/settings/places/{place.id}", done="place-saved")


@routes.post(r"/settings/places/{place_id:\d{1,9}}/delete")
@needs(Permission.CATALOGUES)
async def remove(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        place = await _place(request, session)
        try:
            await places.remove(session, place)
        except Conflict as problem:
            return await _page(request, session, place, problem, in_banner=True)
        await session.commit()
    back = f"/{place.parent_id}" if place.parent_id else ""
    return see_other(f"/settings/places{back}", done="item-deleted")


async def _add(
    request: web.Request, session: AsyncSession, parent: Place | None
) -> web.StreamResponse:
    given = await request.post()
    levels = BELOW[Level(parent.level) if parent else None]
    level = str(given.get("level", levels[0] if len(levels) == 1 else ""))
    name, code = str(given.get("name", "")), str(given.get("code", ""))
    try:
        await places.add(session, parent, level, name, code)
    except (Invalid, Conflict) as problem:
        typed = {"name": name, "code": code, "level": level}
        return await _page(request, session, parent, problem, below=typed)
    await session.commit()
    back = f"/{parent.id}" if parent else ""
    return see_other(f"/settings/places{back}", done="item-added")


async def _place(request: web.Request, session: AsyncSession) -> Place:
    return await places.one(session, int(request.match_info["place_id"]))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


async def _page(
    request: web.Request,
    session: AsyncSession,
    place: Place | None,
    problem: Problem | None = None,
    *,
    name: str | None = None,
    code: str | None = None,
    below: dict[str, str] | None = None,
    in_banner: bool = False,
) -> web.Response:
    """One place and what lies below it; `below` is what was typed about a new one there."""
    text = request.query.get("q", "").strip()[:100]
    session.expire_all()  # what could not be saved is not shown as if it were
    if place:
        await session.refresh(place)
    return render(
        request,
        "catalogues/places.html",
        status=problem.status if problem else 200,
        chapters=chapters_for(signed_in(request).rights),
        place=place,
        above=await _above(session, place),
        rows=await queries.places_below(session, place.id if place else None),
        found=await queries.find_places(session, text, MOST_FOUND) if text else [],
        text=text,
        levels=LEVELS,
        may_lie_below=BELOW[Level(place.level) if place else None],
        place_name=name if name is not None else place.name if place else "",
        place_code=code if code is not None else place.code if place else "",
        new=below or {"name": "", "code": "", "level": ""},
        is_new=below is not None,
        problem=problem,
        field="" if in_banner else problem and (problem.values.get("field") or "name"),
    )


async def _above(session: AsyncSession, place: Place | None) -> list[Place]:
    """The places above, from the top."""
    found: list[Place] = []
    while place and place.parent_id:
        place = await places.one(session, place.parent_id)
        found.insert(0, place)
    return found
