"""Which rule decides, and how often somebody has called within an hour."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.dialling.placed import HOUR, One, Placed
from callcenter.dialling.rules import deciding, international, prefix_of
from callcenter.switchboard.plan import Dialling

NOON = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)


def rule(prefix, **values):
    return Dialling(prefix=prefix, roles=frozenset({"agent"}), **values)


@pytest.mark.parametrize(
    "number, form",
    [
        ("0912345678", "+84912345678"),
        ("+84 912 345 678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("19006789", "+8419006789"),
        ("1080", "+841080"),
        ("+442079460958", "+442079460958"),
        ("00442079460958", "+442079460958"),
        ("anonymous", ""),
    ],
)
def test_every_way_of_writing_a_number_is_read_alike(number, form):
    assert international(number) == form


@pytest.mark.parametrize(
    "typed, prefix",
    [
        ("0912", "+84912"),
        ("+84 91 2", "+84912"),
        ("0084912", "+84912"),
        ("+84 (0)912", "+84912"),
        ("1900", "+841900"),
        ("+", "+"),
        ("", "+"),
        ("00", "+"),
        ("0044", "+44"),
        ("0", "+84"),
        ("+44", "+44"),
    ],
)
def test_a_beginning_is_read_as_people_write_it(typed, prefix):
    assert prefix_of(typed) == prefix


PREFIXES = st.text("0123456789", max_size=6).map(lambda digits: "+" + digits)


@given(st.lists(PREFIXES, unique=True), st.sampled_from(["0912345678", "19006789", "+4420794609"]))
def test_the_longest_beginning_that_fits_decides_in_whatever_order_rules_stand(prefixes, number):
    found = deciding([rule(each) for each in prefixes], number)

    fitting = [each for each in prefixes if international(number).startswith(each)]
    assert (found.prefix if found else None) == max(fitting, key=len, default=None)


def test_no_rule_decides_about_what_none_fits():
    assert deciding([rule("+44"), rule("+849")], "0283000000") is None


STEPS = st.lists(st.tuples(st.integers(0, 1200), st.booleans()), max_size=60)


@given(STEPS, st.integers(1, 6))
def test_in_no_hour_more_are_placed_than_the_limit_and_none_is_refused_below_it(steps, limit):
    """Each step: so many seconds later somebody wants to call; some numbers do not count."""
    placed, now, kept = Placed(), NOON, []
    for number, (seconds, counts) in enumerate(steps):
        now += timedelta(seconds=seconds)
        wanted = "counts" if counts else "other"
        before = [at for at in kept if at > now - HOUR]
        next_at = placed.next_at(7, now, limit, lambda each: each == "counts")
        assert (next_at is None) == (len(before) < limit)
        if next_at is not None:
            assert next_at > now
            assert len([at for at in kept if at > next_at - HOUR]) < limit
        if counts and next_at is None:
            kept.append(now)
        if not counts or next_at is None:
            placed.note(7, One(now, wanted, f"c{number}"))

    assert all(sum(at <= each < at + HOUR for each in kept) <= limit for at in kept)


def test_a_call_that_reached_nobody_and_one_of_somebody_else_do_not_count():
    placed = Placed()
    placed.note(7, One(NOON, "+84912345678", "c1"))
    placed.note(8, One(NOON, "+84912345678", "c2"))
    placed.forget_call("c1")

    assert placed.within(7, NOON, lambda _: True) == []
    assert placed.within(8, NOON, lambda _: True) == [NOON]
    assert placed.within(8, NOON + HOUR, lambda _: True) == []
