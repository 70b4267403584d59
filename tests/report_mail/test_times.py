"""When schedules are due: month ends, changes of clocks, and never twice."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.report_mail.times import Every, Rhythm, falls_on, last_due, next_due

SAIGON, BERLIN = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin")
RHYTHMS = st.builds(
    Rhythm,
    every=st.sampled_from(Every),
    minute=st.integers(0, 1439),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    month_day=st.integers(1, 31),
)
MOMENTS = st.integers(1_700_000_000, 1_900_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))


def due(rhythm, after, zone=SAIGON):
    return next_due(rhythm, datetime.fromisoformat(after), zone).astimezone(zone).isoformat()[:16]


@pytest.mark.parametrize(
    ("rhythm", "after", "there"),
    [
        # 17:00 UTC is midnight in Saigon
        (Rhythm(Every.DAY, 450), "2026-11-27T00:29:59Z", "2026-11-27T07:30"),
        (Rhythm(Every.DAY, 450), "2026-11-27T00:30:00Z", "2026-11-28T07:30"),
        (Rhythm(Every.DAY, 0), "2026-11-26T16:59:59Z", "2026-11-27T00:00"),
        (Rhythm(Every.WEEK, 450, frozenset({0, 3})), "2026-11-27T01:00:00Z", "2026-11-30T07:30"),
        (Rhythm(Every.WEEK, 450, frozenset({0, 3})), "2026-11-30T01:00:00Z", "2026-12-03T07:30"),
        (Rhythm(Every.MONTH, 450, month_day=31), "2026-11-27T01:00:00Z", "2026-11-30T07:30"),
        (Rhythm(Every.MONTH, 450, month_day=30), "2027-01-30T01:00:00Z", "2027-02-28T07:30"),
        (Rhythm(Every.MONTH, 450, month_day=29), "2028-02-01T01:00:00Z", "2028-02-29T07:30"),
        (Rhythm(Every.MONTH, 450, month_day=1), "2026-12-31T17:00:00Z", "2027-01-01T07:30"),
    ],
)
def test_the_next_due_time_is_in_the_companys_zone(rhythm, after, there):
    assert due(rhythm, after) == there


def test_an_hour_that_is_left_out_or_comes_twice_is_due_once():
    half_past_two = Rhythm(Every.DAY, 150)

    assert due(half_past_two, "2026-03-28T12:00:00Z", BERLIN) == "2026-03-29T03:30"
    assert due(half_past_two, "2026-03-29T01:30:00Z", BERLIN) == "2026-03-30T02:30"
    assert next_due(half_past_two, datetime(2026, 10, 25, 0, 0, tzinfo=UTC), BERLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert due(half_past_two, "2026-10-25T00:30:00Z", BERLIN) == "2026-10-26T02:30"


@given(RHYTHMS, MOMENTS, st.sampled_from([SAIGON, BERLIN]))
def test_due_times_go_on_and_none_is_left_out(rhythm, moment, zone):
    first = next_due(rhythm, moment, zone)
    second = next_due(rhythm, first, zone)

    assert moment < first < second
    assert next_due(rhythm, second - timedelta(seconds=1), zone) == second
    assert last_due(rhythm, first, zone) == first
    assert last_due(rhythm, second - timedelta(seconds=1), zone) == first
    between = second.astimezone(zone).date() - first.astimezone(zone).date()
    days = [first.astimezone(zone).date() + timedelta(days=n) for n in range(1, between.days)]
    assert not any(falls_on(rhythm, day) for day in days)


@given(st.integers(1, 31), st.integers(2024, 2030), st.integers(1, 12))
def test_a_monthly_one_falls_on_one_day_of_each_month(month_day, year, month):
    rhythm = Rhythm(Every.MONTH, 450, month_day=month_day)
    last = monthrange(year, month)[1]

    days = [n for n in range(1, last + 1) if falls_on(rhythm, date(year, month, n))]

    assert days == [min(month_day, last)]
