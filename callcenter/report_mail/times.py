"""When a schedule is due. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from callcenter.errors import N_
from callcenter.pages.formats import WEEKDAYS
from callcenter.pages.language import Words, current
from callcenter.report_mail.models import ReportMail


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`minute` of the day in the company's zone. `month_day` 31 is the last day of each month."""

    every: Every
    minute: int
    weekdays: frozenset[int] = frozenset()  # Monday is 0
    month_day: int = 1

    @property
    def clock(self) -> str:
        return f"{self.minute // 60:02}:{self.minute % 60:02}"


def rhythm_of(mail: ReportMail) -> Rhythm:
    days = frozenset(int(each) for each in mail.weekdays.split(",") if each)
    return Rhythm(Every(mail.every), mail.minute, days, mail.month_day)


def falls_on(rhythm: Rhythm, day: date) -> bool:
    match rhythm.every:
        case Every.DAY:
            return True
        case Every.WEEK:
            return day.weekday() in rhythm.weekdays
        case Every.MONTH:
            return day.day == min(rhythm.month_day, monthrange(day.year, day.month)[1])


def next_due(rhythm: Rhythm, after: datetime, zone: ZoneInfo) -> datetime:
    """The first due time later than `after`, in UTC. An hour that a change of clocks leaves out is
    the one after it, one that comes twice is its first."""
    day = after.astimezone(zone).date()
    while not falls_on(rhythm, day) or _at(rhythm, day, zone) <= after:
        day += timedelta(days=1)
    return _at(rhythm, day, zone)


def last_due(rhythm: Rhythm, until: datetime, zone: ZoneInfo) -> datetime:
    """The newest due time that is not later than `until`, in UTC."""
    day = until.astimezone(zone).date()
    while not falls_on(rhythm, day) or _at(rhythm, day, zone) > until:
        day -= timedelta(days=1)
    return _at(rhythm, day, zone)


def _at(rhythm: Rhythm, day: date, zone: ZoneInfo) -> datetime:
    clock = time(rhythm.minute // 60, rhythm.minute % 60)
    return datetime.combine(day, clock, zone).astimezone(UTC)


def in_words(rhythm: Rhythm, words: Words) -> str:
    match rhythm.every:
        case Every.DAY:
            return words.say(N_("every day at {time}"), time=rhythm.clock)
        case Every.WEEK:
            names = WEEKDAYS[current()]
            days = ", ".join(names[each] for each in sorted(rhythm.weekdays))
            return words.say(N_("each {days} at {time}"), days=days, time=rhythm.clock)
        case Every.MONTH if rhythm.month_day == 31:
            return words.say(N_("on the last day of each month at {time}"), time=rhythm.clock)
        case Every.MONTH:
            sentence = N_("on day {day} of each month at {time}")
            return words.say(sentence, day=rhythm.month_day, time=rhythm.clock)
