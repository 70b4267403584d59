"""One agent's days, or one day of many agents, as lines to draw: states, calls, rings in vain."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import AgentState
from callcenter.calls.models import CallRecord
from callcenter.calls.queries import Narrow
from callcenter.people.directory import Person
from callcenter.people.models import User
from callcenter.staffing.models import VainRing
from callcenter.staffing.queries import before, changes_of
from callcenter.staffing.speech import Speech
from callcenter.staffing.spells import OFFLINE, Spell, midnight, within
from callcenter.staffing.timeline import DayLine, Span

LONGEST_CALL = timedelta(hours=6)  # one that began before midnight is looked for so far back
RINGS = 200  # of one page

Zone = tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`days` of `people`; what is not over lasts until `now`. `calls` narrows to what the reader
    may see of calls."""

    people: Sequence[Person]
    days: Sequence[date]
    zone: Zone
    now: datetime
    calls: Narrow


@dataclass(frozen=True, slots=True)
class OneDay:
    """What is known of somebody's day; spells are cut at its midnights."""

    person: Person
    day: date
    since: datetime
    until: datetime
    spells: Sequence[Spell]
    calls: Sequence[CallRecord]


async def days_of(session: AsyncSession, asked: Asked) -> list[OneDay]:
    """A day of each person, or each day of one, in the order they were asked."""
    ids = [each.id for each in asked.people]
    times = {day: _times(day, asked.zone) for day in asked.days}
    since, until = min(t[0] for t in times.values()), max(t[1] for t in times.values())
    spells = await changes_of(session, ids, since, min(until, max(asked.now, since)))
    calls = await _calls(session, asked.calls, ids, since, until)
    return [
        OneDay(
            person,
            day,
            *times[day],
            within(spells.get(person.id, ()), *times[day]),
            [
                each
                for each in calls[person.id]
                if each.started_at < times[day][1] and (each.ended_at or asked.now) > times[day][0]
            ],
        )
        for person in asked.people
        for day in asked.days
    ]


async def seen_on(session: AsyncSession, asked: Asked) -> list[Person]:
    """Those of the people who were signed in or had a call in that time: who has a line."""
    times = [_times(day, asked.zone) for day in asked.days]
    since, until = min(t[0] for t in times), max(t[1] for t in times)
    changed = select(AgentState.user_id).where(
        AgentState.at >= since, AgentState.at < until, AgentState.state != OFFLINE
    )
    ids = [each.id for each in asked.people]
    there = or_(User.id.in_(changed), before(since, AgentState.state) != OFFLINE)
    found = set(await session.scalars(select(User.id).where(User.id.in_(ids), there)))
    had = _of_time(ids, since, until).with_only_columns(CallRecord.user_id).distinct()
    found |= set(await session.scalars(asked.calls(had)))
    return [each for each in asked.people if each.id in found]


async def rings_of(
    session: AsyncSession, user_id: int, since: datetime, until: datetime
) -> Sequence[VainRing]:
    """Calls that rang at theirs in vain, the newest first; RINGS at most."""
    rows = await session.scalars(
        select(VainRing)
        .where(VainRing.user_id == user_id, VainRing.at >= since, VainRing.at < until)
        .order_by(VainRing.at.desc(), VainRing.id.desc())
        .limit(RINGS)
    )
    return rows.all()


async def may_see(session: AsyncSession, narrow: Narrow, call_ids: Collection[str]) -> set[str]:
    """Which of these calls the reader may open."""
    statement: Select[Any] = select(CallRecord.call_id).where(CallRecord.call_id.in_(call_ids))
    return set(await session.scalars(narrow(statement))) if call_ids else set()


def line_of(one: OneDay, label: str, href: str, speech: Speech, open: Collection[str]) -> DayLine:
    """`open` are the ids of calls that the reader may open."""
    return DayLine(
        label,
        href,
        one.since,
        one.until,
        [
            Span(
                each.start,
                each.end or speech.now,
                each.state,
                speech.spell(each),
                f"/calls/{call_id}" if (call_id := call_of(each)) in open else "",
            )
            for each in one.spells
        ],
        [
            Span(
                each.started_at,
                each.ended_at or speech.now,
                speech.kind(each),
                speech.call(each),
                f"/calls/{each.call_id}",
            )
            for each in one.calls
        ],
    )


def call_of(spell: Spell) -> str:
    """The call that made it begin, "" for none."""
    word, _, call_id = spell.cause.partition(" ")
    return call_id if word == "call" else ""


def _times(day: date, zone: Zone) -> tuple[datetime, datetime]:
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


async def _calls(
    session: AsyncSession, narrow: Narrow, ids: Collection[int], since: datetime, until: datetime
) -> defaultdict[int, list[CallRecord]]:
    """By whose they are."""
    statement = _of_time(ids, since, until)
    found: defaultdict[int, list[CallRecord]] = defaultdict(list)
    for each in await session.scalars(narrow(statement.order_by(CallRecord.started_at))):
        found[each.user_id or 0].append(each)
    return found


def _of_time(ids: Collection[int], since: datetime, until: datetime) -> Select[Any]:
    """Their calls of that time; also one that began before and goes on into it."""
    began = and_(CallRecord.started_at >= since - LONGEST_CALL, CallRecord.started_at < until)
    lasts = or_(CallRecord.ended_at.is_(None), CallRecord.ended_at > since)
    return select(CallRecord).where(CallRecord.user_id.in_(ids), began, lasts)
