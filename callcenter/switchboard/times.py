"""When somebody is there: weeks of openings, holidays as dates. Pure; times are the company's."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from callcenter.errors import N_
from callcenter.switchboard import lunar
from callcenter.switchboard.plan import Holiday, Hours, Opening, Plan

DAY = 1440  # minutes
Spans = tuple[tuple[int, int], ...]  # minutes of a day, from and to, in order, apart

# The public holidays of Vietnam; titles are message ids. The 30th of a month of 29 days is its
# last, so that the first of these is always the eve of Tết.
VIETNAM = (
    Holiday(title=N_("New Year’s Day"), month=1, day=1),
    Holiday(title=N_("Eve of Tết"), month=12, day=30, lunar=True),
    Holiday(title=N_("Tết"), month=1, day=1, days=5, lunar=True),
    Holiday(title=N_("Hùng Kings’ Day"), month=3, day=10, lunar=True),
    Holiday(title=N_("Reunification Day"), month=4, day=30),
    Holiday(title=N_("Labour Day"), month=5, day=1),
    Holiday(title=N_("National Day"), month=9, day=2, days=2),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Days of the week (0: Monday) that are alike."""

    days: tuple[int, ...]
    spans: Spans


def first_days(holiday: Holiday, year: int) -> tuple[date, ...]:
    """The days of `year` on which it begins: one, but now and then none (29 February) or two (a
    lunar day of late December and another of the January before)."""
    if holiday.year not in (0, year):
        return ()
    years = (year - 1, year) if holiday.lunar else (year,)
    found = (_day(holiday, each) for each in years)
    return tuple(sorted(day for day in found if day and day.year == year))


def days_off(holiday: Holiday, year: int) -> tuple[date, ...]:
    """All of its days that begin in `year`, those of the next January too."""
    return tuple(
        first + timedelta(days=more)
        for first in first_days(holiday, year)
        for more in range(holiday.days)
    )


def _day(holiday: Holiday, year: int) -> date | None:
    try:
        if not holiday.lunar:
            return date(year, holiday.month, holiday.day)
        last = lunar.length(year, holiday.month)
        return lunar.date_of(year, holiday.month, min(holiday.day, last))
    except ValueError:
        return None


def holiday_on(plan: Plan, day: date) -> Holiday | None:
    """The first of the plan's holidays that falls on it."""
    for each in plan.holidays:
        if day in (*days_off(each, day.year), *days_off(each, day.year - 1)):
            return each
    return None


def is_open(plan: Plan, hours: Hours, at: datetime) -> bool:
    """Whether somebody is there at that moment of the company's zone."""
    if hours.keeps_holidays and holiday_on(plan, at.date()):
        return False
    minute = at.hour * 60 + at.minute
    return any(begins <= minute < ends for begins, ends in week(hours.openings)[at.weekday()])


def week(openings: Iterable[Opening]) -> tuple[Spans, ...]:
    """Of each day from Monday on, its spans; what touches or overlaps is one."""
    found: list[list[list[int]]] = [[] for _ in range(7)]
    for each in sorted(openings, key=lambda one: one.begins):
        for day in each.days:
            spans = found[day]
            if spans and each.begins <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], each.ends)
            elif each.begins < each.ends:
                spans.append([each.begins, each.ends])
    return tuple(tuple((begins, ends) for begins, ends in spans) for spans in found)


def groups(openings: Iterable[Opening]) -> list[Group]:
    """The days that have spans, those with the same ones together."""
    alike: defaultdict[Spans, list[int]] = defaultdict(list)
    for day, spans in enumerate(week(openings)):
        if spans:
            alike[spans].append(day)
    return [Group(tuple(days), spans) for spans, days in alike.items()]


def openings_of(wanted: Iterable[Group]) -> tuple[Opening, ...]:
    """What is kept of groups as they were typed. A span that ends before it begins goes on until
    then on the day after."""
    pieces: list[Opening] = []
    for group in wanted:
        for begins, ends in group.spans:
            today, after = frozenset(group.days), frozenset((day + 1) % 7 for day in group.days)
            if ends > begins:
                pieces.append(Opening(days=today, begins=begins, ends=ends))
                continue
            pieces.append(Opening(days=today, begins=begins, ends=DAY))
            if ends:
                pieces.append(Opening(days=after, begins=0, ends=ends))
    return tuple(
        Opening(days=frozenset(group.days), begins=begins, ends=ends)
        for group in groups(pieces)
        for begins, ends in group.spans
    )


def runs(days: Iterable[int]) -> list[tuple[int, int]]:
    """Days of the week as those that follow each other, first and last: 0–4, 6."""
    found: list[tuple[int, int]] = []
    for day in sorted(days):
        if found and day == found[-1][1] + 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
