"""What comes together is told together: nobody misses anything that matters."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.agents.agent import Agent
from callcenter.calls.board import Board
from callcenter.calls.call import State
from tests.calls.test_any_order import FILES, events_of, repeated, shuffled
from tests.draws import cases

NEWCOMER = Agent(user_id=0)
RANDOMS = st.randoms(use_true_random=False)


class Audience:
    """All that was told, and every agent as the calls leave them."""

    def __init__(self, *chunks):
        self.changes = []
        self.agents = defaultdict(lambda: NEWCOMER)
        self.board = Board([self.changes.append, self.work])
        for chunk in chunks:
            for event in chunk:
                self.board.hear(event)
            self.board.settle()

    def work(self, change):
        for extension in change.extensions:
            self.agents[extension] = self.agents[extension].after(change.after, extension)

    @property
    def told(self):
        """What was told of each call, by the first word of it."""
        found = {}
        for change in self.changes:
            found.setdefault(change.after.call_id, []).append(change.after)
        return found


def one_by_one(events):
    return Audience(*([event] for event in events))


def cut(events, seed):
    """In chunks of any size, from single events to everything at once."""
    often = seed.choice([0, 0.05, 0.3, 0.7])
    edges = [0, *(i for i in range(1, len(events)) if seed.random() < often), len(events)]
    return Audience(*(events[start:end] for start, end in pairwise(edges)))


def is_part(few, many):
    rest = iter(many)
    return all(each in rest for each in few)


def agree(together, apart):
    assert list(together.told) == list(apart.told)  # the calls, in their order
    for call_id, told in together.told.items():
        assert told[-1] == apart.told[call_id][-1]
        assert is_part(told, apart.told[call_id])  # some moments are left out, none is made up
    for extension in (
        together.agents | apart.agents
    ):  # who only rang for a moment may have missed it
        assert together.agents[extension] == apart.agents[extension]
    assert together.board.calls() == apart.board.calls()


@pytest.mark.parametrize("file", FILES)
@given(seed=RANDOMS)
@settings(max_examples=cases(15), deadline=None)
def test_in_whatever_chunks_it_comes_every_call_and_every_agent_end_the_same(file, seed):
    events = events_of(file)

    agree(cut(events, seed), one_by_one(events))


@pytest.mark.parametrize("file", FILES)
@given(window=st.integers(2, 5), seed=RANDOMS)
@settings(max_examples=cases(8), deadline=None)
def test_also_when_events_overtake_each_other_and_come_again(file, window, seed):
    events = repeated(shuffled(events_of(file), window, seed), seed)

    agree(cut(events, seed), one_by_one(events))


def test_a_call_that_comes_whole_still_rings_is_answered_and_leaves_a_wrap_up():
    heard = Audience(events_of("b_inbound_queue_answered.txt"))

    ((call_id, told),) = heard.told.items()
    states = [call.state for call in told]
    assert is_part([State.RINGING, State.TALKING, State.ENDED], states)
    assert heard.agents["101"].wrap_up.call_id == told[-1].call_id
    assert heard.agents["102"].wrap_up is None
    assert call_id == "pbx-1795290344.14"


def test_how_a_call_is_set_up_is_told_once():
    events = events_of("b_inbound_queue_answered.txt")
    ringing = [change.after.ringing for change in one_by_one(events).changes]
    begun = [
        event
        for number, event in enumerate(events)
        if number < 40 and not hasattr(event, "bridge_id")
    ]

    together, apart = Audience(begun), one_by_one(begun)

    assert frozenset({"101", "102"}) in ringing
    assert len(together.changes) < len(apart.changes)
    assert together.changes[-1].after == apart.changes[-1].after


def test_nothing_is_told_before_the_board_is_told_that_this_was_all():
    first, *_ = events_of("c_inbound_abandoned.txt")
    changes = []
    board = Board([changes.append])

    board.hear(first)
    assert changes == []

    board.settle()
    assert [change.after.call_id for change in changes] == [first.linked_id]
