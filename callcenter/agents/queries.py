"""What the database knows of agents: sums of today, where they stood, what they left unfinished."""

from datetime import date, datetime
from typing import cast

import msgspec
from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.causes import STOPPED
from callcenter.agents.models import AgentState
from callcenter.calls.call import Call, Direction, EndedBy, Result, State
from callcenter.calls.models import CallDay, CallRecord


class Today(msgspec.Struct, kw_only=True):
    """An agent's day so far; missed are calls that came in and that nobody answered."""

    calls: int = 0
    talked_s: float = 0.0
    missed: int = 0


async def sums_of_day(session: AsyncSession, day: date) -> dict[int, Today]:
    """Each agent's sums of `day` (the company's), by user id."""
    missed = (CallDay.direction == Direction.INBOUND) & (CallDay.result != Result.ANSWERED)
    rows = await session.execute(
        select(
            CallDay.user_id,
            func.sum(CallDay.calls),
            func.sum(CallDay.talked_s),
            func.sum(case((missed, CallDay.calls), else_=0)),
        )
        .where(CallDay.day == day, CallDay.user_id != 0)
        .group_by(CallDay.user_id)
    )
    return {
        user_id: Today(calls=int(calls), talked_s=float(talked_s), missed=int(missed_calls))
        for user_id, calls, talked_s, missed_calls in rows
    }


async def wrapped_up_s(
    session: AsyncSession, user_id: int, since: datetime, until: datetime
) -> float:
    """The seconds an agent has spent on what follows a call."""
    rows = (
        await session.execute(
            select(AgentState.at, AgentState.state)
            .where(AgentState.user_id == user_id, AgentState.at >= since)
            .order_by(AgentState.id)
        )
    ).all()
    ends = [*(at for at, _ in rows[1:]), until]
    return sum(
        max(0.0, (end - at).total_seconds())
        for (at, state), end in zip(rows, ends, strict=False)
        if state == "wrap_up"
    )


async def last_rows(session: AsyncSession) -> dict[int, tuple[AgentState, AgentState | None]]:
    """By user id: the newest row, and the newest that the agent wished (no ringing, talking, …)."""
    states = AgentState.state.in_(("offline", "ready", "unreachable", "break"))
    wished = and_(states, AgentState.cause != STOPPED)
    newest = select(func.max(AgentState.id)).group_by(AgentState.user_id)
    last = await session.scalars(select(AgentState).where(AgentState.id.in_(newest)))
    wishes = await session.scalars(
        select(AgentState).where(AgentState.id.in_(newest.where(wished)))
    )
    by_user = {row.user_id: row for row in wishes}
    return {row.user_id: (row, by_user.get(row.user_id)) for row in last}


async def ended_call(session: AsyncSession, call_id: str) -> Call | None:
    """A call from its row, as far as a page needs it to finish a note."""
    record = await session.get(CallRecord, call_id)
    if record is None:
        return None
    return Call(
        call_id=record.call_id,
        direction=Direction(record.direction),
        started_at=record.started_at,
        state=State.ENDED,
        number=record.number,
        caller_name=record.caller_name,
        did=record.did,
        queue=record.queue,
        agents=tuple(filter(None, record.agents.split(","))),
        answered_at=record.answered_at,
        ended_at=record.ended_at,
        result=Result(record.result) if record.result else None,
        cause=record.cause,
        waited_s=record.waited_s,
        talked_s=record.talked_s,
        held_s=record.held_s,
        ended_by=cast("EndedBy | None", record.ended_by),
    )
