"""Who works here, and in which department."""

from aiohttp import web

from callcenter.api.table import table
from callcenter.api.types import DepartmentItem, PersonFilter, PersonItem
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.people.models import Role
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in
from callcenter.staff import queries
from callcenter.staff.queries import Asked


@table.endpoint(
    "GET",
    "/people",
    "The people whose accounts one may see, by name; those who have left only when asked for",
    list[PersonItem],
    query=PersonFilter,
    needs=Permission.EMPLOYEES,
)
async def list_people(request: web.Request, query: PersonFilter) -> list[PersonItem]:
    directory = request.app[DIRECTORY]
    below = directory.below(query.department_id) if query.department_id is not None else None
    asked = Asked(text=query.q, role=query.role or "", department_ids=below, active=not query.left)
    async with request.app[SESSIONS]() as session:
        users = await queries.accounts(session, signed_in(request).scope)
    return [
        PersonItem(
            id=user.id,
            name=user.name,
            username=user.username,
            role=Role(user.role),
            department_id=user.department_id,
            extension=user.extension,
            active=user.active,
        )
        for user in queries.matching(users, asked)
    ]


@table.endpoint(
    "GET",
    "/departments",
    "The departments one may see, by name",
    list[DepartmentItem],
    needs=Permission.EMPLOYEES,
)
async def list_departments(request: web.Request) -> list[DepartmentItem]:
    scope = signed_in(request).scope
    return [
        DepartmentItem(
            id=each.id, name=each.name, parent_id=each.parent_id, leader_id=each.leader_id
        )
        for each in request.app[DIRECTORY].departments.values()
        if scope.everything or each.id in scope.departments
    ]
