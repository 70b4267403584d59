"""Compares the sums with the calls themselves, each night; and keeps what it has found. So with
the interactions (care.summing) and whose files customers' are (care.owners)."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

import msgspec
from sqlalchemy import Select, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from callcenter.calls.models import CallRecord
from callcenter.calls.summing import TABLES, bounds
from callcenter.care import owners, summing
from callcenter.db import Sessions
from callcenter.settings.queries import keep_value, value
from callcenter.sums import raw
from callcenter.sums.expected import FIGURES, OF_DAYS, OF_MONTHS, keys_of, of_day, of_month
from callcenter.sums.rebuild import days_with_calls, each_day, months_of, rebuild

log = logging.getLogger(__name__)

NAME = "sums"  # of the setting that keeps what was found
RECENT = timedelta(days=40)  # looked at each night; the days before in turn, each once a week
SHOWN = 20  # days by their dates
LITTLE = 0.001  # seconds: what adding in another order comes to


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the last comparison found. `zone` is what the days were of; `wrong` are the first days,
    or months (their first days), whose sums are not those of their calls, `differences` how many
    sums that are. Nothing else may change it: a difference is a fault of this program."""

    at: datetime
    zone: str
    calls: int = 0
    days: int = 0
    differences: int = 0
    wrong: tuple[date, ...] = ()
    took_s: float = 0.0
    rebuilt_at: datetime | None = None


async def last(session: AsyncSession) -> Checked | None:
    """What was found last; None before the first time."""
    text = await value(session, NAME)
    return msgspec.json.decode(text, type=Checked) if text else None


async def nightly(engine: AsyncEngine, sessions: Sessions, zone: tzinfo) -> Checked:
    """Compare, and keep what is found. Sums of another zone, or from before there were all of
    these, are made anew first."""
    async with sessions() as session:
        before = await last(session)
    if fresh := before is None or before.zone != str(zone):
        await anew(engine, sessions, zone)
    await summing.catch_up(engine, zone)
    return await compared(engine, sessions, zone, turns=not fresh)


async def anew(
    engine: AsyncEngine,
    sessions: Sessions,
    zone: tzinfo,
    tell: Callable[[date], None] = lambda day: None,
) -> int:
    """Rebuild and keep when that was; how many calls were summed up."""
    began, at = time.monotonic(), datetime.now(UTC)
    calls = await rebuild(engine, zone, tell)
    await summing.anew(engine, zone, tell)
    await owners.forget(engine)
    log.info("%d calls summed up in %.1f s", calls, time.monotonic() - began)
    await _keep(sessions, Checked(at=at, zone=str(zone), calls=calls, rebuilt_at=at))
    return calls


async def compared(
    engine: AsyncEngine,
    sessions: Sessions,
    zone: tzinfo,
    *,
    turns: bool = False,
    tell: Callable[[date], None] = lambda day: None,
) -> Checked:
    """All days, or (`turns`) those whose turn it is tonight; keeps what it finds."""
    began, at = time.monotonic(), datetime.now(UTC)
    ends = await days_with_calls(engine, zone)
    days = list(each_day(*ends)) if ends else []
    today = at.astimezone(zone).date()
    if turns:
        days = [each for each in days if each > today - RECENT or (today - each).days % 7 == 0]
    wrong: dict[date, int] = {}
    calls = 0
    for day in days:
        calls += await _look(engine, day, zone, wrong)
        tell(day)
    for month in months_of(ends):
        await _look_at_month(engine, month, wrong)
    await _look_at_owners(engine, today, wrong)
    async with sessions() as session:
        before = await last(session)
    found = Checked(
        at=at,
        zone=str(zone),
        calls=calls,
        days=len(days),
        differences=sum(wrong.values()),
        wrong=tuple(sorted(wrong)[:SHOWN]),
        took_s=round(time.monotonic() - began, 1),
        rebuilt_at=before.rebuilt_at if before else None,
    )
    if wrong:
        log.error("%d sums are not those of their calls: %s", found.differences, found.wrong)
    await _keep(sessions, found)
    return found


async def _keep(sessions: Sessions, found: Checked) -> None:
    async with sessions.begin() as session:
        await keep_value(session, NAME, msgspec.json.encode(found).decode())


async def _look(engine: AsyncEngine, day: date, zone: tzinfo, wrong: dict[date, int]) -> int:
    """How many calls there are; sums that differ are added to `wrong`."""
    async with engine.connect() as connection:
        await _as_one(connection)
        for name in OF_DAYS:
            await _count(connection, name, of_day(name, day, zone), day, wrong)
        if count := await summing.differing(connection, day, zone):
            wrong[day] = wrong.get(day, 0) + count
        start, end = bounds(day, zone)
        began = CallRecord.started_at
        calls = select(func.count()).where(raw.ENDED, began >= start, began < end)
        return int(await connection.scalar(calls) or 0)


async def _look_at_month(engine: AsyncEngine, month: date, wrong: dict[date, int]) -> None:
    async with engine.connect() as connection:
        await _as_one(connection)
        for name in OF_MONTHS:
            await _count(connection, name, of_month(name, month), month, wrong)


async def _look_at_owners(engine: AsyncEngine, today: date, wrong: dict[date, int]) -> None:
    """They are of no day: of now."""
    async with engine.connect() as connection:
        await _as_one(connection)
        if count := await owners.differing(connection):
            wrong[today] = wrong.get(today, 0) + count


async def _as_one(connection: AsyncConnection) -> None:
    """All questions see the same moment: calls end meanwhile."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    else:
        await connection.exec_driver_sql("BEGIN")


async def _count(
    connection: AsyncConnection,
    name: str,
    expected: Select[tuple[object, ...]],
    at: date,
    wrong: dict[date, int],
) -> None:
    """Rows that differ: each side's figures, the one less the other, key by key."""
    table, keys = TABLES[name], keys_of(name)
    there = expected.subquery()
    names = list(there.c)
    ours = select(*(names[n].label(key) for n, key in enumerate(keys))).add_columns(
        *(names[len(keys) + n].label(figure) for n, figure in enumerate(FIGURES))
    )
    kept = select(
        *(table.c[key] for key in keys), *((-table.c[each]).label(each) for each in FIGURES)
    ).where(table.c["day" if "day" in table.c else "month"] == at)
    both = union_all(ours, kept).subquery()
    differing = (
        select(both.c[keys[0]])
        .group_by(*(both.c[key] for key in keys))
        .having(or_(*(func.abs(func.sum(both.c[figure])) > LITTLE for figure in FIGURES)))
        .subquery()
    )
    if count := await connection.scalar(select(func.count()).select_from(differing)):
        wrong[at] = wrong.get(at, 0) + count
