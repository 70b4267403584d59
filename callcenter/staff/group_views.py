"""Permission groups as a matrix [15.8]."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import CallcenterError, Conflict, Invalid
from callcenter.keys import SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import (
    COLUMNS,
    MATRIX,
    NAMES,
    NEVER_GIVEN,
    REACHES,
    Permission,
    Reach,
    needs,
)
from callcenter.staff import groups
from callcenter.staff.groups import Given, Group
from callcenter.staff.shared_views import field_of, reload, superior, texts

routes = web.RouteTableDef()


@routes.get("/team/groups")
@needs(Permission.GROUPS)
async def all_groups(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        found = await groups.groups(session)
    return render(request, "staff/groups.html", groups=found, names=NAMES, reaches=REACHES)


@routes.get("/team/groups/new")
@needs(Permission.GROUPS)
async def new(request: web.Request) -> web.StreamResponse:
    return _page(request, None, "", {})


@routes.post("/team/groups/new")
@needs(Permission.GROUPS)
async def add(request: web.Request) -> web.StreamResponse:
    return await _save(request, None)


@routes.get(r"/team/groups/{group_id:\d{1,9}}")
@needs(Permission.GROUPS)
async def edit(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        group = await _group(request, session)
    return _page(request, group, group.name, group.gives)


@routes.post(r"/team/groups/{group_id:\d{1,9}}")
@needs(Permission.GROUPS)
async def change(request: web.Request) -> web.StreamResponse:
    return await _save(request, int(request.match_info["group_id"]))


@routes.get(r"/team/groups/{group_id:\d{1,9}}/delete")
@needs(Permission.GROUPS)
async def ask_to_delete(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        group = await _group(request, session)
        losses = await groups.losses(session, group)
    return render(
        request,
        "staff/group_delete.html",
        group=group,
        losses=losses,
        names=NAMES,
        reaches=REACHES,
    )


@routes.post(r"/team/groups/{group_id:\d{1,9}}/delete")
@needs(Permission.GROUPS)
async def delete(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        await groups.delete(session, await _group(request, session), superior(request).person.id)
        await session.commit()
    await reload(request)
    return see_other("/team/groups", done="group-deleted")


async def _group(request: web.Request, session: AsyncSession) -> Group:
    return await groups.group(session, int(request.match_info["group_id"]))


async def _save(request: web.Request, group_id: int | None) -> web.StreamResponse:
    """Form fields `name`, and each permission's text with the number of its reach."""
    given = await texts(request)
    name = " ".join(given.get("name", "").replace("\0", "").split())
    async with request.app[SESSIONS]() as session:
        group = await _group(request, session) if group_id is not None else None
        gives: Given = {}
        try:
            gives = groups.read(given)
            await groups.save(session, name, gives, superior(request).person.id, group_id)
        except (Invalid, Conflict) as error:
            await session.rollback()
            return _page(request, group, name, gives, error)
        await session.commit()
    await reload(request)
    return see_other("/team/groups", done="group-saved")


def _page(
    request: web.Request,
    group: Group | None,
    name: str,
    gives: Given,
    problem: CallcenterError | None = None,
) -> web.Response:
    return render(
        request,
        "staff/group.html",
        status=problem.status if problem else 200,
        group=group,
        typed=name,
        gives=gives,
        problems={field_of(problem, "name"): problem} if problem else {},
        permissions=[each for each in Permission if each not in NEVER_GIVEN],
        never=[each for each in Permission if each in NEVER_GIVEN],
        names=NAMES,
        reaches=REACHES,
        matrix=MATRIX,
        columns=COLUMNS,
        nothing=Reach.NONE,
    )
