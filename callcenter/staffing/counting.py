"""Keeps agent_days: what the diary writes is added in the same transaction, in order and once.

How far it is counted is a row of its own (`Counted`), so nothing is counted twice whatever stops
in between, and counting from the beginning is forgetting that row.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import AgentState, BreakReason
from callcenter.db import Sessions
from callcenter.staffing.models import AgentDay, Counted, OpenSpell, VainRing
from callcenter.staffing.spells import Limits, Spell, of_days, spells
from callcenter.staffing.totals import NOTHING, STATES, BreakSum, Totals

AT_ONCE = 5_000  # changes a transaction: others wait for as long
TABLES: Mapping[str, type[AgentState] | type[VainRing]] = {"states": AgentState, "rings": VainRing}

Days = dict[date, Totals]


async def catch_up(sessions: Sessions, zone: tzinfo) -> None:
    """Count what an older version has written, some at a time, so that nobody waits long."""
    more = True
    while more:
        async with sessions.begin() as session:
            states = await count_states(session, zone)
            more = max(states, await count_rings(session, zone)) == AT_ONCE


async def recount(sessions: Sessions, zone: tzinfo) -> int:
    """Sum all time of agents anew by the days of `zone`; how many changes there are.

    For after a change of zone, or when the sums are in doubt. Breaks are held against the limits
    that hold now. While it runs, the report grows from nothing; a service that runs goes on.
    """
    async with sessions.begin() as session:
        await _locked(session)
        counted = update(Counted).where(Counted.what.in_(TABLES))
        await session.execute(counted.values(row_id=0))
        await session.execute(delete(AgentDay))
        await session.execute(delete(OpenSpell))
    await catch_up(sessions, zone)
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(AgentState)) or 0


async def count_states(session: AsyncSession, zone: tzinfo) -> int:
    """Add the changes that are not counted yet; how many, AT_ONCE at most."""
    rows = await _new(session, "states")
    if not rows:
        return 0
    by_user: defaultdict[int, list[AgentState]] = defaultdict(list)
    for row in rows:
        by_user[row.user_id].append(row)
    there = select(OpenSpell).where(OpenSpell.user_id.in_(by_user))
    open = {each.user_id: each for each in await session.scalars(there)}
    limits = await limits_of(session)
    for user_id, changes in by_user.items():
        before = open.get(user_id)
        *over, last = spells(changes, spell_of(before) if before else None)
        await session.merge(
            OpenSpell(
                user_id=user_id,
                state=last.state,
                reason=last.reason,
                cause=last.cause,
                since=last.start,
            )
        )
        await add(session, user_id, _sums(over, zone, limits))
    return len(rows)


async def count_rings(session: AsyncSession, zone: tzinfo) -> int:
    """The same of rings in vain."""
    rows = await _new(session, "rings")
    by_user: defaultdict[int, Days] = defaultdict(dict)
    for row in rows:
        days, day = by_user[row.user_id], row.at.astimezone(zone).date()
        ring = Totals(missed=not row.declined, declined=row.declined)
        days[day] = days.get(day, NOTHING).plus(ring)
    for user_id, days in by_user.items():
        await add(session, user_id, days)
    return len(rows)


async def add(session: AsyncSession, user_id: int, days: Mapping[date, Totals]) -> None:
    """Make an agent's running totals grow from each of these days on."""
    if not days:
        return
    first = min(days)
    mine = select(AgentDay).where(AgentDay.user_id == user_id)
    before = mine.where(AgentDay.day < first).order_by(AgentDay.day.desc()).limit(1)
    later = await session.scalars(mine.where(AgentDay.day >= first).order_by(AgentDay.day))
    row = await session.scalar(before)
    rows = {each.day: each for each in later}
    known, added = totals_of(row) if row else NOTHING, NOTHING
    for day in sorted({*rows, *days}):
        added = added.plus(days.get(day, NOTHING))
        if day in rows:
            known = totals_of(rows[day])
        await session.merge(row_of(user_id, day, known.plus(added)))
    await session.flush()


def _sums(over: Iterable[Spell], zone: tzinfo, limits: Limits) -> Days:
    found: Days = {}
    for spell in over:
        if spell.end is not None:
            for day, totals in of_days(spell, spell.end, zone, limits).items():
                found[day] = found.get(day, NOTHING).plus(totals)
    return found


async def limits_of(session: AsyncSession) -> dict[str, int | None]:
    """Minutes that each break may take."""
    rows = await session.execute(select(BreakReason.code, BreakReason.minutes))
    return {code: minutes for code, minutes in rows}


def spell_of(row: OpenSpell) -> Spell:
    return Spell(row.state, row.reason, row.cause, row.since)


def totals_of(row: Any) -> Totals:
    """An agent's totals up to that row's day; `row` has the columns of agent_days."""
    lengths = {each: ms for each in STATES if (ms := getattr(row, _column(each)))}
    breaks = msgspec.json.decode(row.breaks, type=dict[str, BreakSum])
    return Totals(lengths, breaks, row.missed, row.declined)


def row_of(user_id: int, day: date, totals: Totals) -> AgentDay:
    return AgentDay(
        user_id=user_id,
        day=day,
        **{_column(each): totals.of(each) for each in STATES},
        breaks=msgspec.json.encode(totals.breaks).decode(),
        missed=totals.missed,
        declined=totals.declined,
    )


def _column(state: str) -> str:
    return "on_break" if state == "break" else state  # Python has the word for itself


async def _new(session: AsyncSession, what: str) -> Sequence[Any]:
    """Rows that were not counted yet, by the order they were written in; from now on they are."""
    table, mark = TABLES[what], Counted.what == what
    await _locked(session)
    after = await session.scalar(select(Counted.row_id).where(mark)) or 0
    rows = select(table).where(table.id > after).order_by(table.id).limit(AT_ONCE)
    found: Sequence[Any] = (await session.scalars(rows)).all()
    if found:
        await session.execute(update(Counted).where(mark).values(row_id=found[-1].id))
    return found


async def _locked(session: AsyncSession) -> None:
    """Until the transaction is over nobody else counts, on both databases: states and rings are
    added to the same rows. A write before the first look; by one row, that of the states, so that
    two never wait for each other."""
    mark = update(Counted).where(Counted.what == "states")
    await session.execute(mark.values(row_id=Counted.row_id))
