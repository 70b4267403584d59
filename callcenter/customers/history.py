"""What was changed in a customer's file, field by field, by whom and when [2.4, 6.3]."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.models import Customer, CustomerChange

Changes = Mapping[str, tuple[str, str]]  # field -> (old, new), in words as people see them


async def note(
    session: AsyncSession, customer_id: int, user_id: int | None, changes: Changes
) -> int:
    """Write the changes down and let the customer's version grow; the new version.

    The caller has changed the customer itself, and commits. Nothing happens without changes.
    """
    if not changes:
        found = await session.scalar(select(Customer.version).where(Customer.id == customer_id))
        return found or 0
    now = datetime.now(UTC)
    version = await session.scalar(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(version=Customer.version + 1, updated_at=now)
        .returning(Customer.version)
        .execution_options(synchronize_session="fetch")
    )
    await session.execute(
        insert(CustomerChange),
        [
            {
                "customer_id": customer_id,
                "version": version,
                "user_id": user_id,
                "at": now,
                "field": field,
                "old": old,
                "new": new,
            }
            for field, (old, new) in changes.items()
        ],
    )
    return version or 0


async def since(session: AsyncSession, customer_id: int, version: int) -> Sequence[CustomerChange]:
    """What was changed after that version, oldest first."""
    return (
        await session.scalars(
            select(CustomerChange)
            .where(CustomerChange.customer_id == customer_id, CustomerChange.version > version)
            .order_by(CustomerChange.id)
        )
    ).all()
