"""Questions about hops."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import AgentState
from callcenter.calls.models import CallRecord
from callcenter.calls.queries import Narrow
from callcenter.explain import kinds
from callcenter.explain.models import CallHop

MOST = 2_000  # of anything that is asked at once
CALLS = 20


async def hops_of(session: AsyncSession, record: CallRecord) -> Sequence[CallHop]:
    """Those of the call, and what happened to the service and its link meanwhile."""
    until = record.ended_at or datetime.max.replace(tzinfo=record.started_at.tzinfo)
    own = await session.scalars(
        select(CallHop).where(CallHop.call_id == record.call_id).order_by(CallHop.at).limit(MOST)
    )
    found = list(own)
    filled = [hop.at for hop in found if hop.kind == kinds.FILLED]
    meanwhile = select(CallHop).where(
        CallHop.kind.in_((kinds.LINK, kinds.SERVICE)),
        CallHop.at.between(record.started_at, max([until, *filled])),
    )
    found += await session.scalars(meanwhile.order_by(CallHop.at).limit(100))
    return found


async def calls_of_number(session: AsyncSession, narrow: Narrow, key: str) -> Sequence[CallRecord]:
    """The latest calls with that number (customers.numbers.key_of), newest first."""
    if not key:
        return []  # there is no such number
    statement = narrow(select(CallRecord).where(CallRecord.number_key == key))
    newest = statement.order_by(CallRecord.started_at.desc()).limit(CALLS)
    return (await session.scalars(newest)).all()


async def latest(session: AsyncSession, narrow: Narrow) -> Sequence[CallRecord]:
    """The latest calls that may be seen."""
    statement = narrow(select(CallRecord)).order_by(CallRecord.started_at.desc()).limit(CALLS)
    return (await session.scalars(statement)).all()


async def may_see(session: AsyncSession, narrow: Narrow, call_ids: set[str]) -> set[str]:
    """Which of these calls."""
    if not call_ids:
        return set()
    statement = narrow(select(CallRecord.call_id).where(CallRecord.call_id.in_(call_ids)))
    return set(await session.scalars(statement))


async def states_of(
    session: AsyncSession, user_id: int, since: datetime, until: datetime
) -> list[AgentState]:
    """The state at the beginning, if it is known, and each change until the end."""
    before = await session.scalar(
        select(AgentState)
        .where(AgentState.user_id == user_id, AgentState.at < since)
        .order_by(AgentState.at.desc(), AgentState.id.desc())
        .limit(1)
    )
    during = await session.scalars(
        select(AgentState)
        .where(AgentState.user_id == user_id, AgentState.at.between(since, until))
        .order_by(AgentState.at, AgentState.id)
        .limit(MOST)
    )
    return [*([before] if before else []), *during]


async def hops_of_person(
    session: AsyncSession, user_id: int, since: datetime, until: datetime
) -> Sequence[CallHop]:
    """What happened to their pages and phone, in any call."""
    found = await session.scalars(
        select(CallHop)
        .where(CallHop.user_id == user_id, CallHop.at.between(since, until))
        .order_by(CallHop.at)
        .limit(MOST)
    )
    return found.all()


async def pictures(session: AsyncSession, since: datetime, until: datetime) -> Sequence[CallHop]:
    """Whom queues asked in that time, of all queues, and what happened to the service."""
    wanted = (kinds.ASKED, kinds.LINK, kinds.SERVICE)
    found = await session.scalars(
        select(CallHop)
        .where(CallHop.kind.in_(wanted), CallHop.at.between(since, until))
        .order_by(CallHop.at.desc())
        .limit(MOST)
    )
    return found.all()
