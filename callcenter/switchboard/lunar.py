"""The Vietnamese lunar calendar: from a lunar day to a date. Pure.

Months begin on the day of the new moon as it is in Vietnam (UTC+7); the eleventh is the one with
the winter solstice; in a year of thirteen months the first without a principal term of the sun is
counted twice. New moon and sun are computed as in Jean Meeus, Astronomical Algorithms, the sun to
a minute or so. Good for 1900 to 2199.
"""

from datetime import date
from functools import lru_cache
from math import floor, pi, sin
from typing import Final

EAST: Final = 7 / 24  # Vietnam's zone, as a part of a day
EPOCH: Final = 2415021.076998695  # the new moon of the first days of 1900, as a Julian day
MONTH: Final = 29.530588853  # days from new moon to new moon, in the mean
JULIAN_OF_ORDINAL: Final = 1_721_425  # the Julian day of date.fromordinal(0), at noon


def date_of(year: int, month: int, day: int) -> date:
    """The date of a day of the lunar `year` (which begins with Tết, in the January or February of
    that year); of a month that is there twice, the first. Raises ValueError for a 30th that is not.
    """
    if not 1 <= day <= length(year, month):
        raise ValueError(f"no {day}/{month} in the lunar year {year}")
    return date.fromordinal(_month(year, month)[0] + day - 1 - JULIAN_OF_ORDINAL)


def length(year: int, month: int) -> int:
    """How many days that month of the lunar year has: 29 or 30."""
    begins, ends = _month(year, month)
    return ends - begins


@lru_cache(1024)
def _month(year: int, month: int) -> tuple[int, int]:
    """Julian days of its first day, and of the first day of the next one."""
    # the eleventh month opens the count: of the year before for months 1 to 10
    first = _eleventh(year if month >= 11 else year - 1)
    after = _eleventh(year + 1 if month >= 11 else year)
    offset = (month - 11) % 12
    if after - first > 365 and offset >= _leap_offset(first):
        offset += 1
    index = _index(first) + offset
    return _new_moon_day(index), _new_moon_day(index + 1)


def _index(first: int) -> int:
    """Which new moon after 1900 that month began with."""
    return floor((first - EPOCH) / MONTH + 0.5)


def _leap_offset(first: int) -> int:
    """How many months after the eleventh the one is that is there a second time."""
    start = _index(first)
    for offset in range(1, 14):
        this, following = _new_moon_day(start + offset), _new_moon_day(start + offset + 1)
        if _term(this) == _term(following):
            return offset
    raise AssertionError("thirteen months have one without a principal term")


def _eleventh(year: int) -> int:
    """The first day of the month with the winter solstice of `year`."""
    solstice = date(year, 12, 31).toordinal() + JULIAN_OF_ORDINAL
    index = floor((solstice - EPOCH) / MONTH)
    begins = _new_moon_day(index)
    return _new_moon_day(index - 1) if _term(begins) >= 9 else begins


@lru_cache(4096)
def _term(day: int) -> int:
    """Which twelfth of its way the sun is in as that day begins in Vietnam: 0 from the spring
    equinox on, 9 from the winter solstice on."""
    return int(_sun(day - 0.5 - EAST) / pi * 6)


def _sun(julian: float) -> float:
    """The sun's apparent longitude, 0 to 2π."""
    t = (julian - 2451545.0) / 36525
    mean = 280.46645 + 36000.76983 * t + 0.0003032 * t * t
    anomaly = 357.52910 + 35999.05030 * t - 0.0001559 * t * t - 0.00000048 * t**3
    centre = (1.914600 - 0.004817 * t - 0.000014 * t * t) * _sin(anomaly)
    centre += (0.019993 - 0.000101 * t) * _sin(2 * anomaly) + 0.000290 * _sin(3 * anomaly)
    apparent = mean + centre - 0.00569 - 0.00478 * _sin(125.04 - 1934.136 * t)
    return float(apparent % 360 * pi / 180)


@lru_cache(4096)
def _new_moon_day(index: int) -> int:
    """The Julian day on which the index-th new moon after 1900 falls in Vietnam."""
    t = index / 1236.85
    mean = 2415020.75933 + 29.53058868 * index + 0.0001178 * t * t - 0.000000155 * t**3
    mean += 0.00033 * _sin(166.56 + 132.87 * t - 0.009173 * t * t)
    sun = 359.2242 + 29.10535608 * index - 0.0000333 * t * t - 0.00000347 * t**3
    moon = 306.0253 + 385.81691806 * index + 0.0107306 * t * t + 0.00001236 * t**3
    node = 21.2964 + 390.67050646 * index - 0.0016528 * t * t - 0.00000239 * t**3
    shift = (0.1734 - 0.000393 * t) * _sin(sun) + 0.0021 * _sin(2 * sun)
    shift += -0.4068 * _sin(moon) + 0.0161 * _sin(2 * moon) - 0.0004 * _sin(3 * moon)
    shift += 0.0104 * _sin(2 * node) - 0.0051 * _sin(sun + moon) - 0.0074 * _sin(sun - moon)
    shift += 0.0004 * _sin(2 * node + sun) - 0.0004 * _sin(2 * node - sun)
    shift += -0.0006 * _sin(2 * node + moon) + 0.0010 * _sin(2 * node - moon)
    shift += 0.0005 * _sin(2 * moon + sun)
    return floor(mean + shift - _lag(t) + 0.5 + EAST)


def _lag(t: float) -> float:
    """How far the Earth's own turning has fallen behind, in days."""
    if t < -11:
        return 0.001 + 0.000839 * t + 0.0002261 * t * t - 0.00000845 * t**3 - 0.000000081 * t**4
    return -0.000278 + 0.000265 * t + 0.000262 * t * t


def _sin(degrees: float) -> float:
    return sin(degrees * pi / 180)
