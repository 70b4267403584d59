"""How many interactions and how long, by channel: from the sums of months and days as far as there
are any (care.summing), and of all other days from the calls and activities themselves."""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Date, Integer, Select, case, column, func, null, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.activities.models import Activity
from callcenter.calls.models import TALKED, CallRecord, LateChange
from callcenter.calls.summing import next_month
from callcenter.care.bounds import bounds
from callcenter.care.models import (
    ACTIVITY,
    OF_ACTIVITIES,
    OF_CALLS,
    WHO_NOTED,
    CareDay,
    CareMonth,
    CareSummed,
    Columns,
)
from callcenter.care.narrowing import narrowed
from callcenter.care.summing import figures_of
from callcenter.db import Base
from callcenter.people.models import User
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.reports.pieces import Piece

DAY = timedelta(days=1)


class Times(NamedTuple):
    """Seconds of so many interactions; `timed` of them have a length, the others None."""

    interactions: int
    timed: int
    seconds: float
    shortest: float | None
    longest: float | None


Found = dict[tuple[int, tuple[str, int | None]], Times]


class Known(NamedTuple):
    """Sums are there `until` that day (None: none are), but for the days on which something
    `changed` since."""

    until: date | None
    changed: frozenset[date]


class Split(NamedTuple):
    """Which table answers which days of which piece, the piece by its place. No day is in two."""

    months: dict[date, int]
    days: list[tuple[int, Piece]]
    others: list[tuple[int, Piece]]


async def summed(
    session: AsyncSession, asker: Asker, asked: Asked, pieces: Sequence[Piece]
) -> Found:
    """By place among the pieces and key of the channel; where nothing was there is none."""
    parts = split(pieces, await known(session, ZoneInfo(asker.zone)))
    questions: list[tuple[Select[Any], Mapping[Any, int]]] = []
    if parts.months:
        questions.append((_of_months(asker, asked, parts.months), parts.months))
    if parts.days:
        days = _of_days(asker, asked, [piece for _, piece in parts.days])
        questions.append((days, dict(enumerate(place for place, _ in parts.days))))
    if parts.others:
        several = _of_others(asker, asked, [piece for _, piece in parts.others])
        of_others = dict(enumerate(place for place, _ in parts.others))
        questions += [(statement, of_others) for statement in several]
    found = defaultdict[tuple[int, tuple[str, int | None]], list[Times]](list)
    for statement, places in questions:
        for place, channel, type_id, *figures in await session.execute(statement):
            found[places[place], (channel, type_id or None)].append(Times(*figures))
    return {key: together(times) for key, times in found.items()}


def together(several: Iterable[Times]) -> Times:
    """The same of all of them."""
    parts = list(several)
    return Times(
        sum(each.interactions for each in parts),
        sum(each.timed for each in parts),
        sum(each.seconds or 0.0 for each in parts),
        min((each.shortest for each in parts if each.shortest is not None), default=None),
        max((each.longest for each in parts if each.longest is not None), default=None),
    )


def split(pieces: Sequence[Piece], known: Known) -> Split:
    """Whole months from their sums, else days, else the interactions themselves."""
    found = Split({}, [], [])
    for place, piece in enumerate(pieces):
        for month in _months(piece):
            first, last = max(month, piece.since), min(next_month(month) - DAY, piece.until)
            there = min(last, known.until) if known.until else first - DAY
            if there < last:
                found.others.append((place, Piece(max(first, there + DAY), last)))
            if there < first:
                continue
            # The last month's sums are as far as its days are.
            is_whole = first == month and there in (next_month(month) - DAY, known.until)
            changed = sorted(day for day in known.changed if month <= day <= there)
            if is_whole and not changed:
                found.months[month] = place
                continue
            changed = [day for day in changed if first <= day]
            found.others.extend((place, Piece(day, day)) for day in changed)
            edges = [first - DAY, *changed, there + DAY]
            found.days.extend(
                (place, Piece(before + DAY, after - DAY))
                for before, after in itertools.pairwise(edges)
                if after - before > DAY
            )
    return found


async def known(session: AsyncSession, zone: ZoneInfo) -> Known:
    until = await session.scalar(select(CareSummed.until).where(CareSummed.zone == str(zone)))
    late = select(LateChange.at).where(LateChange.is_moved.is_(False))
    changed = await session.scalars(late.distinct())
    return Known(until, frozenset(at.astimezone(zone).date() for at in changed))


def _months(piece: Piece) -> Iterator[date]:
    month = piece.since.replace(day=1)
    while month <= piece.until:
        yield month
        month = next_month(month)


def _of_months(asker: Asker, asked: Asked, months: Collection[date]) -> Select[Any]:
    by = (CareMonth.month, CareMonth.channel, CareMonth.type_id)
    return (
        select(*by, *figures_of(CareMonth))
        .outerjoin(User, User.id == CareMonth.user_id)
        .where(CareMonth.month.in_(months), *narrowed(asker, asked, _columns(CareMonth)))
        .group_by(*by)
    )


def _of_days(asker: Asker, asked: Asked, pieces: Sequence[Piece]) -> Select[Any]:
    named = values(column("place", Integer), column("first", Date), column("last", Date))
    cut = named.data([(n, each.since, each.until) for n, each in enumerate(pieces)]).cte("cut")
    by = (cut.c.place, CareDay.channel, CareDay.type_id)
    return (
        select(*by, *figures_of(CareDay))
        .join_from(cut, CareDay, CareDay.day.between(cut.c.first, cut.c.last))
        .outerjoin(User, User.id == CareDay.user_id)
        .where(*narrowed(asker, asked, _columns(CareDay)))
        .group_by(*by)
    )


def _of_others(asker: Asker, asked: Asked, pieces: Sequence[Piece]) -> list[Select[Any]]:
    cut = bounds(pieces, asker.zone)
    talks = _counted(cut, asker, asked, OF_CALLS, CallRecord).where(TALKED)
    notes = _counted(cut, asker, asked, OF_ACTIVITIES, Activity).outerjoin(User, WHO_NOTED)
    return [talks, notes]


def _counted(cut: CTE, asker: Asker, asked: Asked, of: Columns, table: type[Base]) -> Select[Any]:
    by, length = (cut.c.place, of.channel, of.type_id), of.seconds
    return (
        select(*by, func.count(), func.count(length), func.sum(length))
        .add_columns(func.min(length), func.max(length))
        .join_from(cut, table, (of.at >= cut.c.start) & (of.at < cut.c.stop))
        .where(*narrowed(asker, asked, of))
        .group_by(*by)
    )


def _columns(table: type[CareDay] | type[CareMonth]) -> Columns:
    """To narrow by; an activity is of the department in which whoever noted it is now."""
    department = case((table.channel == ACTIVITY, User.department_id), else_=table.department_id)
    return Columns(
        at=null(),
        channel=table.channel.expression,
        type_id=table.type_id.expression,
        user_id=table.user_id.expression,
        department_id=department,
        seconds=null(),
    )
