"""What can be done with many customers at once, as changes that the database makes by itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, literal, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import Executable

from callcenter.assignment.batches import Change, Kind, Note, differs
from callcenter.assignment.models import BatchRow
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer, CustomerShare
from callcenter.people.models import Department, User

EVERYBODY = "*"  # in the history: who that is depends on the reader's language

_OldOwner, _NewOwner = aliased(User), aliased(User)
_OldDepartment, _NewDepartment = aliased(Department), aliased(Department)
_OldStatus, _NewStatus = aliased(CatalogueItem), aliased(CatalogueItem)


def change_of(kind: Kind, params: Mapping[str, Any]) -> Change:
    """`params`: of STATUS "status_id"; of SHARED "user_id", "department_id" (neither: everybody)
    and "by"; of DELETED "by"; of GIVEN nothing, the rows of the batch say it."""
    match kind:
        case Kind.GIVEN:
            return _given()
        case Kind.STATUS:
            return _status(params["status_id"])
        case Kind.SHARED:
            return _shared(params.get("user_id"), params.get("department_id"), params["by"])
        case Kind.DELETED:
            return _deleted(params["by"])


def taken_back(wanted: ColumnElement[bool]) -> Change:
    """A gift undone where `wanted` holds."""
    return _move(
        BatchRow.owner_id, BatchRow.department_id, assigned_at=BatchRow.assigned_at, wanted=wanted
    )


def _given() -> Change:
    somebody = BatchRow.to_owner_id.is_not(None)
    return _move(
        BatchRow.to_owner_id,
        BatchRow.to_department_id,
        assigned_at=case((somebody, _now()), else_=None),
        wanted=somebody | BatchRow.to_department_id.is_not(None),
    )


def _status(status_id: int) -> Change:
    return Change(
        values={"status_id": status_id, "status_at": datetime.now(UTC)},
        wanted=Customer.status_id.is_distinct_from(status_id),
        notes=[
            Note(
                "status",
                func.coalesce(_OldStatus.name, ""),
                func.coalesce(_NewStatus.name, ""),
            )
        ],
        joins=[
            (_OldStatus, _OldStatus.id == Customer.status_id),
            (_NewStatus, _NewStatus.id == status_id),
        ],
    )


def _shared(user_id: int | None, department_id: int | None, by: int) -> Change:
    """With a person, a department or everybody; the owner, and who sees it already, not again."""
    already = (
        select(CustomerShare.id)
        .where(CustomerShare.customer_id == Customer.id)
        .where(CustomerShare.user_id.is_not_distinct_from(user_id))
        .where(CustomerShare.department_id.is_not_distinct_from(department_id))
        .correlate(Customer)
        .exists()
    )
    wanted = ~already
    name: Any = literal(EVERYBODY)
    if user_id is not None:
        wanted = and_(wanted, Customer.owner_id.is_distinct_from(user_id))
        name = select(User.name).where(User.id == user_id).scalar_subquery()
    elif department_id is not None:
        name = select(Department.name).where(Department.id == department_id).scalar_subquery()

    def also(here: ColumnElement[bool]) -> Executable:
        rows = select(
            Customer.id, literal(user_id), literal(department_id), literal(by), _now()
        ).join(BatchRow, BatchRow.customer_id == Customer.id)
        return insert(CustomerShare).from_select(
            ["customer_id", "user_id", "department_id", "by_user_id", "at"], rows.where(here)
        )

    return Change(values={}, wanted=wanted, notes=[Note("shared", literal(""), name)], also=also)


def _deleted(by: int) -> Change:
    return Change(
        values={"deleted_at": datetime.now(UTC), "deleted_by": by},
        wanted=Customer.deleted_at.is_(None),
        notes=[Note("deleted", literal(""), Customer.name)],
    )


def _move(owner: Any, department: Any, *, assigned_at: Any, wanted: ColumnElement[bool]) -> Change:
    """From whoever has the customer now to that owner and department, columns of BatchRow."""
    changes = differs((Customer.owner_id, owner), (Customer.department_id, department))
    return Change(
        values={"owner_id": owner, "department_id": department, "assigned_at": assigned_at},
        wanted=and_(changes, wanted),
        notes=[
            Note(
                "owner",
                func.coalesce(_OldOwner.name, ""),
                func.coalesce(_NewOwner.name, ""),
                differs((Customer.owner_id, owner)),
            ),
            Note(
                "department",
                func.coalesce(_OldDepartment.name, ""),
                func.coalesce(_NewDepartment.name, ""),
                differs((Customer.department_id, department)),
            ),
        ],
        joins=[
            (_OldOwner, _OldOwner.id == Customer.owner_id),
            (_NewOwner, _NewOwner.id == owner),
            (_OldDepartment, _OldDepartment.id == Customer.department_id),
            (_NewDepartment, _NewDepartment.id == department),
        ],
    )


def _now() -> Any:
    return literal(datetime.now(UTC), Customer.assigned_at.type)
