"""Keeps agent_days: what the diary writes is added in the same transaction, in order and once.

How far it is counted is a row of its own (`Counted`), so nothing is counted twice whatever stops
in between, and counting from the beginning is forgetting that row.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Dialect, Table, and_, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from callcenter.agents.models import AgentState, BreakReason
from callcenter.db import Sessions, Upsert
from callcenter.staffing.models import AgentDay, Counted, OpenSpell, VainRing
from callcenter.staffing.spells import Limits, Spell, of_days, spells
from callcenter.staffing.totals import NOTHING, STATES, BreakSum, Totals

AT_ONCE = 5_000  # changes a transaction: others wait for as long
# A mapped class's is a Table.
DAYS: Table = AgentDay.__table__  # type: ignore[assignment]
OPEN: Table = OpenSpell.__table__  # type: ignore[assignment]
TABLES: Mapping[str, Table] = {
    "states": AgentState.__table__,  # type: ignore[dict-item]
    "rings": VainRing.__table__,  # type: ignore[dict-item]
}
DAYS_ASKED = select(DAYS, DAYS.c["break"].label("on_break"))  # as totals_of takes them

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
    """Add the changes that are not counted yet; how many, AT_ONCE at most.

    It takes the same few statements for one agent as for all, and no ORM: they follow each call.
    """
    rows = await _new(session, "states")
    if not rows:
        return 0
    by_user: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_user[row.user_id].append(row)
    connection = await session.connection()
    there = select(OPEN).where(OPEN.c.user_id.in_(by_user))
    open = {row.user_id: spell_of(row) for row in await connection.execute(there)}
    limits = await limits_of(session)
    days: dict[int, Days] = {}
    lasting = []
    for user_id, changes in by_user.items():
        *over, last = spells(changes, open.get(user_id))
        lasting.append((user_id, last.state, last.reason, last.cause, last.start))
        days[user_id] = _sums(over, zone, limits)
    await _upsert(OPEN, connection.dialect).execute(connection, lasting)
    await add(session, days)
    return len(rows)


async def count_rings(session: AsyncSession, zone: tzinfo) -> int:
    """The same of rings in vain."""
    rows = await _new(session, "rings")
    by_user: defaultdict[int, Days] = defaultdict(dict)
    for row in rows:
        days, day = by_user[row.user_id], row.at.astimezone(zone).date()
        ring = Totals(missed=not row.declined, declined=row.declined)
        days[day] = days.get(day, NOTHING).plus(ring)
    await add(session, by_user)
    return len(rows)


async def add(session: AsyncSession, days: Mapping[int, Days]) -> None:
    """Make the running totals of agents (by user id) grow from each of these days on."""
    days = {user_id: each for user_id, each in days.items() if each}
    if not days:
        return
    connection = await session.connection()
    there = await _days_there(connection, {user_id: min(each) for user_id, each in days.items()})
    grown = []
    for user_id, more in days.items():
        rows, known, added = there[user_id], NOTHING, NOTHING
        for day in sorted({*rows, *more}):
            known, added = rows.get(day, known), added.plus(more.get(day, NOTHING))
            if day >= min(more):
                grown.append(row_of(user_id, day, known.plus(added)))
    await _upsert(DAYS, connection.dialect).execute(connection, grown)


async def _days_there(connection: AsyncConnection, since: Mapping[int, date]) -> Mapping[int, Days]:
    """The running totals of agents from that day of each on, and from the last one before it where
    it has none, which is so once a day."""
    first = min(since.values())
    found: defaultdict[int, Days] = defaultdict(dict)

    async def find(wanted: ColumnElement[bool]) -> None:
        for row in await connection.execute(DAYS_ASKED.where(wanted)):
            found[row.user_id][row.day] = totals_of(row)

    await find(and_(DAYS.c.user_id.in_(since), DAYS.c.day >= first))
    without = [user_id for user_id, day in since.items() if day not in found[user_id]]
    if without:
        last = select(DAYS.c.user_id, func.max(DAYS.c.day)).group_by(DAYS.c.user_id)
        before = last.where(DAYS.c.user_id.in_(without), DAYS.c.day < first)
        await find(tuple_(DAYS.c.user_id, DAYS.c.day).in_(before))
    return found


@lru_cache(4)
def _upsert(table: Table, dialect: Dialect) -> Upsert:
    return Upsert(table, dialect)


def _sums(over: Iterable[Spell], zone: tzinfo, limits: Limits) -> Days:
    found: Days = {}
    for spell in over:
        if spell.end is not None:
            for day, totals in of_days(spell, spell.end, zone, limits).items():
                found[day] = found.get(day, NOTHING).plus(totals)
    return found


async def limits_of(session: AsyncSession) -> dict[str, int | None]:
    """Minutes that each break may take."""
    connection = await session.connection()
    rows = await connection.execute(select(BreakReason.code, BreakReason.minutes))
    return {code: minutes for code, minutes in rows}


def spell_of(row: Any) -> Spell:
    """What lasts, of a row that has the columns of open_spells."""
    return Spell(row.state, row.reason, row.cause, row.since)


def totals_of(row: Any) -> Totals:
    """An agent's totals up to that row's day; `row` has the columns of agent_days."""
    lengths = {each: ms for each in STATES if (ms := getattr(row, _column(each)))}
    breaks = msgspec.json.decode(row.breaks, type=dict[str, BreakSum])
    return Totals(lengths, breaks, row.missed, row.declined)


def row_of(user_id: int, day: date, totals: Totals) -> tuple[Any, ...]:
    """A row of agent_days, in the order of its columns."""
    breaks = msgspec.json.encode(totals.breaks).decode()
    lengths = (totals.of(each) for each in STATES)
    return user_id, day, *lengths, breaks, totals.missed, totals.declined


def _column(state: str) -> str:
    return "on_break" if state == "break" else state  # Python has the word for itself


async def _new(session: AsyncSession, what: str) -> Sequence[Any]:
    """Flushed rows that were not counted yet, by the order they were written in; from now on they
    are."""
    table, mark = TABLES[what], Counted.what == what
    await _locked(session)
    connection = await session.connection()
    after = await connection.scalar(select(Counted.row_id).where(mark)) or 0
    rows = select(table).where(table.c.id > after).order_by(table.c.id).limit(AT_ONCE)
    found: Sequence[Any] = (await connection.execute(rows)).all()
    if found:
        await connection.execute(update(Counted).where(mark).values(row_id=found[-1].id))
    return found


async def _locked(session: AsyncSession) -> None:
    """Until the transaction is over nobody else counts, on both databases: states and rings are
    added to the same rows. A write before the first look; by one row, that of the states, so that
    two never wait for each other."""
    mark = update(Counted).where(Counted.what == "states").values(row_id=Counted.row_id)
    await (await session.connection()).execute(mark)
