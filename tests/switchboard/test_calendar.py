"""What the exchange is told of time: holidays as dates, the zone without any file of zones."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from callcenter.switchboard import calendar
from callcenter.switchboard.calendar import calendar_of, posix_zone
from callcenter.switchboard.lunar import date_of
from callcenter.switchboard.plan import Holiday, Plan

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
TET = Holiday(title="Tết", month=1, day=1, days=5, lunar=True)
EVE = Holiday(title="Eve of Tết", month=12, day=30, lunar=True)

KNOWN = {  # the first days of lunar years, in Vietnam
    **{1985: "01-21", 1990: "01-27", 1996: "02-19", 2000: "02-05", 2007: "02-17", 2012: "01-23"},
    **{2015: "02-19", 2018: "02-16", 2020: "01-25", 2021: "02-12", 2022: "02-01", 2023: "01-22"},
    **{2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06", 2028: "01-26", 2029: "02-13"},
    **{2030: "02-02", 2031: "01-23", 2032: "02-11", 2033: "01-31", 2034: "02-19", 2035: "02-08"},
}
HUNG = {2023: "04-29", 2024: "04-18", 2025: "04-07", 2026: "04-26", 2027: "04-16"}  # 10/3


@pytest.mark.parametrize("year, day", KNOWN.items())
def test_tet_is_when_it_is(year, day):
    assert f"{date_of(year, 1, 1):%m-%d}" == day


@pytest.mark.parametrize("year, day", HUNG.items())
def test_the_day_of_the_hung_kings_is_when_it_is(year, day):
    assert f"{date_of(year, 3, 10):%m-%d}" == day


def test_holidays_are_told_for_this_year_and_the_next_two():
    told = calendar_of(Plan(holidays=(EVE, TET)), SAIGON, date(2026, 11, 27)).holidays

    assert told == (
        *("20260216", "20260217", "20260218", "20260219", "20260220", "20260221"),
        *("20270205", "20270206", "20270207", "20270208", "20270209", "20270210"),
        *("20280125", "20280126", "20280127", "20280128", "20280129", "20280130"),
    )


def test_days_that_began_last_december_are_still_told_in_january():
    plan = Plan(holidays=(Holiday(title="Shut", month=12, day=30, days=5, year=2026),))

    assert calendar_of(plan, SAIGON, date(2027, 1, 1)).holidays == (
        *("20270101", "20270102", "20270103"),
    )


def test_the_zone_is_written_so_that_no_file_of_zones_is_needed(monkeypatch):
    assert posix_zone(SAIGON) == "<+07>-7"
    assert posix_zone(ZoneInfo("Europe/Berlin")) == "CET-1CEST,M3.5.0,M10.5.0/3"

    monkeypatch.setattr(calendar, "_footer", lambda key: "")
    assert posix_zone(SAIGON) == "<+0700>-7:00"
