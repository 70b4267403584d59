"""What may be typed about an activity."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.activities.forms import ActivityForm, problems, tidy

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


def form(**values):
    return tidy({"name": "Visit", "type": "7", **values}, SAIGON)


def wrong(typed):
    return set(problems(typed, [7], NOW))


def test_a_time_without_a_zone_is_the_companys():
    assert form(at="2026-11-26T10:30").at == NOW


def test_without_a_time_it_has_just_happened():
    assert form().at is None
    assert wrong(form()) == set()


@pytest.mark.parametrize(
    "values, field",
    [
        ({"name": ""}, "name"),
        ({"name": " \n\t "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"description": "x" * 10_001}, "description"),
        ({"type": ""}, "type"),
        ({"type": "8"}, "type"),
        ({"type": "7; DROP TABLE activities"}, "type"),
        ({"type": "٧"}, "type"),
        ({"at": "tomorrow"}, "at"),
        ({"at": "2026-11-27T10:30"}, "at"),
        ({"at": "1999-12-31T10:30"}, "at"),
        ({"at": "0001-01-01T00:00"}, "at"),
        ({"at": "9999-12-31T23:59-23:59"}, "at"),
    ],
)
def test_each_field_has_its_problem(values, field):
    assert wrong(form(**values)) == {field}


def test_a_clock_a_little_ahead_of_ours_is_no_future():
    typed = ActivityForm("Visit", "", 7, NOW + timedelta(minutes=9))

    assert wrong(typed) == set()


@given(st.dictionaries(st.sampled_from(["name", "description", "type", "at"]), st.text()))
def test_whatever_is_typed_is_a_form_or_a_sentence(typed):
    found = tidy(typed, SAIGON)

    assert "\0" not in found.name + found.description
    assert all(each.sentence for each in problems(found, [7], NOW).values())
