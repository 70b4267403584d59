"""What the exchange has to know of time: the company's zone, and the holidays to come. Pure."""

import re
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from callcenter.asterisk.ways import Calendar
from callcenter.switchboard.plan import Plan
from callcenter.switchboard.times import days_off

YEARS = 3  # this one and the next two; the files are written anew each day they differ


def calendar_of(plan: Plan, zone: ZoneInfo, today: date) -> Calendar:
    """For the exchange's files as they are written today."""
    return Calendar(zone=posix_zone(zone), holidays=holidays(plan, today.year))


def holidays(plan: Plan, year: int) -> tuple[str, ...]:
    """The days from the beginning of that year on when nobody is there, "20270206"."""
    days = {
        day
        for each in plan.holidays
        for begins_in in range(year - 1, year + YEARS)
        for day in days_off(each, begins_in)
        if day.year >= year
    }
    return tuple(f"{day:%Y%m%d}" for day in sorted(days))


def posix_zone(zone: ZoneInfo) -> str:
    """As POSIX writes it: "<+07>-7", "CET-1CEST,M3.5.0,M10.5.0/3". So the exchange needs no files
    of zones. Where that is not known it is today's distance from UTC."""
    return _footer(zone.key) or _fixed(datetime.now(UTC).astimezone(zone).utcoffset())


def _footer(key: str) -> str:
    """The last line of a zone's file, which says what will be for ever."""
    for folder in zoneinfo.TZPATH:
        path = Path(folder, key)
        if path.is_file():
            return _last_line(path.read_bytes())
    try:
        package, _, name = f"tzdata/zoneinfo/{key}".replace("/", ".").rpartition(".")
        return _last_line(resources.files(package).joinpath(name).read_bytes())
    except (ModuleNotFoundError, FileNotFoundError):
        return ""


def _last_line(data: bytes) -> str:
    line = data.rstrip(b"\n").rpartition(b"\n")[2]
    return line.decode() if re.fullmatch(rb"[A-Za-z0-9<>+:,./-]{3,60}", line) else ""


def _fixed(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()).total_seconds() // 60)
    sign, (hours, rest) = "+" if minutes >= 0 else "-", divmod(abs(minutes), 60)
    behind = "-" if minutes >= 0 else ""  # POSIX counts to the west
    return f"<{sign}{hours:02}{rest:02}>{behind}{hours}:{rest:02}"
