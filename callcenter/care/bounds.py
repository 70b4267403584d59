"""Days of the company as moments in UTC, which is what tables hold."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Integer, column, values

from callcenter.db import Utc
from callcenter.reports.pieces import Piece


def begins(day: date, zone: str) -> datetime:
    """The company's midnight before that day."""
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
