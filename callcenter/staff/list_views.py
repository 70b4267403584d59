"""The list of employees and team leads [15.4, 15.6]."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.customers import search
from callcenter.customers.models import Customer
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.pages.templates import render
from callcenter.people.directory import Directory, person_of
from callcenter.people.models import Role, User
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.throttle import locked
from callcenter.staff import queries
from callcenter.staff.forms import number
from callcenter.staff.queries import LONG_AGO, PAGE, Asked
from callcenter.staff.shared_views import superior

routes = web.RouteTableDef()

Key = Callable[[User], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    user: User
    department: str
    employee_type: str
    customers: int
    locked: bool
    managed: bool
    leads: str  # the department that this team lead leads


@routes.get("/team")
@needs(Permission.EMPLOYEES)
async def all_accounts(request: web.Request) -> web.StreamResponse:
    """?q, role, department (and those below), state=left, sort (-name descending), page."""
    mine, directory, query = superior(request), request.app[DIRECTORY], request.query
    asked = _asked(query, directory)
    sort, page = query.get("sort", "name")[:20], max(1, number(query.get("page", "")) or 1)
    async with request.app[SESSIONS]() as session:
        users = await queries.accounts(session, mine.scope)
        found = queries.matching(users, asked)
        # Counting for everybody is for whoever sorts by it.
        counted = found if sort.endswith("customers") else None
        owned = await queries.customers_by(session, Customer.owner_id, _ids(counted or []))
        found = _sorted(found, sort, directory, owned)
        shown = found[(page - 1) * PAGE : page * PAGE]
        if counted is None:
            owned = await queries.customers_by(session, Customer.owner_id, _ids(shown))
        types = {each.id: each.name for each in await items(session, Catalogue.EMPLOYEE_TYPE)}
        stopped = await locked(session, [user.username for user in shown])
    led = {each.leader_id: each.name for each in directory.departments.values()}
    rows = [
        Row(
            user=user,
            department=_department(directory, user),
            employee_type=types.get(user.employee_type_id or 0, ""),
            customers=owned.get(user.id, 0),
            locked=user.username in stopped,
            managed=mine.manages(person_of(user), directory.rights_of(person_of(user))),
            leads=led.get(user.id, ""),
        )
        for user in shown
    ]
    return render(
        request,
        "staff/list.html",
        rows=rows,
        asked=asked,
        query=_kept(query, asked),
        sort=sort,
        page=page,
        pages=-(-len(found) // PAGE),
        count=len(found),
        roles=_roles(users, asked),
        departments=_departments(directory, mine.scope),
        left=sum(not user.active for user in users),
    )


def _asked(query: Mapping[str, str], directory: Directory) -> Asked:
    department_id = number(query.get("department", ""))
    role = query.get("role", "")
    return Asked(
        text=query.get("q", "").strip()[:100],
        role=role if role in set(Role) else "",
        department_ids=directory.below(department_id) if department_id else None,
        active=query.get("state") != "left",
    )


def _kept(query: Mapping[str, str], asked: Asked) -> dict[str, str]:
    """What stays in the list's addresses."""
    return {
        "q": asked.text,
        "role": asked.role,
        "department": query.get("department", "") if asked.department_ids else "",
        "state": "" if asked.active else "left",
        "sort": query.get("sort", "") if query.get("sort", "name") != "name" else "",
    }


def _roles(users: Sequence[User], asked: Asked) -> list[tuple[str, int]]:
    """(role, how many) of those there are to be seen, "" for all."""
    counted = Counter(user.role for user in users if user.active is asked.active)
    return [("", counted.total()), *((role, counted[role]) for role in _IN_ORDER if counted[role])]


_IN_ORDER = (Role.AGENT.value, Role.TEAM_LEAD.value, Role.SUPERADMIN.value)


def _departments(directory: Directory, scope: Scope) -> list[tuple[int, str]]:
    return [
        (each.id, each.name)
        for each in directory.departments.values()
        if scope.everything or each.id in scope.departments
    ]


def _department(directory: Directory, user: User) -> str:
    node = directory.departments.get(user.department_id or 0)
    return node.name if node else ""


def _sorted(
    users: Sequence[User], sort: str, directory: Directory, owned: Mapping[int, int]
) -> list[User]:
    keys: dict[str, Key] = {
        "name": lambda user: search.key_of(user.name.split()[-1] if user.name else "", user.name),
        "username": lambda user: user.username,
        "department": lambda user: search.key_of(_department(directory, user)),
        "extension": lambda user: (len(user.extension or ""), user.extension or ""),
        "customers": lambda user: owned.get(user.id, 0),
        "seen": lambda user: user.seen_at or LONG_AGO,
    }
    key = keys.get(sort.removeprefix("-"), keys["name"])
    return sorted(users, key=key, reverse=sort.startswith("-"))


def _ids(users: Sequence[User]) -> list[int]:
    return [user.id for user in users]
