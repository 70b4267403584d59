"""Leaving and coming back: hand over, deactivate, reactivate, delete [15.10, 15.11]."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, CallcenterError, Conflict
from callcenter.keys import CARDS, DIRECTORY, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Person
from callcenter.people.models import Role, User
from callcenter.people.permissions import Permission, needs
from callcenter.staff import departments, handover, queries
from callcenter.staff.forms import number
from callcenter.staff.handover import Handover
from callcenter.staff.shared_views import managed, reload, superior, texts

routes = web.RouteTableDef()

NOBODY = "nobody"  # chosen on purpose, as "" is not


@routes.get(r"/team/{user_id:\d{1,9}}/leave")
@routes.get(r"/team/{user_id:\d{1,9}}/hand-over")
@needs(Permission.EMPLOYEES)
async def ask(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        return await _page(request, session, user)


@routes.post(r"/team/{user_id:\d{1,9}}/leave")
@routes.post(r"/team/{user_id:\d{1,9}}/hand-over")
@needs(Permission.EMPLOYEES)
async def carry_out(request: web.Request) -> web.StreamResponse:
    """Form fields `successor` (an id, or "nobody") and, from a team lead, `leader`."""
    leaves, given = request.path.endswith("/leave"), await texts(request)
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        try:
            _check_leaver(request, user, leaves)
            order = Handover(
                leaver=user,
                successor=await _successor(request, session, given.get("successor", ""), user),
                by=superior(request).person.id,
                at=handover.now(),
            )
            if leaves:
                leader_id = number(given.get("leader", ""))
                leader = await queries.account(session, leader_id) if leader_id else None
                await handover.deactivate(session, order, leader)
            else:
                await handover.hand_over(session, order)
        except Conflict as conflict:
            await session.rollback()
            user = await queries.account(session, int(request.match_info["user_id"]))
            return await _page(request, session, user, conflict)
        await session.commit()
    if CARDS in request.app:
        request.app[CARDS].forget_all()
    await reload(request)
    if leaves:
        return see_other("/team", done="account-left")
    return see_other(f"/team/{user.id}", done="handed-over")


@routes.post(r"/team/{user_id:\d{1,9}}/return")
@needs(Permission.EMPLOYEES)
async def come_back(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        if user.active:
            raise Conflict(N_("{name} works here already."), name=user.name)
        password = await queries.reactivate(session, user, superior(request).person.id)
        await session.commit()
    await reload(request)
    return render(
        request,
        "staff/password.html",
        user=user,
        password=password,
        sentence=N_("The account is active again."),
        is_new=False,
    )


@routes.get(r"/team/{user_id:\d{1,9}}/delete")
@needs(Permission.EMPLOYEES)
async def ask_to_delete(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        return await _delete_page(request, session, user)


@routes.post(r"/team/{user_id:\d{1,9}}/delete")
@needs(Permission.EMPLOYEES)
async def delete(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        try:
            await queries.delete_account(session, user, superior(request).person.id)
        except Conflict as conflict:
            await session.rollback()
            user = await queries.account(session, int(request.match_info["user_id"]))
            return await _delete_page(request, session, user, conflict)
        await session.commit()
    await reload(request)
    return see_other("/team?state=left", done="account-deleted")


def _check_leaver(request: web.Request, user: User, leaves: bool) -> None:
    if leaves and user.id == superior(request).person.id:
        raise Conflict(N_("Nobody deactivates their own account."))


async def _successor(
    request: web.Request, session: AsyncSession, given: str, leaver: User
) -> User | None:
    """Raises Conflict for nothing chosen, and for somebody who cannot be."""
    if given == NOBODY:
        return None
    possible = {person.id for person in _possible(request, leaver)}
    user_id = number(given)
    if user_id is None:
        raise Conflict(N_("Choose who takes over, or leave the customers unassigned."))
    if user_id not in possible:
        raise Conflict(N_("There is no such person among those you work with."))
    return await queries.account(session, user_id)


def _possible(request: web.Request, leaver: User) -> list[Person]:
    people = request.app[DIRECTORY].within(superior(request).scope)
    return [person for person in people if person.id != leaver.id]


async def _page(
    request: web.Request,
    session: AsyncSession,
    user: User,
    problem: CallcenterError | None = None,
) -> web.Response:
    leaves = request.path.endswith("/leave")
    given = await texts(request) if request.method == "POST" else {}
    led = await queries.leads(session, user.id) if leaves else []
    return render(
        request,
        "staff/leave.html",
        status=problem.status if problem else 200,
        user=user,
        leaves=leaves,
        counts=await handover.counts(session, user.id),
        people=_possible(request, user),
        led=led,
        leaders=[each for each in await departments.team_leads(session) if each.id != user.id],
        given=given,
        problem=problem,
        same_department=user.department_id,
        is_last=await _is_last(session, user) if leaves else False,
    )


async def _is_last(session: AsyncSession, user: User) -> bool:
    """Whether nobody could do what only superadmins do any more."""
    if user.role != Role.SUPERADMIN:
        return False
    try:
        await queries.some_superadmin(session, user)
    except Conflict:
        return True
    return False


async def _delete_page(
    request: web.Request,
    session: AsyncSession,
    user: User,
    problem: CallcenterError | None = None,
) -> web.Response:
    return render(
        request,
        "staff/delete.html",
        status=problem.status if problem else 200,
        user=user,
        customers=await handover.count_customers(session, user.id),
    )
