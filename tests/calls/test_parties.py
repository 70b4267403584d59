"""Calls of more than two: who asks whom, whom the customer waits for, who talks together."""

import pytest

from callcenter.calls.call import Consult, State
from callcenter.calls.events import MusicStarted, RecordingPaused, RecordingStarted, WaitBegan
from tests.calls.exchange import Exchange

TALKED = 10  # when the customer and 201 have talked for some seconds


@pytest.fixture
def exchange():
    return Exchange()


def talking(exchange):
    """A customer and 201, who talk since second 2."""
    customer = exchange.customer_calls()
    agent = exchange.dials(1, "201", by=customer).rings(1).answers(2)
    customer.enters(2)
    agent.enters(2)
    return customer, agent


def asking(exchange, second=TALKED):
    """201 asks 202 while the customer waits in the room."""
    customer, agent = talking(exchange)
    customer.leaves(second)
    agent.leaves(second)
    customer.says(WaitBegan, second + 0.2, agent="201").says(MusicStarted, second + 0.2)
    customer.enters(second + 0.2, "room")
    asked = exchange.dials(second, "202", by=agent).rings(second)
    return customer, agent, asked


def test_who_is_asked_rings_then_talks_and_the_customer_is_on_hold(exchange):
    _, agent, asked = asking(exchange)

    assert exchange.call.consult == Consult(by="201", target="202", talking=False)
    asked.answers(12).enters(12, "asking")
    agent.enters(12, "asking")

    assert exchange.call.consult == Consult(by="201", target="202", talking=True)
    assert (exchange.call.state, exchange.call.waits_for) == (State.HELD, None)
    there = exchange.board.channels(exchange.call.call_id)
    assert (there.agents.keys(), there.asked) == ({"201"}, asked.name)


def test_nobody_is_waited_for_while_who_was_asked_is_on_the_way_to_the_customer(exchange):
    customer, agent, asked = asking(exchange)
    asked.answers(12).enters(12, "asking")
    agent.enters(12, "asking")

    agent.asks(15).leaves(15, "asking").ends(15)
    asked.leaves(15, "asking")

    assert exchange.call.waits_for is None
    asked.enters(15.1, "room")
    assert (exchange.call.state, exchange.call.talking) == (State.TALKING, {"202"})
    assert exchange.call.waits_for is None
    customer.leaves(20, "room").ends(20)


def test_the_customer_waits_for_who_asked_when_that_phone_is_lost_before_anybody_answers(exchange):
    _, agent, asked = asking(exchange)

    agent.ends(12, cause=44)
    asked.ends(12, cause=26)

    assert exchange.call.waits_for == "201"
    assert "201" in exchange.call.extensions


def test_three_who_talk_are_a_conference(exchange):
    _, agent, asked = asking(exchange)
    asked.answers(12).enters(12, "room")

    assert not exchange.call.conference
    agent.enters(13, "room")
    assert exchange.call.conference
    agent.leaves(14, "room")
    assert not exchange.call.conference


@pytest.mark.parametrize(
    "gone, has_it", [((201, 20), "202"), ((202, 20), "201"), (None, "201")], ids=str
)
def test_a_call_of_three_is_whoevers_who_stays_else_whoevers_who_had_it(exchange, gone, has_it):
    customer, agent, asked = asking(exchange)
    asked.answers(12).enters(12, "room")
    agent.enters(13, "room")
    assert exchange.call.agents[-1] == "201"

    if gone:
        first = agent if gone[0] == 201 else asked
        first.asks(gone[1]).leaves(gone[1], "room").ends(gone[1])
    for each, second in (customer, 30), (asked, 30), (agent, 30.1):
        each.leaves(second, "room").ends(second)

    assert exchange.call.agents[-1] == has_it
    assert set(exchange.call.agents) == {"201", "202"}


def test_a_call_that_came_back_is_whoevers_it_came_back_to(exchange):
    customer, agent = talking(exchange)
    for second, endpoint in (10, "202"), (20, "201"):
        customer.leaves(second)
        agent.leaves(second).ends(second)
        agent = exchange.dials(second, endpoint, by=customer).rings(second).answers(second + 1)
        customer.enters(second + 1)
        agent.enters(second + 1)

    assert exchange.call.agents == ("202", "201")


def test_who_is_waited_for_is_so_until_they_talk_or_somebody_else_is_called(exchange):
    customer, agent = talking(exchange)
    customer.leaves(TALKED)
    agent.leaves(TALKED).ends(TALKED, cause=44)
    customer.says(WaitBegan, TALKED, agent="201").says(MusicStarted, TALKED)

    assert (exchange.call.state, exchange.call.waits_for) == (State.HELD, "201")
    again = exchange.dials(12, "201", by=customer).rings(12)
    assert exchange.call.waits_for == "201"
    again.ends(30)
    exchange.dials(31, "202", by=customer).rings(31)
    assert exchange.call.waits_for is None


def test_pauses_are_told_in_seconds_of_the_recording_which_runs_while_they_talk(exchange):
    customer, agent = talking(exchange)
    customer.leaves(5)  # music until 8
    agent.leaves(5)
    customer.enters(8, "c")
    agent.enters(8, "c")

    customer.says(RecordingPaused, 9, on=True)
    assert (exchange.call.paused, exchange.call.pauses) == (True, ())
    customer.says(RecordingPaused, 11, on=False)

    assert (exchange.call.paused, exchange.call.pauses) == (False, ((4.0, 6.0),))


def test_a_pause_ends_with_the_piece_of_the_recording_that_it_was_asked_of(exchange):
    customer, _ = talking(exchange)
    customer.says(RecordingStarted, 3, file="c.wav").says(RecordingPaused, 9, on=True)
    assert exchange.call.paused

    customer.says(RecordingStarted, 12, file="c_2.wav")  # somebody else takes the other side

    assert (exchange.call.paused, exchange.call.pauses) == (False, ((7.0, 10.0),))
