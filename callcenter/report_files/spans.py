"""Periods that stay what they are called: last month is another one next month."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

import msgspec
from multidict import MultiDict

from callcenter.errors import N_, Invalid
from callcenter.reports import comparing
from callcenter.reports.asked import Asked, query_of, read

ONE = timedelta(days=1)


class Span(StrEnum):
    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7 = "last_7"  # days, today included
    LAST_14 = "last_14"
    LAST_30 = "last_30"
    THIS_WEEK = "this_week"  # from Monday until today
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_YEAR = "this_year"


class Against(StrEnum):
    BEFORE = "before"
    YEAR = "year"


NAMES = {
    Span.TODAY: N_("Today"),
    Span.YESTERDAY: N_("Yesterday"),
    Span.LAST_7: N_("7 days"),
    Span.LAST_14: N_("14 days"),
    Span.LAST_30: N_("30 days"),
    Span.THIS_WEEK: N_("This week"),
    Span.LAST_WEEK: N_("Last week"),
    Span.THIS_MONTH: N_("This month"),
    Span.LAST_MONTH: N_("Last month"),
    Span.THIS_YEAR: N_("This year"),
}


def days(span: Span, today: date) -> tuple[date, date]:
    """First and last day of it, seen from `today`."""
    month, monday = today.replace(day=1), today - timedelta(days=today.weekday())
    match span:
        case Span.TODAY:
            return today, today
        case Span.YESTERDAY:
            return today - ONE, today - ONE
        case Span.LAST_7 | Span.LAST_14 | Span.LAST_30:
            return today - timedelta(days=int(span.value[5:]) - 1), today
        case Span.THIS_WEEK:
            return monday, today
        case Span.LAST_WEEK:
            return monday - timedelta(days=7), monday - ONE
        case Span.THIS_MONTH:
            return month, today
        case Span.LAST_MONTH:
            return (month - ONE).replace(day=1), month - ONE
        case Span.THIS_YEAR:
            return today.replace(month=1, day=1), today


def fitting(asked: Asked, today: date) -> Span | None:
    """What those days are called today, the shortest word that fits."""
    return next((span for span in Span if days(span, today) == (asked.since, asked.until)), None)


def kept(asked: Asked, span: str) -> tuple[str, str]:
    """(asked, against) of a ReportView: what there is to remember. Raises Invalid."""
    if span and span not in set(Span):
        raise Invalid(N_("“{word}” is not a filter here."), word=span[:40])
    query = query_of(asked)
    against = next((name for name, day in _others(asked).items() if day == asked.against), "")
    gone = {*(("since", "until") if span else ()), *(("against",) if against else ())}
    return urlencode({name: value for name, value in query.items() if name not in gone}), against


def opened(asked: str, span: str, against: str, today: date) -> Asked:
    """The question as it is today. Raises Invalid when an older version kept it."""
    query = MultiDict(parse_qsl(asked))
    if span in set(Span):
        first, last = days(Span(span), today)
        query.update(since=first.isoformat(), until=last.isoformat())
    found = read(query, today)
    if against:
        found = msgspec.structs.replace(found, against=_others(found).get(against))
    return found


def _others(asked: Asked) -> Mapping[str, date]:
    (before, _), (year, _) = comparing.choices(asked).values()
    return {Against.BEFORE: before, Against.YEAR: year}
