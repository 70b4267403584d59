"""Share selected customers, change their status, delete them; giving.py has the rest."""

from typing import Any

from aiohttp import web

from callcenter.assignment.batches import Kind
from callcenter.bulk import giving
from callcenter.bulk.carrying import asked, chosen, do
from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.errors import N_, Invalid
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.lists import queries as lists
from callcenter.lists.filters import whole
from callcenter.lists.queries import dot
from callcenter.lists.selection import Selection, selected, selected_again
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import scope_for, signed_in

routes = giving.routes  # one room, one table


@routes.get("/customers/share")
@needs(Permission.CUSTOMERS)
async def share(request: web.Request) -> web.StreamResponse:
    return await _share(request, selected(request.query))


@routes.post("/customers/share")
@needs(Permission.CUSTOMERS)
async def do_share(request: web.Request) -> web.StreamResponse:
    """Their owner shares them, or whoever may give them away altogether [2.15]."""
    form = await request.post()
    selection, scope = selected_again(str(form.get("of", ""))), _sharing_scope(request)
    directory = request.app[DIRECTORY]
    whom, _, text = str(form.get("with", "")).partition("-")
    params: dict[str, Any] = {"by": signed_in(request).user.id}
    found = whole(text) or 0
    if whom == "person" and directory.person(found):
        params["user_id"] = found
    elif whom == "department" and found in directory.departments:
        params["department_id"] = found
    elif whom != "everybody":
        return await _share(request, selection, Invalid(N_("Choose with whom."), field="with"))
    ids = chosen(request, selection, scope, held=True)
    return await do(request, selection, Kind.SHARED, params, ids)


@routes.get("/customers/status")
@needs(Permission.CUSTOMERS)
async def status(request: web.Request) -> web.StreamResponse:
    return await _status(request, selected(request.query))


@routes.post("/customers/status")
@needs(Permission.CUSTOMERS)
async def do_status(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    selection = selected_again(str(form.get("of", "")))
    status_id = whole(str(form.get("status", "")))
    async with request.app[SESSIONS]() as session:
        known = {each.id for each in await items(session, Catalogue.STATUS)}
    if status_id not in known:
        return await _status(request, selection, Invalid(N_("Choose a status."), field="status"))
    ids = chosen(request, selection, signed_in(request).scope)
    return await do(request, selection, Kind.STATUS, {"status_id": status_id}, ids)


@routes.get("/customers/delete")
@needs(Permission.DELETE)
async def delete(request: web.Request) -> web.StreamResponse:
    scope, selection = signed_in(request).scope, selected(request.query)
    return render(
        request, "bulk/delete.html", **await _counts(request, selection, scope, held=True)
    )


@routes.post("/customers/delete")
@needs(Permission.DELETE)
async def do_delete(request: web.Request) -> web.StreamResponse:
    """Into the bin, from where they come back for 30 days [2.16]."""
    form, who = await request.post(), signed_in(request)
    selection = selected_again(str(form.get("of", "")))
    ids = chosen(request, selection, who.scope, held=True)
    return await do(request, selection, Kind.DELETED, {"by": who.user.id}, ids)


def _sharing_scope(request: web.Request) -> Scope:
    may_give = signed_in(request).may(Permission.DISTRIBUTE)
    return scope_for(request, Permission.DISTRIBUTE if may_give else Permission.CUSTOMERS)


async def _share(
    request: web.Request, selection: Selection, problem: Invalid | None = None
) -> web.Response:
    directory, me = request.app[DIRECTORY], signed_in(request).user.id
    return render(
        request,
        "bulk/share.html",
        status=problem.status if problem else 200,
        people=[person for person in directory.people() if person.id != me],
        departments=list(directory.departments.values()),
        problem=problem,
        **await _counts(request, selection, _sharing_scope(request), held=True),
    )


async def _status(
    request: web.Request, selection: Selection, problem: Invalid | None = None
) -> web.Response:
    async with request.app[SESSIONS]() as session:
        statuses = await items(session, Catalogue.STATUS)
    scope = signed_in(request).scope
    return render(
        request,
        "bulk/status.html",
        status=problem.status if problem else 200,
        statuses=[(each.id, each.name, dot(each.colour)) for each in statuses],
        problem=problem,
        **await _counts(request, selection, scope, held=False),
    )


async def _counts(
    request: web.Request, selection: Selection, scope: Scope, *, held: bool
) -> dict[str, Any]:
    """How many customers it is about, and how many of those selected it is not."""
    async with request.app[SESSIONS]() as session:
        n = await lists.whole_count(session, chosen(request, selection, scope, held=held))
    return {"selection": selection, "n": n, "others": await asked(request, selection) - n}
