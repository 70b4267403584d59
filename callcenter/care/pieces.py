"""A period cut into days, weeks or months of the company's calendar, to group by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Integer, column, values

from callcenter.db import Utc
from callcenter.reports.asked import Asked, Step


@dataclass(frozen=True, slots=True)
class Piece:
    """Both days included; the first and the last piece end where the period does."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}


def pieces(asked: Asked, step: Step) -> Iterator[Piece]:
    """In order, without gaps. Weeks begin on Monday; steps shorter than a day are days here."""
    day = asked.since
    while day <= asked.until:
        after = _next(day, step)
        yield Piece(day, min(asked.until, after - timedelta(days=1)))
        day = after


def begins(day: date, zone: str) -> datetime:
    """The company's midnight before that day, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def ends(day: date, zone: str) -> datetime:
    """The one after it: the first moment that is not of that day."""
    return begins(day + timedelta(days=1), zone)


def bounds(of: Sequence[Piece], zone: str) -> CTE:
    """A table of (place, start, stop) to join with: start included, stop not. Place counts from 0
    in `of`, which has one piece at least."""
    named = values(column("place", Integer), column("start", Utc), column("stop", Utc))
    rows = [
        (place, begins(each.since, zone), ends(each.until, zone)) for place, each in enumerate(of)
    ]
    return named.data(rows).cte("pieces")


def _next(day: date, step: Step) -> date:
    match step:
        case Step.MONTH:
            return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        case Step.WEEK:
            return day + timedelta(days=7 - day.weekday())
    return day + timedelta(days=1)
