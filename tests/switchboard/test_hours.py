"""What the exchange asks the clock: the same as the opening hours say, at any minute of a week."""

import re

from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.ways import is_open
from callcenter.switchboard.plan import Opening

DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MINUTES = st.integers(0, 1439)
OPENINGS = st.lists(
    st.builds(
        lambda days, begins, ends: Opening(days=days, begins=begins, ends=ends),
        DAYS,
        MINUTES,
        st.integers(1, 1440),
    ),
    max_size=5,
).map(tuple)


def said(openings, day, minute):
    """What the exchange makes of the expression then."""
    expression = is_open(openings)
    clock = {"CCDAY": day + 1, "CCTIME": int(f"1{minute // 60:02}{minute % 60:02}")}
    plain = re.sub(r"\$\{(\w+)\}", lambda name: str(clock[name[1]]), expression)
    return bool(eval(plain.replace("&", "and").replace("|", "or")))


@given(OPENINGS, st.integers(0, 6), MINUTES)
def test_it_is_open_when_one_of_the_openings_says_so(openings, day, minute):
    meant = any(day in each.days and each.begins <= minute < each.ends for each in openings)

    assert said(openings, day, minute) == meant


def test_days_that_are_alike_are_said_once_and_what_touches_is_one():
    week = frozenset(range(5))
    office = Opening(days=week, begins=480, ends=720), Opening(days=week, begins=720, ends=1020)

    assert is_open(office) == (
        "(${CCDAY} >= 1 & ${CCDAY} <= 5 & ${CCTIME} >= 10800 & ${CCTIME} < 11700)"
    )


def test_without_openings_it_is_never_open():
    assert is_open(()) == "0"
