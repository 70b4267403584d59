"""Questions about agents' time: totals of a period, the spells of days."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, inspect, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from callcenter.agents.models import AgentState
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.staffing.counting import limits_of, spell_of, totals_of
from callcenter.staffing.models import AgentDay, OpenSpell
from callcenter.staffing.spells import OFFLINE, Spell, midnight, of_days, spells, within
from callcenter.staffing.totals import NOTHING, Totals

BEFORE = aliased(AgentDay)


async def totals(
    session: AsyncSession, asker: Asker, asked: Asked, now: datetime | None = None
) -> dict[int, Totals]:
    """Each agent's totals of the days asked, by user id; who was never signed in is not there.

    Of whoever belongs to what the asker may see now, and to the departments and people asked, also
    when they have left. What lasts counts until `now`.
    """
    now, people = now or datetime.now(UTC), narrowed(asker.scope, asker.directory, asked)
    until = await _running(session, people, asked.until)
    since = await _running(session, people, asked.since - timedelta(days=1))
    found = {user_id: each.less(since.get(user_id, NOTHING)) for user_id, each in until.items()}
    for user_id, added in (await _lasting(session, people, asked, asker, now)).items():
        found[user_id] = found.get(user_id, NOTHING).plus(added)
    return {user_id: each for user_id, each in found.items() if each != NOTHING}


def narrowed(scope: Scope, directory: Directory, asked: Asked) -> ColumnElement[bool]:
    """Which users may be seen and are asked about: a condition on User."""
    wanted: list[ColumnElement[bool]] = [User.id > 0]
    if not scope.everything:
        own = User.id == scope.user_id
        wanted.append(or_(own, User.department_id.in_(scope.departments)))
    if asked.departments:
        below = frozenset[int]().union(*map(directory.below, asked.departments))
        wanted.append(User.department_id.in_(below))
    if asked.users:
        wanted.append(User.id.in_(asked.users))
    return and_(*wanted)


def before(since: datetime, column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """That of each user's last state from before `since`, for a SELECT over User."""
    return (
        select(column)
        .where(AgentState.user_id == User.id, AgentState.at < since)
        .order_by(AgentState.at.desc(), AgentState.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )


async def changes_of(
    session: AsyncSession, user_ids: Collection[int], since: datetime, until: datetime
) -> dict[int, list[Spell]]:
    """The spells of each between these times, cut there; what lasts does so until `until`."""
    at_first = select(before(since, AgentState.id)).where(User.id.in_(user_ids))
    rows = await session.scalars(
        select(AgentState)
        .where(
            or_(
                AgentState.id.in_(at_first),
                and_(
                    AgentState.user_id.in_(user_ids),
                    AgentState.at >= since,
                    AgentState.at < until,
                ),
            )
        )
        .order_by(AgentState.id)
    )
    by_user: defaultdict[int, list[AgentState]] = defaultdict(list)
    for row in rows:
        by_user[row.user_id].append(row)
    return {
        user_id: [each for each in within(spells(mine), since, until) if each.state != OFFLINE]
        for user_id, mine in by_user.items()
    }


async def _running(
    session: AsyncSession, people: ColumnElement[bool], day: date
) -> dict[int, Totals]:
    """The totals from the beginning to the end of that day."""
    last = (
        select(func.max(BEFORE.day))
        .where(BEFORE.user_id == User.id, BEFORE.day <= day)
        .correlate(User)
        .scalar_subquery()
    )
    # As pairs: SQLite looks each of them up; asked as a join it would read all days of everybody.
    pairs = select(User.id, last).where(people)
    columns: Any = inspect(AgentDay).column_attrs  # rows, not objects: half the time
    rows = await session.execute(
        select(*(getattr(AgentDay, each.key) for each in columns)).where(
            tuple_(AgentDay.user_id, AgentDay.day).in_(pairs)
        )
    )
    return {row.user_id: totals_of(row) for row in rows}


async def _lasting(
    session: AsyncSession,
    people: ColumnElement[bool],
    asked: Asked,
    asker: Asker,
    now: datetime,
) -> dict[int, Totals]:
    """What the states that everybody is in now add to the days asked."""
    zone, limits = ZoneInfo(asker.zone), await limits_of(session)
    found: dict[int, Totals] = {}
    rows = select(OpenSpell).join(User, User.id == OpenSpell.user_id).where(people)
    for row in await session.scalars(rows.where(OpenSpell.state != OFFLINE)):
        days: Mapping[date, Totals] = of_days(spell_of(row), max(now, row.since), zone, limits)
        for day, added in days.items():
            if asked.since <= day <= asked.until:
                found[row.user_id] = found.get(row.user_id, NOTHING).plus(added)
    return found


def times(asked: Asked, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the days asked begin and end, UTC."""
    return midnight(asked.since, zone), midnight(asked.until + timedelta(days=1), zone)
