"""Opening hours and holidays, as dates and minutes of the company's zone."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.switchboard import lunar
from callcenter.switchboard.plan import HANG_UP, Holiday, Hours, Opening, Plan
from callcenter.switchboard.times import (
    DAY,
    VIETNAM,
    Group,
    days_off,
    first_days,
    groups,
    is_open,
    openings_of,
    runs,
    week,
)

TET = {  # as Vietnam kept it, or will; in 1985 and 2007 another day than in China
    **{1968: "29-01", 1985: "21-01", 2000: "05-02", 2007: "17-02", 2015: "19-02", 2020: "25-01"},
    **{2021: "12-02", 2022: "01-02", 2023: "22-01", 2024: "10-02", 2025: "29-01", 2026: "17-02"},
    **{2027: "06-02", 2028: "26-01", 2029: "13-02", 2030: "02-02", 2033: "31-01", 2053: "18-02"},
}
HUNG_KINGS = {2020: "02-04", 2023: "29-04", 2024: "18-04", 2025: "07-04", 2026: "26-04"}


@pytest.mark.parametrize("year, day", TET.items())
def test_tet_is_when_it_is_in_vietnam(year, day):
    assert f"{lunar.date_of(year, 1, 1):%d-%m}" == day


@pytest.mark.parametrize("year, day", HUNG_KINGS.items())
def test_hung_kings_day_is_the_tenth_of_the_third_month(year, day):
    [found] = first_days(VIETNAM[3], year)

    assert f"{found:%d-%m}" == day


@given(st.integers(1901, 2198), st.integers(1, 12))
def test_a_lunar_month_has_29_or_30_days_and_the_next_one_comes_after_it(year, month):
    begins = lunar.date_of(year, month, 1)
    after = lunar.date_of(year + month // 12, month % 12 + 1, 1)

    assert lunar.length(year, month) in (29, 30)
    assert (after - begins).days in (29, 30, 58, 59, 60)  # two months long where one is twice


def test_the_eve_of_tet_is_the_day_before_whether_its_month_has_29_or_30_days():
    for year in range(2000, 2100):
        assert first_days(VIETNAM[1], year) == (lunar.date_of(year, 1, 1) - timedelta(days=1),)
    with pytest.raises(ValueError, match="30/12"):
        lunar.date_of(2024, 12, 30)


def test_tet_of_2027_is_kept_from_its_eve_to_the_fifth():
    plan = Plan(holidays=VIETNAM)

    off = sorted(day for each in plan.holidays for day in days_off(each, 2027) if day.month == 2)

    assert (off[0], off[-1], len(off)) == (date(2027, 2, 5), date(2027, 2, 10), 6)


def test_a_holiday_of_one_year_is_none_in_others_nor_is_the_29th_of_february():
    trip = Holiday(title="Trip", month=6, day=12, days=2, year=2027)
    leap = Holiday(title="Leap", month=2, day=29)

    assert days_off(trip, 2027) == (date(2027, 6, 12), date(2027, 6, 13))
    assert days_off(trip, 2026) == ()
    assert [len(first_days(leap, year)) for year in (2027, 2028)] == [0, 1]


OFFICE = Hours(
    name="office",
    title="Office",
    open=HANG_UP,
    closed=HANG_UP,
    openings=openings_of([Group((0, 1, 2, 3, 4), ((480, 720), (810, 1050)))]),
)


@pytest.mark.parametrize(
    "at, opened",
    [
        ("2026-11-27 08:00", True),
        ("2026-11-27 07:59", False),
        ("2026-11-27 12:00", False),  # lunch
        ("2026-11-27 13:30", True),
        ("2026-11-28 09:00", False),  # Saturday
        ("2027-02-05 09:00", False),  # the eve of Tết, a Friday
        ("2027-04-16 09:00", False),  # Hùng Kings' Day, a Friday
        ("2027-04-15 09:00", True),
    ],
)
def test_it_is_open_between_the_times_but_not_on_holidays(at, opened):
    plan = Plan(hours=(OFFICE,), holidays=VIETNAM)

    assert is_open(plan, OFFICE, datetime.fromisoformat(at)) is opened


def test_a_holiday_that_begins_on_new_years_eve_goes_on_in_january():
    plan = Plan(holidays=(Holiday(title="Turn", month=12, day=31, days=2),))

    assert not is_open(plan, OFFICE, datetime.combine(date(2027, 1, 1), time(9)))


def test_what_ends_before_it_begins_goes_on_into_the_next_day():
    found = week(openings_of([Group((6,), ((1320, 360),))]))

    assert (found[6], found[0], found[1]) == (((1320, DAY),), ((0, 360),), ())


def test_until_midnight_is_24_00_and_0_00_alike():
    assert openings_of([Group((0,), ((480, 0),))]) == openings_of([Group((0,), ((480, DAY),))])


spans = st.tuples(st.integers(0, DAY - 1), st.integers(0, DAY))
typed = st.lists(
    st.builds(
        Group,
        st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
        st.lists(spans, min_size=1, max_size=3).map(tuple),
    ),
    max_size=4,
)


@given(typed)
def test_what_is_typed_and_saved_again_stays_what_it_is(wanted):
    kept = openings_of(wanted)

    assert openings_of(groups(kept)) == kept


@given(typed, st.integers(0, 6), st.integers(0, DAY - 1))
def test_a_minute_is_open_when_one_of_the_spans_as_typed_has_it(wanted, day, minute):
    def has(group, begins, ends):
        over = ends <= begins
        today = day in group.days and begins <= minute < (DAY if over else ends)
        return today or (over and (day - 1) % 7 in group.days and minute < ends)

    hours = Hours(name="x", title="X", open=HANG_UP, closed=HANG_UP, openings=openings_of(wanted))
    monday = date(2026, 11, 23)
    at = datetime.combine(monday + timedelta(days=day), time(minute // 60, minute % 60))

    assert is_open(Plan(), hours, at) is any(
        has(group, *span) for group in wanted for span in group.spans
    )


def test_days_that_follow_each_other_are_said_as_one():
    assert runs((0, 1, 2, 4, 6)) == [(0, 2), (4, 4), (6, 6)]


def test_an_opening_of_nothing_is_closed():
    assert week([Opening(days=frozenset({0}), begins=600, ends=600)])[0] == ()
