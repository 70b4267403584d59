"""Deleted files [2.16]: for 30 days they can be brought back, then they are gone for good.

For good is everything of the customer: numbers, contacts, documents and their files, activities,
changes, shares. Calls stay, as they are also ours, but forget whose they were.
"""

import asyncio
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.activities.models import Activity
from callcenter.calls import late
from callcenter.calls.models import CallRecord
from callcenter.customers import history, saving
from callcenter.customers.duplicates import duplicates
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.db import Sessions
from callcenter.documents import store
from callcenter.documents.queries import remove_files_of
from callcenter.errors import N_, Conflict, Missing
from callcenter.people import audit
from callcenter.people.rights import Scope
from callcenter.recordings import holds

KEPT = timedelta(days=30)
AT_ONCE = 500  # customers in one transaction


async def throw(session: AsyncSession, customer: Customer, by: int) -> list[str]:
    """Into the bin, without committing; the keys of its numbers, which are nobody's now."""
    await saving.hold(session, customer)
    if customer.deleted_at is not None:
        raise Missing(N_("There is no such customer."))
    customer.deleted_at, customer.deleted_by = datetime.now(UTC), by
    await session.flush()
    await history.note(session, customer.id, by, {"deleted": ("", customer.name)})
    audit.note(session, by, "customer-deleted", f"{customer.code} {customer.name}")
    return await keys_of(session, [customer.id])


async def binned(session: AsyncSession, scope: Scope, customer_id: int) -> Customer:
    """One in the bin; raises Missing when it is not there, or not for these eyes."""
    found: Customer | None = await session.scalar(
        scope.binned(select(Customer).where(Customer.id == customer_id))
    )
    if found is None:
        raise Missing(N_("There is no such customer in the bin."))
    return found


async def restore(session: AsyncSession, customer: Customer, by: int) -> list[str]:
    """Out of the bin, without committing; the keys of its numbers.

    Raises Conflict when one of them belongs to somebody else by now.
    """
    await saving.hold(session, customer)
    form = await saving.current(session, customer)
    taken = await duplicates(session, form.keeping(()), {"phone"}, customer.id)
    for name, each in taken.items():
        if name.startswith("phone-"):
            raise Conflict(
                N_("{number} belongs to customer {name} by now, so this file cannot come back."),
                number=form.phones[int(name.removeprefix("phone-"))],
                name=each.name,
                customer_id=each.customer_id,
            )
    customer.deleted_at, customer.deleted_by = None, None
    await session.flush()
    await history.note(session, customer.id, by, {"restored": ("", customer.name)})
    return await keys_of(session, [customer.id])


async def destroy(
    session: AsyncSession, customer_ids: Collection[int], by: int | None
) -> list[Path]:
    """For good, without committing; the files of documents, which whoever calls removes
    (documents.store.forget) once this is committed. Raises Conflict for one on legal hold."""
    await holds.take_turn(session)
    gone = set(
        await session.scalars(
            select(Customer.id).where(
                or_(Customer.id.in_(customer_ids), Customer.merged_into.in_(customer_ids))
            )
        )
    )
    if await holds.held_customers(session, gone):  # their calls would forget whose they are
        raise Conflict(holds.CUSTOMER_HELD)
    codes = await session.scalars(
        select(Customer.code).where(Customer.id.in_(gone)).order_by(Customer.id)
    )
    for code in codes:  # the name is one of the things that are gone
        audit.note(session, by, "customer-destroyed", code)
    await late.note_calls(session, CallRecord.customer_id.in_(gone))
    theirs = Activity.customer_id.in_(gone)
    await late.note_rows(session, Activity.at, Activity.customer_id, theirs)
    await session.execute(
        update(CallRecord)
        .where(CallRecord.customer_id.in_(gone))
        .values(customer_id=None)
        .execution_options(synchronize_session=False)
    )
    paths = await remove_files_of(session, gone)
    await session.execute(
        delete(Customer).where(Customer.id.in_(gone)).execution_options(synchronize_session=False)
    )
    return paths


async def purge_bin(sessions: Sessions, now: datetime | None = None) -> None:
    """The daily errand: destroy what has been in the bin for 30 days."""
    over = (now or datetime.now(UTC)) - KEPT
    while True:
        async with sessions() as session:
            await holds.take_turn(session)  # nobody holds one of them meanwhile
            ids = (
                await session.scalars(
                    select(Customer.id)
                    .where(Customer.deleted_at < over, Customer.merged_into.is_(None))
                    .where(Customer.id.not_in(holds.customers_on_hold()))
                    .limit(AT_ONCE)
                )
            ).all()
            if not ids:
                return
            paths = await destroy(session, ids, None)
            await session.commit()
        await asyncio.to_thread(store.forget, paths)


async def keys_of(session: AsyncSession, customer_ids: Iterable[int]) -> list[str]:
    """The keys of all their numbers, contacts' included."""
    rows = await session.scalars(
        select(CustomerPhone.number_key).where(CustomerPhone.customer_id.in_(list(customer_ids)))
    )
    return sorted(set(rows))
