"""The call report: calls a day by result, talk time an agent. All from the sums."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallDay
from callcenter.errors import N_, Invalid
from callcenter.people.models import Department, User

LONGEST = 800  # days of one report
WITH_CUSTOMERS = (Direction.INBOUND.value, Direction.OUTBOUND.value)

Statement = TypeVar("Statement", bound=Select[Any])


class Narrows(Protocol):
    """people.rights.Scope, as far as it is needed here."""

    def days(self, statement: Statement) -> Statement: ...


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Of which calls: of the company's days `since` to `until`, both included, and of whom.

    A department stands for those below it as well. `direction` is inbound, outbound or None for
    both; calls between colleagues are in no report.
    """

    since: date
    until: date
    department_id: int | None = None
    user_id: int | None = None
    direction: str | None = None


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths in seconds. Averages and the rate (0..1) are None where nothing is there to divide.

    `average_talk_s` is an answered call's, `average_wait_s` an incoming call's, answered or not.
    """

    calls: int
    answered: int
    answer_rate: float | None
    talked_s: float
    average_talk_s: float | None
    average_wait_s: float | None


class DayReport(msgspec.Struct, frozen=True, kw_only=True):
    """`results` has every Result, 0 included, in the order of calls.call.Result."""

    day: date
    calls: int
    talked_s: float
    results: dict[str, int]


class AgentReport(msgspec.Struct, frozen=True, kw_only=True):
    user_id: int
    name: str
    calls: int
    answered: int
    talked_s: float
    average_talk_s: float | None


class CallReport(msgspec.Struct, frozen=True, kw_only=True):
    """`days` has each day asked for, also those without calls; `agents` those with calls, longest
    talk first. Calls that rang nobody are in the totals and days, and no agent's."""

    since: date
    until: date
    totals: Totals
    days: list[DayReport]
    agents: list[AgentReport]


async def call_report(session: AsyncSession, scope: Narrows, asked: Asked) -> CallReport:
    """The report, as far as `scope` may see it. Raises Invalid for days that make no sense."""
    _check(asked)
    per_result = (CallDay.day, CallDay.result, CallDay.direction)
    by_result = (await session.execute(scope.days(_sums(asked, *per_result)))).all()
    per_agent = (CallDay.user_id, CallDay.result)
    by_agent = (await session.execute(scope.days(_sums(asked, *per_agent)))).all()
    agents = [row for row in by_agent if row.user_id]
    names = await _names(session, {row.user_id for row in agents})
    return CallReport(
        since=asked.since,
        until=asked.until,
        totals=_totals(by_result),
        days=_days(asked, by_result),
        agents=_agents(agents, names),
    )


def _check(asked: Asked) -> None:
    if asked.until < asked.since:
        raise Invalid(N_("The last day is before the first."), field="until")
    if (asked.until - asked.since).days >= LONGEST:
        raise Invalid(N_("A report has {days} days at most."), field="since", days=LONGEST)
    if asked.direction not in (None, *WITH_CUSTOMERS):
        raise Invalid(N_("A call is inbound or outbound."), field="direction")


def _sums(asked: Asked, *per: Any) -> Select[Any]:
    statement = (
        select(
            *per,
            func.sum(CallDay.calls).label("calls"),
            func.sum(CallDay.talked_s).label("talked_s"),
            func.sum(CallDay.waited_s).label("waited_s"),
        )
        .where(CallDay.day.between(asked.since, asked.until))
        .where(CallDay.direction.in_([asked.direction] if asked.direction else WITH_CUSTOMERS))
        .group_by(*per)
        .having(func.sum(CallDay.calls) > 0)
    )
    if asked.user_id is not None:
        statement = statement.where(CallDay.user_id == asked.user_id)
    if asked.department_id is not None:
        below = (
            select(Department.id).where(Department.id == asked.department_id).cte(recursive=True)
        )
        deeper = select(Department.id).where(Department.parent_id == below.c.id)
        statement = statement.where(CallDay.department_id.in_(select(below.union(deeper).c.id)))
    return statement


async def _names(session: AsyncSession, user_ids: set[int]) -> dict[int, str]:
    rows = await session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}


def _totals(rows: Any) -> Totals:
    calls, answered, talked = 0, 0, 0.0
    inbound, waited = 0, 0.0
    for row in rows:
        calls += row.calls
        talked += row.talked_s
        if row.result == Result.ANSWERED:
            answered += row.calls
        if row.direction == Direction.INBOUND:
            inbound += row.calls
            waited += row.waited_s
    return Totals(
        calls=calls,
        answered=answered,
        answer_rate=answered / calls if calls else None,
        talked_s=round(talked, 3),
        average_talk_s=_average(talked, answered),
        average_wait_s=_average(waited, inbound),
    )


def _days(asked: Asked, rows: Any) -> list[DayReport]:
    results: defaultdict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Result, 0))
    talked: defaultdict[date, float] = defaultdict(float)
    for row in rows:
        results[row.day][row.result] = results[row.day].get(row.result, 0) + row.calls
        talked[row.day] += row.talked_s
    return [
        DayReport(
            day=day,
            calls=sum(results[day].values()),
            talked_s=round(talked[day], 3),
            results={str(result): count for result, count in results[day].items()},
        )
        for day in _each_day(asked.since, asked.until)
    ]


def _agents(rows: Any, names: dict[int, str]) -> list[AgentReport]:
    calls: defaultdict[int, int] = defaultdict(int)
    answered: defaultdict[int, int] = defaultdict(int)
    talked: defaultdict[int, float] = defaultdict(float)
    for row in rows:
        calls[row.user_id] += row.calls
        talked[row.user_id] += row.talked_s
        if row.result == Result.ANSWERED:
            answered[row.user_id] += row.calls
    agents = [
        AgentReport(
            user_id=user_id,
            name=names.get(user_id, ""),  # a user who was deleted
            calls=calls[user_id],
            answered=answered[user_id],
            talked_s=round(talked[user_id], 3),
            average_talk_s=_average(talked[user_id], answered[user_id]),
        )
        for user_id in calls
    ]
    return sorted(agents, key=lambda agent: (-agent.talked_s, -agent.calls, agent.name))


def _average(seconds: float, count: int) -> float | None:
    return round(seconds / count, 3) if count else None


def _each_day(since: date, until: date) -> Iterator[date]:
    for number in range((until - since).days + 1):
        yield since + timedelta(days=number)
