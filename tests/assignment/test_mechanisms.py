from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.assignment.mechanisms import at_random, by_priority, in_turn
from callcenter.errors import Invalid

ROWS = st.integers(0, 300)
PEOPLE = st.lists(st.integers(1, 40), min_size=1, max_size=12)
PLACES = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 60)), min_size=1, max_size=12)


def sizes(shares):
    return [len(rows) for rows in shares.of.values()]


def every_row(shares):
    return sorted([row for rows in shares.of.values() for row in rows] + shares.unassigned)


@given(n=ROWS, people=PEOPLE, seed=st.integers())
def test_at_random_gives_every_row_to_one_of_those_asked(n, people, seed):
    shares = at_random(n, people, Random(seed))

    assert every_row(shares) == list(range(n))
    assert shares.unassigned == []
    assert shares.of.keys() == set(people)


@given(n=ROWS, people=PEOPLE, seed=st.integers())
def test_at_random_shares_the_same_way_from_the_same_seed(n, people, seed):
    assert at_random(n, people, Random(seed)) == at_random(n, people, Random(seed))


def test_at_random_prefers_nobody():
    shares = at_random(10_000, ["mara", "jon", "lea", "tom"], Random(7))

    assert all(2_300 < size < 2_700 for size in sizes(shares))


@given(n=ROWS, people=PEOPLE, start=st.integers(0, 41))
def test_in_turn_nobody_has_two_more_than_anybody_else(n, people, start):
    shares = in_turn(n, people, start_after=start)

    assert every_row(shares) == list(range(n))
    assert shares.unassigned == []
    assert shares.of.keys() == set(people)
    assert max(sizes(shares)) - min(sizes(shares)) <= 1


@given(first=ROWS, second=ROWS, people=PEOPLE)
def test_in_turn_two_rounds_share_as_fairly_as_one(first, second, people):
    one = in_turn(first, people)
    two = in_turn(second, people, start_after=one.last)

    together = Counter({person: len(one.of[person]) + len(two.of[person]) for person in one.of})
    assert max(together.values()) - min(together.values()) <= 1


def test_in_turn_begins_behind_who_was_last():
    shares = in_turn(4, ["mara", "jon", "lea"], start_after="mara")

    assert shares.of == {"mara": [2], "jon": [0, 3], "lea": [1]}
    assert shares.last == "jon"


def test_in_turn_begins_with_the_first_when_who_was_last_has_left():
    assert in_turn(1, ["mara", "jon"], start_after="tom").of == {"mara": [0], "jon": []}


@given(n=ROWS, people=PLACES)
def test_by_priority_loses_no_row_and_overloads_nobody(n, people):
    shares = by_priority(n, people)

    capacities = dict(reversed(people))  # the first place of a person counts
    assert every_row(shares) == list(range(n))
    assert shares.of.keys() == capacities.keys()
    assert all(len(rows) <= capacities[person] for person, rows in shares.of.items())
    assert len(shares.unassigned) == max(0, n - sum(capacities.values()))


@given(n=ROWS, people=PLACES)
def test_by_priority_nobody_receives_while_someone_before_them_has_room(n, people):
    shares = by_priority(n, people)

    capacities = dict(reversed(people))
    full = [len(rows) == capacities[person] for person, rows in shares.of.items()]
    receiving = [index for index, size in enumerate(sizes(shares)) if size]
    assert all(full[: receiving[-1]] if receiving else [])


def test_by_priority_fills_the_first_then_the_next_and_leaves_the_rest():
    shares = by_priority(6, [("mara", 3), ("jon", 0), ("lea", 2)])

    assert shares.of == {"mara": [0, 1, 2], "jon": [], "lea": [3, 4]}
    assert shares.unassigned == [5]
    assert shares.receiver_of() == {0: "mara", 1: "mara", 2: "mara", 3: "lea", 4: "lea"}


def test_a_capacity_below_nothing_is_refused():
    with pytest.raises(Invalid, match="0 or more"):
        by_priority(3, [("mara", -1)])


def test_no_rows_change_nobodys_turn():
    assert in_turn(0, ["mara", "jon"], start_after="mara").last == "mara"


def test_no_rows_are_nobodys():
    shares = in_turn(0, ["mara"])

    assert (shares.of, shares.unassigned, shares.last) == ({"mara": []}, [], None)


@pytest.mark.parametrize(
    "share",
    [
        lambda: at_random(3, [], Random(1)),
        lambda: in_turn(3, []),
        lambda: by_priority(3, []),
    ],
)
def test_rows_without_anybody_to_receive_them_are_refused(share):
    with pytest.raises(Invalid, match="who receives"):
        share()
