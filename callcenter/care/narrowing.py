"""Which interactions somebody may see and asks for, and which customers had any."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, literal, or_, select, union_all

from callcenter.activities.models import Activity
from callcenter.calls.models import TALKED, CallRecord
from callcenter.care.employees import department_ids
from callcenter.care.models import Columns
from callcenter.customers.models import Customer
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker


def narrowed(asker: Asker, asked: Asked, of: Columns) -> list[ColumnElement[bool]]:
    """Those one may see, of those people and channels, of whatever time."""
    found = [_seen_by(asker.scope, of)]
    if asked.users:
        found.append(of.user_id.in_(asked.users))
    if (departments := department_ids(asker, asked)) is not None:
        found.append(of.department_id.in_(departments))
    ways = list[ColumnElement[bool]]()
    if asked.direction:
        ways.append(of.channel == asked.direction)
    if asked.types:
        ways.append(of.type_id.in_(asked.types))
    return [*found, or_(*ways)] if ways else found


def _seen_by(scope: Scope, of: Columns) -> ColumnElement[bool]:
    """One's own, and those of one's departments, as for calls."""
    if scope.everything:
        return literal(True)
    mine = of.user_id == scope.user_id
    return or_(mine, of.department_id.in_(scope.departments)) if scope.departments else mine


def touched(since: datetime, until: datetime) -> ColumnElement[bool]:
    """On Customer: anybody of the company had an interaction with them, until excluded."""
    talked = select(CallRecord.call_id).where(
        CallRecord.customer_id == Customer.id, TALKED, CallRecord.started_at >= since
    )
    noted = select(Activity.id).where(Activity.customer_id == Customer.id, Activity.at >= since)
    return or_(
        _there(talked.where(CallRecord.started_at < until)),
        _there(noted.where(Activity.at < until)),
    )


def met(since: datetime, until: datetime) -> CompoundSelect[*tuple[Any, ...]]:
    """The ids of customers who are `touched`, some several times: quicker for few days and many
    customers, as it reads all interactions of these days and looks at no customer."""
    return union_all(
        select(CallRecord.customer_id).where(
            TALKED, CallRecord.started_at >= since, CallRecord.started_at < until
        ),
        select(Activity.customer_id).where(Activity.at >= since, Activity.at < until),
    )


def _there(statement: Select[Any]) -> ColumnElement[bool]:
    return statement.correlate(Customer).exists()
