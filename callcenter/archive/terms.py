"""How long recordings are kept, by department: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import msgspec

FOR_EVER: Final = 0  # days
COMPANY: Final = 0  # the department of all that have no term of their own above them
LONGEST: Final = 36_500  # days
NIGHT: Final = time(2)  # in the company
GRACE: Final = timedelta(hours=12)  # at least, before a shorter term deletes anything

Terms = Mapping[int, int]  # department id -> days; of one that is not there: as the one above
Parents = Mapping[int, int | None]  # department id -> the one above


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`wanted` is what was saved last. From `starts_at` on it is in force; until then, wherever it
    is shorter than `kept` (of each department), that stays; None: it is in force. `before` is what
    was wanted before, for whoever takes it back."""

    wanted: dict[int, int] = {}
    kept: dict[int, int] = {}
    starts_at: datetime | None = None
    before: dict[int, int] = {}


@dataclass(frozen=True, slots=True)
class Group:
    """Departments with one term. `rest`: and calls of none, or of one that is there no more."""

    days: int
    departments: frozenset[int]
    rest: bool


def term_of(terms: Terms, department_id: int | None, parents: Parents) -> int:
    """Days that recordings of that department are kept: its own, else of the next one above."""
    while department_id and department_id in parents:
        if department_id in terms:
            return terms[department_id]
        department_id = parents[department_id]
    return terms.get(COMPANY, FOR_EVER)


def in_force(plan: Plan, at: datetime, parents: Parents) -> dict[int, int]:
    """The days of each department and of the company."""
    places = (COMPANY, *parents)
    wanted = {each: term_of(plan.wanted, each, parents) for each in places}
    if plan.starts_at is None or at >= plan.starts_at:
        return wanted
    # A department that is new has no term of its own in what was kept: the company's.
    return {
        each: longer(wanted[each], plan.kept.get(each, plan.kept.get(COMPANY, FOR_EVER)))
        for each in places
    }


def changed(plan: Plan, wanted: Terms, at: datetime, parents: Parents, zone: tzinfo) -> Plan:
    """The plan after somebody wants other terms. What is longer counts at once, what is shorter
    from a night on that leaves time to take it back."""
    now = in_force(plan, at, parents)
    pending = plan.starts_at is not None and at < plan.starts_at
    shorter = any(is_shorter(term_of(wanted, each, parents), days) for each, days in now.items())
    if not shorter:
        return Plan(wanted=dict(wanted))
    return Plan(
        wanted=dict(wanted),
        kept=now,
        starts_at=first_night(at, zone),
        before=plan.before if pending else plan.wanted,
    )


def moved(plan: Plan, before: Parents, after: Parents, at: datetime, zone: tzinfo) -> Plan:
    """The plan after departments came below others: where that makes a term shorter, it counts as
    if somebody had wanted it so, from a night on."""
    now = in_force(plan, at, before)

    def is_cut(each: int) -> bool:
        old, new = term_of(plan.wanted, each, before), term_of(plan.wanted, each, after)
        return old != new and is_shorter(new, now[each])

    if not any(is_cut(each) for each in before if each in after):
        return plan
    pending = plan.starts_at is not None and at < plan.starts_at
    return Plan(
        wanted=plan.wanted,
        kept=now,
        starts_at=first_night(at, zone),
        before=plan.before if pending else plan.wanted,
    )


def longer(one: int, other: int) -> int:
    return FOR_EVER if FOR_EVER in (one, other) else max(one, other)


def is_shorter(one: int, other: int) -> bool:
    return one != other and longer(one, other) == other


def first_night(at: datetime, zone: tzinfo) -> datetime:
    """The first NIGHT that leaves GRACE."""
    soonest = (at + GRACE).astimezone(zone)
    night = datetime.combine(soonest.date(), NIGHT, zone)
    if night < soonest:
        night = datetime.combine(soonest.date() + timedelta(days=1), NIGHT, zone)
    return night.astimezone(UTC)


def last_night(at: datetime, zone: tzinfo) -> datetime:
    """The NIGHT before `at`."""
    here = at.astimezone(zone)
    night = datetime.combine(here.date(), NIGHT, zone)
    if night > here:
        night = datetime.combine(here.date() - timedelta(days=1), NIGHT, zone)
    return night


def kept_from(today: date, days: int, zone: tzinfo) -> datetime:
    """Calls that began before it are over their term: each is kept for so many whole days."""
    return datetime.combine(today - timedelta(days=days), time(), zone).astimezone(UTC)


def groups(terms: Terms) -> list[Group]:
    """What `in_force` gave, by term, without those that are kept for ever."""
    found: dict[int, set[int]] = {}
    for department_id, days in terms.items():
        found.setdefault(days, set()).add(department_id)
    return [
        Group(days, frozenset(ids - {COMPANY}), COMPANY in ids)
        for days, ids in sorted(found.items())
        if days != FOR_EVER
    ]


def known(terms: Terms) -> list[int]:
    """The departments of `in_force`."""
    return [each for each in terms if each != COMPANY]
