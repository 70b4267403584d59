"""When somebody is to be called back, as people choose it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.callbacks import times
from callcenter.errors import Invalid

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FRIDAY = datetime(2026, 11, 20, 3, 20, 30, tzinfo=UTC)  # 10:20 in Hanoi


def here(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%a %H:%M")


def offered(now: datetime) -> dict[str, str]:
    return {each.name: here(each.at) for each in times.presets(now, HANOI)}


def test_in_the_morning_all_four_times_are_offered():
    assert offered(FRIDAY) == {
        "hour": "Fri 11:20",
        "afternoon": "Fri 14:00",
        "tomorrow": "Sat 09:00",
        "monday": "Mon 09:00",
    }


def test_this_afternoon_is_a_later_one_when_the_first_is_near_and_none_in_the_evening():
    assert offered(FRIDAY + timedelta(hours=3, minutes=20))["afternoon"] == "Fri 16:00"
    assert "afternoon" not in offered(FRIDAY + timedelta(hours=6))


def test_on_a_sunday_monday_is_tomorrow_and_offered_once():
    assert offered(FRIDAY + timedelta(days=2))["tomorrow"] == "Mon 09:00"
    assert "monday" not in offered(FRIDAY + timedelta(days=2))


def test_near_midnight_tomorrow_is_the_companys_tomorrow():
    midnight = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # half past midnight of Saturday

    assert offered(midnight)["tomorrow"] == "Sun 09:00"


def test_a_time_without_a_zone_is_the_companys():
    assert here(times.chosen("2026-11-23T08:30", FRIDAY, HANOI)) == "Mon 08:30"
    assert here(times.chosen("2026-11-23T08:30:00+00:00", FRIDAY, HANOI)) == "Mon 15:30"
    assert here(times.chosen("tomorrow", FRIDAY, HANOI)) == "Sat 09:00"


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("2026-11-20T10:00", times.PASSED),
        ("", "Choose when to call back."),
        ("soon", "“soon” is not a time."),
        ("2029-01-01T00:00", "That is more than two years away."),
        ("9999-12-31T23:59", "That is more than two years away."),
        ("0001-01-01T00:00", "“0001-01-01T00:00” is not a time."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(text, sentence):
    with pytest.raises(Invalid) as refused:
        times.chosen(text, FRIDAY, HANOI)

    assert str(refused.value) == sentence
    assert refused.value.field == "at"


@pytest.mark.parametrize(
    "text, odd",
    [
        ("2026-11-22T10:00", "sunday"),
        ("2026-11-23T06:59", "night"),
        ("2026-11-23T07:00", ""),
        ("2026-11-23T21:00", ""),
        ("2026-11-23T21:01", "night"),
    ],
)
def test_times_at_which_people_rest_are_known(text, odd):
    assert times.odd(times.chosen(text, FRIDAY, HANOI), HANOI) == odd
