"""Whose customers and interactions a report is about: those one may see, narrowed as asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer
from callcenter.people.models import Role, User
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker


@dataclass(frozen=True, slots=True)
class Employee:
    """`type` is the company's own word [loại nhân viên], "" where none was chosen. `expected`: has
    a line in a report also with nothing in it."""

    id: int
    name: str
    type: str
    expected: bool


async def employees(session: AsyncSession, asker: Asker, asked: Asked) -> list[Employee]:
    """By name; also those who have left, for what is still theirs."""
    rows = await session.execute(
        select(User.id, User.name, CatalogueItem.name, User.active, User.role)
        .outerjoin(CatalogueItem, CatalogueItem.id == User.employee_type_id)
        .where(*_chosen(asker, asked))
        .order_by(User.name, User.id)
    )
    return [
        Employee(user_id, name, type_ or "", active and role != Role.SUPERADMIN.value)
        for user_id, name, type_, active, role in rows
    ]


def owned(asker: Asker, asked: Asked) -> list[ColumnElement[bool]]:
    """On Customer: the files of these employees, without the bin."""
    found: list[ColumnElement[bool]] = [
        Customer.deleted_at.is_(None),
        Customer.owner_id.is_not(None),
    ]
    if chosen := _chosen(asker, asked):
        found.append(Customer.owner_id.in_(select(User.id).where(*chosen)))
    return found


def whose(asker: Asker, asked: Asked, people: Iterable[Employee]) -> dict[str, str]:
    """The same for the address of the list of customers; nothing: everybody's."""
    if not _chosen(asker, asked):
        return {}
    return {"owners": ",".join(str(each.id) for each in people)}


def department_ids(asker: Asker, asked: Asked) -> frozenset[int] | None:
    """Those asked for and all below them; None: no matter which."""
    if not asked.departments:
        return None
    below = (asker.directory.below(each) for each in asked.departments)
    return frozenset[int]().union(*below)


def _chosen(asker: Asker, asked: Asked) -> list[ColumnElement[bool]]:
    """On User."""
    scope, found = asker.scope, list[ColumnElement[bool]]()
    if not scope.everything:
        ours = User.department_id.in_(scope.departments)
        found.append(or_(User.id == scope.user_id, ours))
    if asked.users:
        found.append(User.id.in_(asked.users))
    if (departments := department_ids(asker, asked)) is not None:
        found.append(User.department_id.in_(departments))
    return found
