"""A question to a report, from an address and back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from callcenter.calls.call import Result
from callcenter.errors import Invalid
from callcenter.reports.asked import Asked, Step, query_of, read

TODAY = date(2026, 11, 27)
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
IDS = st.lists(st.integers(1, 10**6), max_size=5, unique=True).map(tuple)
NAMES = st.lists(st.sampled_from(["sales", "care", "vip"]), unique=True).map(tuple)
QUESTIONS = st.builds(
    Asked,
    since=DAYS,
    until=DAYS,
    step=st.sampled_from(Step),
    by=st.sampled_from(["", "agent"]),
    departments=IDS,
    users=IDS,
    queues=NAMES,
    dids=NAMES,
    direction=st.sampled_from(["", "inbound", "outbound"]),
    results=st.lists(st.sampled_from(Result), unique=True).map(tuple),
    against=st.none() | DAYS,
).filter(lambda asked: asked.since <= asked.until)


@given(QUESTIONS)
def test_a_question_comes_back_from_its_address(asked):
    assert read(MultiDict(query_of(asked)), TODAY) == asked


def test_without_a_period_it_is_the_last_two_weeks():
    asked = read(MultiDict(), TODAY)

    assert (asked.since, asked.until, asked.days) == (date(2026, 11, 14), TODAY, 14)


def test_the_period_before_is_as_long():
    asked = Asked(since=date(2026, 11, 1), until=TODAY, against=date(2026, 10, 1))

    assert asked.before.until == date(2026, 10, 27)
    assert asked.before.days == asked.days and asked.before.before is None


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2006-01-01", "until": "2026-01-01"},
        {"agent": "1;drop table"},
        {"department": "²"},
        {"direction": "sideways"},
        {"result": "nonsense"},
        {"step": "7"},
        {"agent": ",".join(map(str, range(1, 1003)))},
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(query):
    with pytest.raises(Invalid):
        read(MultiDict(query), TODAY)


def test_five_hundred_people_can_be_asked_for():
    asked = read(MultiDict([("agent", str(each)) for each in range(1, 501)]), TODAY)

    assert len(asked.users) == 500
