"""How numbers, times and names are written on a page, in the language of the request."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from callcenter.customers import numbers
from callcenter.customers.forms import day_of
from callcenter.keyset import MOST
from callcenter.pages.language import current, number

NOTHING = "–"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
# In two digits: a tenth of what strftime takes, in lists of hundreds.
_TWO = tuple(f"{n:02}" for n in range(60))


class Formats:
    """The filters that need the company's zone; `zone` is where its days begin."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def today(self) -> date:
        return datetime.now(UTC).astimezone(self.zone).date()

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def day(self, value: date | datetime | None) -> str:
        """21/11/2026 in Vietnamese, 21 Nov 2026 in English."""
        if value is None:
            return NOTHING
        value = self.local(value) if isinstance(value, datetime) else value
        if current() == "vi":
            return f"{value.day:02}/{value.month:02}/{value.year}"
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"

    def told_day(self, text: str) -> str:
        """A day as a form and the history have it, 12/03/1999, as `day` writes it: in English that
        would be in December for many. What is no day stays as it is.
        """
        try:
            found = day_of(text)
        except ValueError:
            found = None
        return self.day(found) if found else text

    def short_day(self, value: date | datetime) -> str:
        """The same without the year: 21/11, 21 Nov."""
        value = self.local(value) if isinstance(value, datetime) else value
        if current() == "vi":
            return f"{_TWO[value.day]}/{_TWO[value.month]}"
        return f"{value.day} {MONTHS[value.month - 1]}"

    def weekday(self, value: date) -> str:
        return WEEKDAYS[current()][value.weekday()]

    def weekend(self, value: date) -> str:
        """T7 and CN, Sat and Sun, nothing on other days."""
        names = {5: ("T7", "Sat"), 6: ("CN", "Sun")}.get(value.weekday(), ("", ""))
        return names[current() == "en"]

    def clock(self, at: datetime | None) -> str:
        """10:39"""
        return _minutes(self.local(at)) if at else NOTHING

    def seconds(self, at: datetime | None) -> str:
        """10:39:07"""
        return f"{self.local(at):%H:%M:%S}" if at else NOTHING

    def when(self, at: datetime | None, today: date | None = None) -> str:
        """10:39 today, 20/11 10:39 this year, 20/11/2025 10:39 before.

        `today` is for who writes many at once: to work it out takes as long as the rest.
        """
        if at is None:
            return NOTHING
        return _when(self, at, today or self.today(), current())


@lru_cache(20_000)  # the same rows stand on list after list, for one person after the other
def _when(shown: Formats, at: datetime, today: date, _language: str) -> str:
    there = shown.local(at)
    day = there.date()
    if day == today:
        return _minutes(there)
    text = shown.short_day(day) if day.year == today.year else shown.day(day)
    return f"{text} {_minutes(there)}"


def _minutes(at: datetime) -> str:
    return f"{_TWO[at.hour]}:{_TWO[at.minute]}"


def duration(seconds: float | None) -> str:
    """3:07, or 1:02:45 from an hour on; seconds are cut, never rounded up."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """812 B, 8,1 KB, 312 KB, 1,2 MB: bytes in as few digits as tell them apart."""
    value, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1024
    return f"{number(round(value, 1) if unit != 'B' and value < 10 else round(value))} {unit}"


def phone(raw: str | None) -> str:
    """0912 345 678; "" for a number that was withheld."""
    return numbers.shown(raw) if raw else ""


def money(value: int) -> str:
    """1.250.000 ₫"""
    return f"{number(value)} ₫"


def percent(part: float, whole: float) -> str:
    return f"{round(100 * part / whole)}%" if whole else NOTHING


def counted(n: int) -> str:
    """A count that stopped at keyset.MOST says so: 10,000+."""
    return number(n) if n <= MOST else number(MOST) + "+"


class Named(Protocol):
    @property
    def name_vi(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def name_of(outcome: Named) -> str:
    """The outcome's name in the language of the request."""
    return outcome.name_vi if current() == "vi" else outcome.name_en


def address(path: str, *queries: dict[str, str], **changes: str) -> str:
    """`path` with the queries and changes after it, empty values left out."""
    values = {name: value for query in queries for name, value in query.items()} | changes
    filled = {name: value for name, value in values.items() if value}
    if not filled:
        return path
    return path + ("&" if "?" in path else "?") + urlencode(filled)


@lru_cache(1_000)  # one's colleagues, on row after row
def short_name(name: str | None) -> str:
    """Enough to know a colleague by in a narrow column: the last two words."""
    return " ".join((name or "").split()[-2:])


def given_name(name: str) -> str:
    """What colleagues call somebody: the last word of a Vietnamese name."""
    return name.split()[-1] if name.split() else ""


def initials(name: str) -> str:
    """The first letters of the last two words: NÁ for Nguyễn Ngọc Ánh."""
    return "".join(word[0] for word in name.split()[-2:]).upper()
