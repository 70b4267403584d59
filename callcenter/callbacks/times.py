"""When somebody is to be called back: times of the company's, as people choose and type them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from callcenter.errors import N_, Invalid

MORNING = time(9)
AFTERNOONS = (time(14), time(16))
NOTICE = timedelta(minutes=30)  # an afternoon that begins sooner than that is not worth a chip
FARTHEST = timedelta(days=731)
DAY_BEGINS, DAY_ENDS = time(7), time(21)  # people are not called outside of that
LATER = (5, 15, 60)  # minutes a reminder may be put off by with one press

PASSED = N_("That time has passed. Choose one that is still to come.")
ODD = {
    "sunday": N_("That is a Sunday."),
    "night": N_("Before 7:00 and after 21:00 people do not like to be called."),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """One press: `label` is a message id, `at` UTC."""

    name: str  # "hour", "afternoon", "tomorrow", "monday"
    label: str
    at: datetime


def presets(now: datetime, zone: tzinfo) -> Sequence[Preset]:
    """The times that are offered at `now`, soonest first."""
    here = now.astimezone(zone)
    in_an_hour = (now + timedelta(hours=1)).replace(second=0, microsecond=0)
    found = [Preset("hour", N_("In 1 hour"), in_an_hour)]
    for each in AFTERNOONS:
        at = _at(here.date(), each, zone)
        if at - now >= NOTICE:
            found.append(Preset("afternoon", N_("This afternoon"), at))
            break
    tomorrow = here.date() + timedelta(days=1)
    found.append(Preset("tomorrow", N_("Tomorrow"), _at(tomorrow, MORNING, zone)))
    monday = here.date() + timedelta(days=7 - here.weekday())
    if monday != tomorrow:
        found.append(Preset("monday", N_("Next Monday"), _at(monday, MORNING, zone)))
    return found


def chosen(text: str, now: datetime, zone: tzinfo) -> datetime:
    """A preset's name, or a time as browsers write it (2026-11-26T10:30), in UTC.

    Without a zone of its own it is the company's. Raises Invalid, in words, for what is no time,
    has passed, or is too far away.
    """
    text = text.strip()
    if not text:
        raise Invalid(N_("Choose when to call back."), field="at")
    for each in presets(now, zone):
        if each.name == text:
            return each.at
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(N_("“{word}” is not a time."), field="at", word=text[:40]) from None
    return still_to_come(found, now)


def still_to_come(at: datetime, now: datetime) -> datetime:
    """`at` itself. Raises Invalid, in words, when it has passed or nobody can mean it."""
    if at <= now:
        raise Invalid(PASSED, field="at")
    if at > now + FARTHEST:
        raise Invalid(N_("That is more than two years away."), field="at")
    return at


def odd(at: datetime, zone: tzinfo) -> str:
    """A key of ODD when people rest at that time, else "". It is warned of, not refused."""
    here = at.astimezone(zone)
    if here.weekday() == 6:
        return "sunday"
    return "" if DAY_BEGINS <= here.time() <= DAY_ENDS else "night"


def day_begins(day: date, zone: tzinfo) -> datetime:
    """In UTC."""
    return _at(day, time(), zone)


def _at(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
