"""First-call resolution: whose callers needed not call again.

Which calls these are says calls.resolved. A call belongs to whoever has it (talked last), on the
day it began. Kept like agent_days: running totals, of days that are complete, added once a day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.calls.models import CallRecord
from callcenter.calls.resolved import complete_until, counts, is_resolved
from callcenter.db import Sessions
from callcenter.people.models import User
from callcenter.reports.asked import Asked
from callcenter.staffing.models import Counted, FirstCallDay
from callcenter.staffing.spells import midnight

WHAT = "first calls"  # of Counted: the ordinal of the last day that is summed

BEFORE = aliased(FirstCallDay)


@dataclass(frozen=True, slots=True)
class FirstCalls:
    """Calls of complete days, and those of them whose number did not ring in again."""

    calls: int = 0
    resolved: int = 0

    def plus(self, other: "FirstCalls") -> "FirstCalls":
        return FirstCalls(self.calls + other.calls, self.resolved + other.resolved)

    def less(self, other: "FirstCalls") -> "FirstCalls":
        return FirstCalls(self.calls - other.calls, self.resolved - other.resolved)

    @property
    def share(self) -> float | None:
        return self.resolved / self.calls if self.calls else None


NO_CALLS = FirstCalls()


async def first_calls(
    session: AsyncSession, people: ColumnElement[bool], asked: Asked
) -> dict[int, FirstCalls]:
    """By user id, of the days asked that are complete; `people` is a condition on User."""
    until = await _running(session, people, asked.until)
    since = await _running(session, people, asked.since - timedelta(days=1))
    return {user_id: sums.less(since.get(user_id, NO_CALLS)) for user_id, sums in until.items()}


async def count_days(sessions: Sessions, zone: tzinfo, today: date) -> int:
    """Sum the days that have become complete, one after the other; how many they are."""
    done = 0
    while await _count_next(sessions, zone, complete_until(today)):
        done += 1
    return done


async def count_again(sessions: Sessions, zone: tzinfo) -> int:
    """Sum all days anew by the days of `zone`: for after a change of it, or in doubt."""
    async with sessions.begin() as session:
        await session.execute(update(Counted).where(Counted.what == WHAT).values(row_id=0))
        await session.execute(delete(FirstCallDay))
    return await count_days(sessions, zone, datetime.now(zone).date())


async def counted_on(
    session: AsyncSession, since: datetime, until: datetime
) -> dict[int, FirstCalls]:
    """By user id, of the calls that began between these times: from the calls themselves."""
    rows = await session.execute(
        select(CallRecord.user_id, func.count(), func.sum(case((is_resolved(), 1), else_=0)))
        .where(CallRecord.started_at >= since, CallRecord.started_at < until, counts())
        .group_by(CallRecord.user_id)
    )
    return {user_id or 0: FirstCalls(calls, resolved) for user_id, calls, resolved in rows}


async def _count_next(sessions: Sessions, zone: tzinfo, last: date) -> bool:
    mark = Counted.what == WHAT
    async with sessions() as session:  # so many calls are read before others must wait
        done = await session.scalar(select(Counted.row_id).where(mark)) or 0
        day = date.fromordinal(done + 1) if done else await _first_day(session, zone)
        if day is None or day > last:
            return False
        times = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        found = await counted_on(session, *times)
        before = await _running(session, User.id.in_(found), day - timedelta(days=1))
    async with sessions.begin() as session:
        counted = update(Counted).where(mark, Counted.row_id == done)
        written: Any = await session.execute(counted.values(row_id=day.toordinal()))
        if written.rowcount:  # nobody else has counted it meanwhile
            for user_id, calls in found.items():
                sums = before.get(user_id, NO_CALLS).plus(calls)
                row = {"calls": sums.calls, "resolved": sums.resolved}
                await session.merge(FirstCallDay(user_id=user_id, day=day, **row))
    return True


async def _first_day(session: AsyncSession, zone: tzinfo) -> date | None:
    first = await session.scalar(select(func.min(CallRecord.started_at)))
    return first.astimezone(zone).date() if first else None


async def _running(
    session: AsyncSession, people: ColumnElement[bool], day: date
) -> dict[int, FirstCalls]:
    last = (
        select(func.max(BEFORE.day))
        .where(BEFORE.user_id == User.id, BEFORE.day <= day)
        .correlate(User)
        .scalar_subquery()
    )
    pairs = select(User.id, last).where(people)
    rows = await session.execute(
        select(FirstCallDay.user_id, FirstCallDay.calls, FirstCallDay.resolved).where(
            tuple_(FirstCallDay.user_id, FirstCallDay.day).in_(pairs)
        )
    )
    return {user_id: FirstCalls(calls, resolved) for user_id, calls, resolved in rows}
