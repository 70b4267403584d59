"""Departments: the tree, and one of them [15.3, 15.5, 15.7]."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.archive.departments import keeps_longer, moved, parents_among
from callcenter.customers.models import Customer
from callcenter.errors import CallcenterError, Conflict, Invalid
from callcenter.keys import CARDS, CONFIG, DIRECTORY, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.models import Department
from callcenter.people.permissions import Permission, needs
from callcenter.staff import departments, queries
from callcenter.staff.departments import DepartmentForm
from callcenter.staff.forms import number
from callcenter.staff.shared_views import field_of, reload, superior, texts

routes = web.RouteTableDef()


@routes.get("/team/departments")
@needs(Permission.DEPARTMENTS)
async def tree(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        rows = await departments.all_of_them(session)
        ids = [row.id for row in rows]
        return render(
            request,
            "staff/departments.html",
            tree=departments.as_tree(rows),
            people=await departments.people_by(session),
            customers=await queries.customers_by(session, Customer.department_id, ids),
            leads=await departments.team_leads(session),
            directory=request.app[DIRECTORY],
        )


@routes.get("/team/departments/new")
@needs(Permission.DEPARTMENTS)
async def new(request: web.Request) -> web.StreamResponse:
    """?parent= is the department it will be below."""
    form = DepartmentForm(
        name="", parent_id=number(request.query.get("parent", "")), leader_id=None
    )
    async with request.app[SESSIONS]() as session:
        return await _page(request, session, form, None)


@routes.post("/team/departments/new")
@needs(Permission.DEPARTMENTS)
async def add(request: web.Request) -> web.StreamResponse:
    return await _save(request, None)


@routes.get(r"/team/departments/{department_id:\d{1,9}}")
@needs(Permission.DEPARTMENTS)
async def edit(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        row = await _row(request, session)
        form = DepartmentForm(name=row.name, parent_id=row.parent_id, leader_id=row.leader_id)
        return await _page(request, session, form, row)


@routes.post(r"/team/departments/{department_id:\d{1,9}}")
@needs(Permission.DEPARTMENTS)
async def change(request: web.Request) -> web.StreamResponse:
    return await _save(request, int(request.match_info["department_id"]))


@routes.get(r"/team/departments/{department_id:\d{1,9}}/delete")
@needs(Permission.DEPARTMENTS)
async def ask_to_delete(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _delete_page(request, session, await _row(request, session), 200)


@routes.post(r"/team/departments/{department_id:\d{1,9}}/delete")
@needs(Permission.DEPARTMENTS)
async def delete(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        row = await _row(request, session)
        try:
            keeps = await _keeps_longer(session, row)
            await departments.delete(session, row, superior(request).person.id, recordings=keeps)
        except Conflict as conflict:
            return await _delete_page(request, session, row, conflict.status)
        await session.commit()
    await reload(request)
    return see_other("/team/departments", done="department-deleted")


async def _row(request: web.Request, session: AsyncSession) -> Department:
    return await departments.department(session, int(request.match_info["department_id"]))


async def _save(request: web.Request, department_id: int | None) -> web.StreamResponse:
    given = await texts(request)
    form = DepartmentForm(
        name=" ".join(given.get("name", "").replace("\0", "").split()),
        parent_id=number(given.get("parent", "")),
        leader_id=number(given.get("leader", "")),
    )
    async with request.app[SESSIONS]() as session:
        row = await _row(request, session) if department_id else None
        try:
            by = superior(request).person.id
            before = parents_among(await departments.all_of_them(session))
            await departments.save(session, form, by, department_id)
            after = parents_among(await departments.all_of_them(session))
            is_shorter = await moved(session, by, before, after, request.app[CONFIG].zone)
        except (Invalid, Conflict) as error:
            await session.rollback()
            row = await _row(request, session) if department_id else None
            return await _page(request, session, form, row, error)
        await session.commit()
    if CARDS in request.app:
        request.app[CARDS].forget_all()
    await reload(request)
    done = "department-saved" if department_id else "department-added"
    if is_shorter:
        done = "department-shortens"
    return see_other("/team/departments", done=done)


async def _page(
    request: web.Request,
    session: AsyncSession,
    form: DepartmentForm,
    row: Department | None,
    problem: CallcenterError | None = None,
) -> web.Response:
    below = request.app[DIRECTORY].below(row.id) if row else frozenset()
    rows = await departments.all_of_them(session)
    return render(
        request,
        "staff/department.html",
        status=problem.status if problem else 200,
        form=form,
        department=row,
        parents=[
            (depth, each) for depth, each in departments.as_tree(rows) if each.id not in below
        ],
        leaders=await departments.team_leads(session),
        problems={field_of(problem, "name"): problem} if problem else {},
        leading={each.leader_id: each.name for each in rows if not row or each.id != row.id},
    )


async def _delete_page(
    request: web.Request, session: AsyncSession, row: Department, status: int
) -> web.Response:
    return render(
        request,
        "staff/department_delete.html",
        status=status,
        department=row,
        obstacles=await departments.obstacles(
            session, row, recordings=await _keeps_longer(session, row)
        ),
    )


async def _keeps_longer(session: AsyncSession, row: Department) -> bool:
    parents = parents_among(await departments.all_of_them(session))
    return await keeps_longer(session, row.id, parents)
