"""Until when a number is listed: people say a day, the list keeps a moment. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from callcenter.customers.forms import day_of
from callcenter.errors import N_, Invalid

FARTHEST = 2199  # year


def end_of(text: str, zone: tzinfo) -> datetime | None:
    """The moment after that day, "31/12/2026" or "2026-12-31"; None for nothing. Raises Invalid."""
    try:
        day = day_of(text.strip())
    except ValueError:
        raise Invalid(N_("This is no day: 31/12/2026."), field="until") from None
    if day is None:
        return None
    if not 1900 < day.year <= FARTHEST:
        raise Invalid(N_("This is no day: 31/12/2026."), field="until")
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)


def last_day(until: datetime | None, zone: tzinfo) -> date | None:
    """The day that `end_of` was given."""
    return (until - timedelta(seconds=1)).astimezone(zone).date() if until else None
