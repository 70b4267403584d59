"""Agents who take calls at a mobile phone: what is answered is not yet taken, and pipes are nobody.

The queue calls one half of a pipe, the other half calls the phone (calls/pipes.py).
"""

from itertools import permutations

import pytest

from callcenter.calls.call import Result, State
from callcenter.calls.events import (
    ChannelCreated,
    ChannelState,
    DialBegan,
    RingMissed,
)
from tests.calls.exchange import Exchange

PIPE = "Local/201@callcenter-mobile-00000001"


@pytest.fixture
def exchange():
    return Exchange()


def called(exchange):
    """A customer, the half of the pipe that the queue waits at, and the mobile phone, ringing."""
    customer = exchange.customer_calls()
    front = exchange.channel(f"{PIPE};1", linked_id=customer.linked_id, ccid=customer.ccid)
    back = exchange.channel(f"{PIPE};2", linked_id=customer.linked_id, ccid=customer.ccid)
    for half in front, back:
        half.says(ChannelCreated, 1, state=ChannelState.DOWN, number="0912345678")
    front.says(DialBegan, 1, by=customer.channel_id, dialled="201@callcenter-mobile/n")
    phone = exchange.dials(1, "mobile201", by=back, linked_id=customer.linked_id).rings(2)
    return customer, front, back, phone


def test_it_rings_until_the_key_is_pressed(exchange):
    _, _, _, phone = called(exchange)
    assert (exchange.call.state, exchange.call.ringing) == (State.RINGING, {"201"})

    phone.answers(4)

    assert (exchange.call.state, exchange.call.ringing) == (State.RINGING, {"201"})
    assert (exchange.call.agents, exchange.call.talking) == ((), set())


def test_with_the_key_the_agent_talks_and_waiting_ends_only_then(exchange):
    customer, front, back, phone = called(exchange)
    phone.answers(4).enters(7, "mobile")
    back.answers(7).enters(7, "mobile")
    front.answers(7).enters(7)
    customer.enters(7)

    call = exchange.call
    assert (call.state, call.agents, call.talking) == (State.TALKING, ("201",), {"201"})
    assert (call.waited_s, call.rung, call.missed) == (7, ("201",), ())
    assert exchange.board.channels(call.call_id).agents == {"201": phone.name}


def test_a_voice_mail_that_picks_up_is_a_missed_call(exchange):
    customer, front, back, phone = called(exchange)
    phone.answers(4)

    front.says(RingMissed, 14).ends(14)
    assert (exchange.call.state, exchange.call.missed) == (State.WAITING, ("201",))
    assert exchange.call.ringing == set()  # though it beeps there for a moment yet
    phone.ends(15)
    back.ends(15)
    customer.asks(20).ends(20)

    assert (exchange.call.result, exchange.call.agents) == (Result.ABANDONED, ())
    assert (exchange.call.missed, exchange.call.declined) == (("201",), ())


def test_a_phone_that_is_rejected_is_declined(exchange):
    _, front, _, phone = called(exchange)

    phone.ends(4, cause=21)
    front.says(RingMissed, 4).ends(4)

    assert (exchange.call.missed, exchange.call.declined) == ((), ("201",))


def test_who_hands_over_from_a_mobile_phone_is_known_in_any_order_of_what_is_heard():
    told = set()
    for order in permutations(range(4)):
        exchange = Exchange()
        customer, front, back, phone = called(exchange)
        entering = [
            lambda c=customer: c.enters(7),
            lambda f=front: f.enters(7),
            lambda b=back: b.enters(7, "mobile"),
            lambda p=phone: p.enters(7, "mobile"),
        ]
        for index in order:
            entering[index]()
        told.add((exchange.call.state, exchange.call.agents, exchange.call.answered_at))

    assert len(told) == 1


def test_a_call_of_a_mobile_phone_is_over_with_its_last_channel(exchange):
    customer, front, back, phone = called(exchange)
    phone.answers(4).enters(7, "mobile")
    back.enters(7, "mobile")
    front.enters(7)
    customer.enters(7)

    phone.asks(30)
    for each, bridge in (phone, "mobile"), (back, "mobile"), (front, "b"), (customer, "b"):
        each.leaves(30, bridge).ends(30)

    assert (exchange.call.ended_by, exchange.call.talked_s) == ("agent", 23)
    assert exchange.board.calls() == []


def test_an_agent_who_never_pressed_the_key_has_called_nobody(exchange):
    phone = exchange.originates(0, "mobile201", "out-1").rings(1).answers(3)
    phone.ends(13, cause=19)

    assert (exchange.call.result, exchange.call.placed_by) == (Result.FAILED, "201")
