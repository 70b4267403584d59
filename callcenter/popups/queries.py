"""What a page's phone lists below its keys."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer
from callcenter.customers.numbers import shown


class RecentCall(msgspec.Struct, kw_only=True):
    """An ended call of an agent; `name` is the customer's, "" when unknown. UTC."""

    call_id: str
    direction: str
    result: str | None
    number: str
    shown: str
    name: str
    customer_id: int | None
    started_at: datetime


async def recent_calls(session: AsyncSession, user_id: int, limit: int = 3) -> list[RecentCall]:
    """That agent's last ended calls with a number, newest first."""
    rows = await session.execute(
        select(
            CallRecord.call_id,
            CallRecord.direction,
            CallRecord.result,
            CallRecord.number,
            Customer.name,
            CallRecord.customer_id,
            CallRecord.started_at,
        )
        .join(Customer, Customer.id == CallRecord.customer_id, isouter=True)
        .where(CallRecord.user_id == user_id, CallRecord.ended_at.is_not(None))
        .where(CallRecord.number.is_not(None), CallRecord.direction != "internal")
        .order_by(CallRecord.started_at.desc())
        .limit(limit)
    )
    return [
        RecentCall(
            call_id=call_id,
            direction=direction,
            result=result,
            number=number or "",
            shown=shown(number or ""),
            name=name or "",
            customer_id=customer_id,
            started_at=started_at,
        )
        for call_id, direction, result, number, name, customer_id, started_at in rows
    ]
