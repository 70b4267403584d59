"""Legal hold: which recordings may neither go nor change, and why.

Whoever deletes or changes one asks here in the same transaction, after `take_turn`.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.people import audit
from callcenter.recordings.models import Hold, HoldNumber, Proof

LOCK: Final = 0x686F6C64  # ours among PostgreSQL's advisory locks
LONGEST_REASON: Final = 300
HELD: Final = N_("The recording is on legal hold: it stays as it is.")
CUSTOMER_HELD: Final = N_("This customer is on legal hold and cannot be deleted for good.")


async def take_turn(session: AsyncSession | AsyncConnection) -> None:
    """From here to the end of the transaction nobody else sets a hold, deletes or masks."""
    bind = session.get_bind() if isinstance(session, AsyncSession) else session
    if bind.dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    else:  # SQLite has one writer at a time: be it
        await session.execute(update(Hold).where(Hold.id == 0).values(reason=""))


def active(now: datetime) -> ColumnElement[bool]:
    """Over Hold: those that count."""
    return Hold.lifted_at.is_(None) & or_(Hold.until.is_(None), Hold.until > now)


def _customers(now: datetime) -> CompoundSelect[Any]:
    """Ids of those who are held, and of those who took the place of one: the calls went along."""
    of = select(Hold.customer_id).where(active(now), Hold.customer_id.is_not(None))
    taken = select(Customer.merged_into).where(
        Customer.id.in_(of), Customer.merged_into.is_not(None)
    )
    return union(of, taken)


def held(now: datetime) -> ColumnElement[bool]:
    """Over CallRecord: calls whose recording is held. Never NULL."""
    of_calls = select(Hold.call_id).where(active(now), Hold.call_id.is_not(None))
    customers = _customers(now)
    numbers = select(CustomerPhone.number_key).where(
        CustomerPhone.customer_id.in_(customers), CustomerPhone.number_key != ""
    )
    noted = select(HoldNumber.number_key).join(Hold, Hold.id == HoldNumber.hold_id)
    key = func.coalesce(CallRecord.number_key, "")
    # Calls of before somebody became a customer are theirs as well: they know their number only.
    stranger = CallRecord.customer_id.is_(None)
    return or_(
        CallRecord.call_id.in_(of_calls),
        func.coalesce(CallRecord.customer_id, 0).in_(customers),
        stranger & or_(key.in_(numbers), key.in_(noted.where(active(now)))),
    )


async def held_among(session: AsyncSession, call_ids: Collection[str]) -> set[str]:
    """Which of these calls have a recording that is held."""
    if not call_ids:
        return set()
    now = datetime.now(UTC)
    by_id = select(Hold.call_id).where(active(now), Hold.call_id.in_(call_ids))
    asked = select(CallRecord.call_id).where(CallRecord.call_id.in_(call_ids), held(now))
    # By its id as well: a file's call may have no row.
    found = {*await session.scalars(by_id), *await session.scalars(asked)}
    return {each for each in found if each}


async def of_call(session: AsyncSession, record: CallRecord) -> Sequence[Hold]:
    """Those that count for that call, also its customer's; the oldest first."""
    key = record.number_key or "-"
    keys = select(CustomerPhone.customer_id).where(CustomerPhone.number_key == key)
    theirs = select(Customer.id).where(Customer.merged_into.in_(keys))
    noted = select(HoldNumber.hold_id).where(HoldNumber.number_key == key)
    whose = (
        _whose(record.customer_id)
        if record.customer_id is not None
        else or_(Hold.customer_id.in_(keys), Hold.customer_id.in_(theirs), Hold.id.in_(noted))
    )
    asked = select(Hold).where(
        active(datetime.now(UTC)), or_(Hold.call_id == record.call_id, whose)
    )
    return (await session.scalars(asked.order_by(Hold.id))).all()


async def of_customer(session: AsyncSession, customer_id: int) -> Sequence[Hold]:
    """Those of the customer that count, the oldest first."""
    asked = select(Hold).where(active(datetime.now(UTC)), _whose(customer_id))
    return (await session.scalars(asked.order_by(Hold.id))).all()


def _whose(customer_id: int) -> ColumnElement[bool]:
    """Over Hold: that customer's, or of one whose place they took."""
    merged = select(Customer.id).where(Customer.merged_into == customer_id)
    return or_(Hold.customer_id == customer_id, Hold.customer_id.in_(merged))


def customers_on_hold() -> Select[int]:
    """Their ids, and those of files that were merged into theirs or took their place."""
    of = select(_customers(datetime.now(UTC)).subquery().c[0])
    return select(Customer.id).where(or_(Customer.id.in_(of), Customer.merged_into.in_(of)))


async def held_customers(session: AsyncSession, customer_ids: Collection[int]) -> set[int]:
    """Which of these customers are on hold."""
    return set(await session.scalars(customers_on_hold().where(Customer.id.in_(customer_ids))))


async def set_hold(
    session: AsyncSession,
    user_id: int,
    reason: str,
    until: datetime | None,
    *,
    call_id: str | None = None,
    customer_id: int | None = None,
) -> Hold:
    """The caller has checked the rights, and commits. Raises Invalid for a reason that is none or
    an end that is over, Conflict where the call's recording is deleted already, Missing where the
    customer is."""
    reason = reason_of(reason)
    now = datetime.now(UTC)
    if until is not None and until <= now:
        raise Invalid(N_("The hold would be over already: choose a later day."), field="until")
    await take_turn(session)
    if call_id is not None and await session.get(Proof, call_id) is not None:
        raise Conflict(N_("The recording has been deleted: there is nothing to hold."))
    there = select(Customer.id).where(Customer.id == customer_id)
    if customer_id is not None and await session.scalar(there) is None:
        raise Missing(N_("There is no such customer."))
    hold = Hold(
        call_id=call_id,
        customer_id=customer_id,
        reason=reason,
        user_id=user_id,
        at=now,
        until=until,
    )
    session.add(hold)
    await session.flush()
    if customer_id is not None:
        numbers = select(CustomerPhone.number_key, literal(hold.id)).where(
            CustomerPhone.customer_id == customer_id, CustomerPhone.number_key != ""
        )
        columns = [HoldNumber.number_key, HoldNumber.hold_id]
        await session.execute(insert(HoldNumber).from_select(columns, numbers.distinct()))
    what = call_id if call_id is not None else f"customer {customer_id}"
    audit.note(session, user_id, "recording-held", f"{what}: {reason}")
    return hold


async def lift(session: AsyncSession, user_id: int, hold_id: int) -> None:
    """The caller has checked the rights for what it holds, and commits. Raises Missing."""
    hold = await session.get(Hold, hold_id)
    if hold is None or hold.lifted_at is not None:
        raise Missing(N_("This hold is lifted already."))
    hold.lifted_at, hold.lifted_by = datetime.now(UTC), user_id
    what = hold.call_id if hold.call_id is not None else f"customer {hold.customer_id}"
    audit.note(session, user_id, "recording-released", f"{what}: {hold.reason}")


def reason_of(typed: str) -> str:
    """Why something is held or deleted, tidied. Raises Invalid for none."""
    reason = " ".join(typed.replace("\0", "").split())
    if not reason:
        raise Invalid(N_("Why, please: somebody will wonder later."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(N_("At most {n} letters."), field="reason", n=LONGEST_REASON)
    return reason
