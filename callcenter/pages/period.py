"""The period of a list or a report: days of the company's calendar, chosen or typed."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from callcenter.errors import N_, Invalid

_TYPED = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?")


class Period(NamedTuple):
    """Both days included; None is open on that side."""

    since: date | None
    until: date | None

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address: ISO days, whatever was typed."""
        return {"since": str(self.since or ""), "until": str(self.until or "")}


ALWAYS = Period(None, None)
LAST = {7: N_("7 days"), 14: N_("14 days"), 30: N_("30 days")}


def read(query: Mapping[str, str], today: date) -> Period:
    """The period an address asks for, its days in order. Raises Invalid for what is no day."""
    since = day(query.get("since", ""), "since", today)
    until = day(query.get("until", ""), "until", today)
    if since and until and until < since:
        since, until = until, since
    return Period(since, until)


def day(text: str, field: str, today: date) -> date | None:
    """2026-11-21, 21/11/2026 or 21/11 of this year; None for nothing."""
    text = text.strip()
    if not text:
        return None
    try:
        found = _typed(text, today) or date.fromisoformat(text)
    except ValueError as error:
        raise _no_day(text, field) from error
    if not 2000 <= found.year <= 2200:  # beyond, calendars end
        raise _no_day(text, field)
    return found


def presets(today: date, days: Iterable[int]) -> dict[str, Period]:
    """Today, yesterday and the last so many `days`, by their message ids."""
    yesterday = today - timedelta(days=1)
    return {
        N_("Today"): Period(today, today),
        N_("Yesterday"): Period(yesterday, yesterday),
        **{LAST[each]: Period(today - timedelta(days=each - 1), today) for each in days},
    }


def this_month(today: date) -> dict[str, Period]:
    return {N_("This month"): Period(today.replace(day=1), today)}


def _typed(text: str, today: date) -> date | None:
    found = _TYPED.fullmatch(text)
    return found and date(int(found[3] or today.year), int(found[2]), int(found[1]))


def _no_day(text: str, field: str) -> Invalid:
    return Invalid(N_("“{word}” is not a day."), field=field, word=text[:40])
