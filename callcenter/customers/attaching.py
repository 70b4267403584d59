"""A caller nobody knew is an existing customer: their number joins that file, and its calls do."""

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls import late
from callcenter.calls.models import CallRecord
from callcenter.customers import history
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import key_of, shown
from callcenter.customers.saving import hold, phone_row
from callcenter.errors import N_, Conflict, Invalid
from callcenter.people.models import User


async def attach(session: AsyncSession, customer: Customer, raw: str, by: int) -> list[str]:
    """Add that number to the customer, and name all calls of it that had no name yet.

    The keys of the customer's numbers; nothing is changed where it is theirs already. The caller
    has checked the right, and commits. Raises Invalid for what is no number, Conflict for one that
    somebody else has.
    """
    key = key_of(raw)
    if not key:
        raise Invalid(N_("“{number}” is not a phone number."), field="number", number=raw[:40])
    await hold(session, customer)
    rows = (
        await session.execute(
            select(Customer.id, Customer.name, User.name.label("owner"))
            .join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
            .outerjoin(User, User.id == Customer.owner_id)
            .where(CustomerPhone.number_key == key, Customer.deleted_at.is_(None))
            .order_by(Customer.id)
        )
    ).all()
    if others := [row for row in rows if row.id != customer.id]:
        raise Conflict(
            N_("{number} is a number of {name} already, owned by {owner}."),
            number=shown(raw),
            name=others[0].name,
            owner=others[0].owner or "–",
        )
    mine = (
        await session.scalars(
            select(CustomerPhone)
            .where(CustomerPhone.customer_id == customer.id, CustomerPhone.contact_id.is_(None))
            .order_by(CustomerPhone.position, CustomerPhone.id)
        )
    ).all()
    if not rows:
        place = max((phone.position for phone in mine), default=-1) + 1
        session.add(CustomerPhone(customer_id=customer.id, **phone_row(raw, place)))
        old = [shown(phone.raw) for phone in mine]
        changes = {"phone": (", ".join(old), ", ".join([*old, shown(raw)]))}
        await history.note(session, customer.id, by, changes)
        customer.updated_at = datetime.now(UTC)
    await session.execute(
        update(CallRecord)
        .where(CallRecord.number_key == key, CallRecord.customer_id.is_(None))
        .values(customer_id=customer.id)
        .execution_options(synchronize_session=False)
    )
    theirs = CallRecord.number_key == key, CallRecord.customer_id == customer.id
    await late.note_calls(session, *theirs)
    return sorted({key, *(phone.number_key for phone in mine)})
