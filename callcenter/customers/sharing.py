"""A customer shared with somebody, a department, or everybody [2.15]. The caller commits."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import history
from callcenter.customers.models import Customer, CustomerShare
from callcenter.errors import N_, Conflict, Missing
from callcenter.people.models import Department, User

EVERYBODY = "*"  # in the history: who that is depends on the reader's language


def may_share(customer: Customer, user_id: int, distributes: bool) -> bool:
    """Whoever owns it, or may give it to others altogether (`distributes`)."""
    return customer.owner_id == user_id or distributes


async def shares(session: AsyncSession, customer_id: int) -> Sequence[CustomerShare]:
    """Whom it is shared with, in the order in which that was done."""
    return (
        await session.scalars(
            select(CustomerShare)
            .where(CustomerShare.customer_id == customer_id)
            .order_by(CustomerShare.id)
        )
    ).all()


async def share(
    session: AsyncSession,
    customer: Customer,
    by: int,
    *,
    user_id: int | None = None,
    department_id: int | None = None,
) -> CustomerShare:
    """With one person, one department, or (neither) everybody. Raises Missing, or Conflict when
    they see it already."""
    name = await _name(session, user_id, department_id)
    if user_id is not None and user_id == customer.owner_id:
        raise Conflict(N_("{name} is the owner of this customer."), field="with", name=name)
    for each in await shares(session, customer.id):
        if (each.user_id, each.department_id) == (user_id, department_id):
            raise Conflict(N_("This customer is shared with them already."), field="with")
    row = CustomerShare(
        customer_id=customer.id,
        user_id=user_id,
        department_id=department_id,
        by_user_id=by,
        at=datetime.now(UTC),
    )
    session.add(row)
    await session.flush()
    await history.note(session, customer.id, by, {"shared": ("", name)})
    return row


async def withdraw(session: AsyncSession, customer: Customer, by: int, share_id: int) -> None:
    """Raises Missing when it is not shared that way."""
    row = await session.get(CustomerShare, share_id)
    if row is None or row.customer_id != customer.id:
        raise Missing(N_("This customer is not shared that way any more."))
    name = await _name(session, row.user_id, row.department_id)
    await session.delete(row)
    await session.flush()
    await history.note(session, customer.id, by, {"shared": (name, "")})


async def _name(session: AsyncSession, user_id: int | None, department_id: int | None) -> str:
    if user_id is not None:
        user = await session.get(User, user_id)
        if user is None or not user.active:
            raise Missing(N_("There is no such person."))
        return user.name
    if department_id is not None:
        department = await session.get(Department, department_id)
        if department is None:
            raise Missing(N_("There is no such department."))
        return department.name
    return EVERYBODY
