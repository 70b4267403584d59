"""Terms by department: whose counts, and that nothing goes sooner than somebody was warned."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.archive.terms import (
    COMPANY,
    FOR_EVER,
    GRACE,
    NIGHT,
    Group,
    Plan,
    changed,
    first_night,
    groups,
    in_force,
    is_shorter,
    kept_from,
    last_night,
    longer,
    moved,
    term_of,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)  # 23:30 in the company
PARENTS = {1: None, 2: None, 3: 1, 4: 3}


@pytest.mark.parametrize(
    ("terms", "department", "days"),
    [
        ({}, 4, FOR_EVER),
        ({0: 365}, 4, 365),
        ({0: 365}, None, 365),
        ({0: 365}, 99, 365),
        ({0: 365, 1: 90}, 4, 90),
        ({0: 365, 1: 90, 3: FOR_EVER}, 4, FOR_EVER),
        ({0: 365, 1: 90}, 2, 365),
        ({99: 1}, 99, FOR_EVER),
    ],
)
def test_a_department_keeps_as_the_next_one_above_that_has_a_term(terms, department, days):
    assert term_of(terms, department, PARENTS) == days


def test_for_ever_is_the_longest():
    assert (longer(FOR_EVER, 9), longer(3, 9)) == (FOR_EVER, 9)
    assert is_shorter(9, FOR_EVER) and not is_shorter(FOR_EVER, 9) and not is_shorter(9, 9)


def test_a_shorter_term_waits_for_a_night_and_a_longer_one_counts_at_once():
    plan = Plan(wanted={COMPANY: 100, 2: 50})

    plan = changed(plan, {COMPANY: 30, 2: 80}, AT, PARENTS, ZONE)

    now, then = in_force(plan, AT, PARENTS), in_force(plan, AT + timedelta(days=2), PARENTS)
    assert (now[1], now[2], now[COMPANY]) == (100, 80, 100)
    assert (then[1], then[2], then[COMPANY]) == (30, 80, 30)
    assert plan.starts_at == datetime(2026, 11, 28, 19, tzinfo=UTC)  # not this night: the next


def test_what_was_made_shorter_can_be_taken_back():
    before = {COMPANY: 100, 1: FOR_EVER}
    plan = changed(Plan(wanted=before), {COMPANY: 30}, AT, PARENTS, ZONE)
    plan = changed(plan, {COMPANY: 20}, AT, PARENTS, ZONE)

    back = changed(plan, plan.before, AT, PARENTS, ZONE)

    assert back == Plan(wanted=before)


terms = st.dictionaries(st.integers(0, 4), st.sampled_from([FOR_EVER, 1, 30, 90, 365]))
hours = st.integers(0, 72)


@given(st.lists(st.tuples(terms, hours), min_size=1, max_size=6))
def test_no_term_gets_shorter_within_the_grace_of_a_change(changes):
    plan, at, changed_at = Plan(), AT, AT
    seen = in_force(plan, at, PARENTS)
    for wanted, wait in changes:
        plan, changed_at = changed(plan, wanted, at, PARENTS, ZONE), at
        for hour in range(wait + 1):
            now = in_force(plan, at := changed_at + timedelta(hours=hour), PARENTS)
            if any(is_shorter(now[each], seen[each]) for each in now):
                assert at - changed_at >= GRACE
            seen = now
    after = in_force(plan, at + timedelta(days=3), PARENTS)
    assert after == {each: term_of(plan.wanted, each, PARENTS) for each in (COMPANY, *PARENTS)}


trees = st.tuples(*(st.sampled_from([None, *range(1, each)]) for each in range(1, 5)))


@given(terms, terms, hours, st.lists(st.tuples(trees, hours), min_size=1, max_size=4))
def test_no_term_gets_shorter_within_the_grace_of_a_move(first, wanted, wait, moves):
    parents, at = {each: None for each in range(1, 5)}, AT
    plan = changed(Plan(wanted=first), wanted, at, parents, ZONE)
    at += timedelta(hours=wait)
    for tree, wait in moves:
        after, seen, moved_at = dict(enumerate(tree, 1)), in_force(plan, at, parents), at
        already = {each: term_of(plan.wanted, each, parents) for each in parents}
        plan, parents = moved(plan, parents, after, at, ZONE), after
        for hour in range(wait + 1):
            now = in_force(plan, at := moved_at + timedelta(hours=hour), parents)
            for each in parents:
                if is_shorter(now[each], seen[each]) and now[each] != already[each]:
                    assert at - moved_at >= GRACE
            seen = now
    after = in_force(plan, at + timedelta(days=3), parents)
    assert after == {each: term_of(plan.wanted, each, parents) for each in (COMPANY, *parents)}


def test_a_move_that_makes_nothing_shorter_changes_no_plan():
    plan = Plan(wanted={COMPANY: 30, 1: 90})

    assert moved(plan, {1: None, 2: None}, {1: None, 2: 1}, AT, ZONE) == plan


@given(st.integers(0, 400 * 24 * 60))
def test_the_first_night_leaves_time_and_the_last_one_is_over(minutes):
    at = AT + timedelta(minutes=minutes)

    first, last = first_night(at, ZONE), last_night(at, ZONE)

    assert GRACE <= first - at <= GRACE + timedelta(days=1)
    assert timedelta(0) <= at - last < timedelta(days=1)
    assert first.astimezone(ZONE).time() == last.astimezone(ZONE).time() == NIGHT


def test_a_recording_is_kept_for_whole_days_of_the_company():
    assert kept_from(date(2026, 11, 27), 2, ZONE) == datetime(2026, 11, 24, 17, tzinfo=UTC)


def test_departments_of_one_term_go_together_and_for_ever_is_no_term():
    found = groups({COMPANY: 30, 1: 30, 2: FOR_EVER, 3: 90})

    assert found == [Group(30, frozenset({1}), True), Group(90, frozenset({3}), False)]
