"""What the tables of sums should hold: of a day by its calls, of a month by its days and hours."""

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    text,
)

from callcenter.calls.clock import stretches
from callcenter.calls.counting import ADDED, LONGEST
from callcenter.calls.models import CallRecord
from callcenter.calls.summing import FINER, TABLES, bounds, next_month
from callcenter.sums import raw

FIGURES = (*ADDED, LONGEST)
OF_DAYS = ("call_days", "queue_hours", "queue_days")
OF_MONTHS = ("call_months", "number_months", "queue_weeks")


def of_day(name: str, day: date, zone: tzinfo) -> Select[Any]:
    """The rows of that day, from the calls themselves, in the table's columns."""
    start, end = bounds(day, zone)
    at: dict[str, Any] = {"day": literal(day, Date), "hour": _hour(day, zone), **raw.COLUMNS}
    keys = [at[key] for key in keys_of(name)]
    sums = select(*keys, *(raw.FIGURES[figure] for figure in FIGURES)).where(
        raw.ENDED, CallRecord.started_at >= start, CallRecord.started_at < end
    )
    return _grouped(name, sums, {"day"})


def of_month(name: str, month: date) -> Select[Any]:
    """The rows of that month, from the finer table."""
    finer = TABLES[FINER[name]]
    told = {"month": literal(month, Date), "weekday": _weekday(finer.c.day, month)}
    at: dict[str, Any] = {**finer.c, **told}
    keys = [at[key] for key in keys_of(name)]
    added = (func.sum(finer.c[figure]) for figure in ADDED)
    last = next_month(month) - timedelta(days=1)
    sums = select(*keys, *added, func.max(finer.c[LONGEST])).where(
        finer.c.day.between(month, last), finer.c.calls != 0
    )
    return _grouped(name, sums, {"month"})


def keys_of(name: str) -> Sequence[str]:
    return [column.name for column in TABLES[name].primary_key]


def _grouped(name: str, sums: Select[Any], told: set[str]) -> Select[Any]:
    """By the places of its keys, but for what is the same in all rows: PostgreSQL does not see that
    two bound values are one."""
    places = [n for n, key in enumerate(keys_of(name), start=1) if key not in told]
    return sums.group_by(*(text(str(place)) for place in places))


def _hour(day: date, zone: tzinfo) -> ColumnElement[int]:
    """On the company's clock, also on a day on which it is changed."""
    start, end = bounds(day, zone)
    parts = [each for each in stretches(zone, start, end) if each[0] < end]
    offset: Any = parts[0][2]
    if len(parts) > 1:
        before = [(CallRecord.started_at < until, distance) for _, until, distance in parts[:-1]]
        offset = case(*before, else_=parts[-1][2])
    seconds = extract("epoch", CallRecord.started_at) + offset
    return cast((seconds - seconds % 3600) / 3600, Integer) % 24


def _weekday(day: ColumnElement[date], month: date) -> ColumnElement[int]:
    """0 is Monday. By the days of that month: databases do not agree on weekdays."""
    days = (month + timedelta(days=n) for n in range((next_month(month) - month).days))
    return case({each: each.weekday() for each in days}, value=day, else_=literal_column("0"))
