"""Sums of calls by what they are asked by, from the shortest tables of sums that know it all."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, extract, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.clock import stretches
from callcenter.calls.counting import ADDED, LONGEST
from callcenter.calls.models import CallRecord
from callcenter.calls.summing import TABLES
from callcenter.db import plan_each
from callcenter.errors import N_, Invalid
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.sums import raw
from callcenter.sums.plan import COLUMNS, Filter, Key, Part, Piece, grouped, parts
from callcenter.sums.terms import KeyValue, Sum

RAW_DAYS = 31  # of a question that the calls themselves must answer
MINUTES = (5, 15, 30, 60)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of a clock on a wall
FIGURES = (*ADDED, LONGEST)  # in the order of Sum
NOTHING: ColumnElement[Any] = literal_column("0")

Found = dict[tuple[KeyValue, ...], list[Any]]


async def by(
    session: AsyncSession, asker: Asker, asked: Asked, *keys: str, only: Collection[str] = FIGURES
) -> list[Sum]:
    """Sums of the days and filters asked, as far as the asker may see: one for each combination of
    the keys (words of plan.Key) that has calls, in their order. Without keys: one, or none.

    `only`: figures that are needed, "calls" among them; the others are 0. Each takes its time.

    Raises Invalid for days that make no sense; and by the hour of people, numbers or results for
    more than RAW_DAYS days, since no sums are kept of that (of one person: for any).
    """
    _check(asked)
    await plan_each(session)
    wanted = tuple(Key(each) for each in keys)
    found: Found = {}
    for part in parts(asker, asked, wanted):
        if not part.pieces:
            if not part.is_of_one:
                _few_days(asked, N_("By the hour of such calls: {days} days at most."))
            await _ask_calls(session, asker, asked, wanted, only, part, found)
        for piece in part.pieces:
            await _ask_sums(session, wanted, only, piece, part.filters, found)
    return _sums(found)


async def slots(
    session: AsyncSession,
    asker: Asker,
    asked: Asked,
    minutes: int,
    *keys: str,
    only: Collection[str] = FIGURES,
) -> list[Sum]:
    """The same by slots of 5, 15, 30 or 60 minutes of the clock, from the calls themselves.

    The first value of each key is the slot's first minute of the day (0, 15, … 1425), then come
    those of `keys`: with "day" among them each day's slots, else all days' together. Raises Invalid
    for more than RAW_DAYS days.
    """
    _check(asked)
    if minutes not in MINUTES:
        raise Invalid(N_("A slot has 5, 15, 30 or 60 minutes."), field="step")
    _few_days(asked, N_("By slots of minutes: {days} days at most."))
    await plan_each(session)
    wanted, found = tuple(Key(each) for each in keys), Found()
    for part in parts(asker, asked, wanted):
        await _ask_calls(session, asker, asked, wanted, only, part, found, slot=minutes)
    return _sums(found)


def _check(asked: Asked) -> None:
    if asked.until < asked.since:
        raise Invalid(N_("The last day is before the first."), field="until")


def _few_days(asked: Asked, sentence: str) -> None:
    if asked.days > RAW_DAYS:
        raise Invalid(sentence, field="since", days=RAW_DAYS)


async def _ask_sums(
    session: AsyncSession,
    keys: Sequence[Key],
    only: Collection[str],
    piece: Piece,
    filters: Iterable[Filter],
    found: Found,
) -> None:
    table = TABLES[piece.table]
    names = grouped([column.name for column in table.primary_key], keys)
    days = table.c["day" if "day" in table.c else "month"]
    columns = [table.c[name] for name in names]
    statement = (
        select(*columns, *(_sum(table.c[n]) if n in only else NOTHING.label(n) for n in FIGURES))
        .where(days.between(piece.since, piece.until))
        .where(*(_is_one(table.c[each.column], each) for each in filters))
        .group_by(*columns)
    )
    values = [_value(key, names) for key in keys]
    for row in (await session.execute(statement)).all():
        _add(found, tuple(value(row) for value in values), row[len(names) :])


async def _ask_calls(
    session: AsyncSession,
    asker: Asker,
    asked: Asked,
    keys: Sequence[Key],
    only: Collection[str],
    part: Part,
    found: Found,
    slot: int = 0,
) -> None:
    zone, step = ZoneInfo(asker.zone), (slot or 60) * 60
    since, until = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (asked.since, asked.until + timedelta(days=1))
    )
    names = [COLUMNS[key] for key in keys if key in COLUMNS]
    values = [_value(key, ["day", "hour", *names]) for key in keys]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for start, end, offset in stretches(zone, since, until):
        # Worked out once a call: it is half of the time otherwise.
        if is_sqlite:
            place = (extract("epoch", CallRecord.started_at) + offset) // step
        else:
            seconds = func.date_part("epoch", CallRecord.started_at) + offset
            place = func.floor(seconds / step)
        columns = [place.label("slot"), *(raw.COLUMNS[n] for n in names)]
        statement = (
            select(*columns, *(raw.FIGURES[n] if n in only else NOTHING.label(n) for n in FIGURES))
            .where(raw.ENDED, CallRecord.started_at >= start)
            .where(CallRecord.started_at < min(end, until))
            .where(*(_is_one(_plain(each), each) for each in part.filters))
            .group_by(*columns)
        )
        for number, *row in await session.execute(statement):
            clock = EPOCH + timedelta(seconds=int(number) * step)
            at = (clock.date(), clock.hour, *row)
            key = tuple(value(at) for value in values)
            minute = (clock.hour * 60 + clock.minute,) if slot else ()
            _add(found, minute + key, row[len(names) :])


def _sum(column: Column[Any]) -> ColumnElement[Any]:
    return func.max(column) if column.name == LONGEST else func.sum(column)


def _plain(filter: Filter) -> ColumnElement[Any]:
    """The column itself where an index can be used."""
    if filter.is_one and not {0, ""} & set(filter.values):
        column: ColumnElement[Any] = getattr(CallRecord, filter.column)
        return column
    return raw.COLUMNS[filter.column]


def _is_one(column: ColumnElement[Any], filter: Filter) -> ColumnElement[bool]:
    """One value as such: not every index serves a list."""
    if not filter.is_one:
        return column.not_in(filter.values)
    first, *more = filter.values
    same: ColumnElement[bool] = column == first
    return column.in_(filter.values) if more else same


def _value(key: Key, names: Sequence[str]) -> Callable[[Sequence[Any]], KeyValue]:
    """Reads it from a row whose first columns have these names."""
    if key in COLUMNS or key in (Key.HOUR, Key.DAY) or "day" not in names:
        return itemgetter(names.index(COLUMNS.get(key, key)))
    day = itemgetter(names.index("day"))
    if key is Key.WEEK:
        return lambda row: day(row) - timedelta(days=day(row).weekday())
    if key is Key.MONTH:
        return lambda row: day(row).replace(day=1)
    return lambda row: day(row).weekday()


def _add(found: Found, key: tuple[KeyValue, ...], figures: Sequence[Any]) -> None:
    if (sums := found.get(key)) is None:
        found[key] = [amount or 0 for amount in figures]
        return
    for index, amount in enumerate(figures[:-1]):
        sums[index] += amount or 0
    sums[-1] = max(sums[-1], figures[-1] or 0)


def _sums(found: Found) -> list[Sum]:
    """In the order of their keys; what corrections have taken everything out of is left out."""
    return [
        Sum(key, *found[key])  # the figures are in their order
        for key in sorted(found)
        if found[key][0]
    ]
