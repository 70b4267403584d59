"""The stations of a call, as they follow from what the exchange said."""

from pathlib import Path

import pytest

from callcenter.asterisk.replay import messages
from callcenter.asterisk.translate import translate
from callcenter.calls.board import Board
from callcenter.calls.events import HopPassed, QueueJoined, RingMissed
from callcenter.calls.rows import steps_as_text, steps_of

from .exchange import Exchange, at

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"


@pytest.fixture
def exchange():
    return Exchange()


def way(steps):
    """[(kind, what, how, seconds)], without the end."""
    return [
        (s.kind, s.what, s.how, round((s.until - s.at).total_seconds()) if s.until else None)
        for s in steps
        if s.kind != "ended"
    ]


def one_misses_one_answers(exchange):
    customer = exchange.customer_calls(0, did="1900")
    customer.says(HopPassed, 1, kind="menu", what="main")
    customer.says(HopPassed, 3, kind="choice", what="1")
    customer.says(QueueJoined, 4, queue="sales")
    an = exchange.dials(5, "201", customer).rings(5)
    an.says(RingMissed, 20).ends(20, cause=0)
    binh = exchange.dials(21, "202", customer).rings(21).answers(24)
    exchange.talk(24, customer, binh)
    return customer, binh


def test_a_journey_goes_by_menu_queue_who_did_not_answer_and_who_did(exchange):
    customer, binh = one_misses_one_answers(exchange)
    binh.ends(211)
    customer.asks(211).ends(211)

    assert way(exchange.ended[0].journey) == [
        ("arrived", "1900", "", None),
        ("menu", "main", "", None),
        ("choice", "1", "", None),
        ("queue", "sales", "answered", 20),
        ("rang", "201", "no_answer", 15),
        ("rang", "202", "answered", 3),
        ("talked", "202", "", 187),
    ]
    last = exchange.ended[0].journey[-1]
    assert (last.kind, last.at, last.how) == ("ended", at(211), "customer")


def test_while_a_call_lasts_its_journey_so_far_can_be_asked_for(exchange):
    one_misses_one_answers(exchange)

    steps = exchange.board.journey(exchange.call.call_id)

    assert exchange.call.journey == ()
    assert way(steps)[-1] == ("talked", "202", "", None)
    assert exchange.board.journey("another") == ()


def test_a_caller_who_gives_up_leaves_the_queue_and_a_phone_that_rang(exchange):
    customer = exchange.customer_calls(0)
    customer.says(QueueJoined, 1, queue="sales")
    an = exchange.dials(2, "201", customer).rings(2)
    customer.asks(9)
    an.ends(9)
    customer.ends(9)

    assert way(exchange.ended[0].journey)[1:] == [
        ("queue", "sales", "left", 8),
        ("rang", "201", "stopped", 7),
    ]


def test_a_queue_after_a_queue_is_a_station_of_its_own(exchange):
    customer = exchange.customer_calls(0)
    customer.says(QueueJoined, 1, queue="sales")
    customer.says(QueueJoined, 2, queue="sales", now=False)  # told again, for an agent's phone
    customer.says(QueueJoined, 31, queue="care").asks(40).ends(40)

    queues = [each for each in way(exchange.ended[0].journey) if each[0] == "queue"]
    assert queues == [("queue", "sales", "on", 30), ("queue", "care", "left", 9)]


def test_a_journey_is_kept_as_text_and_read_again(exchange):
    customer, binh = one_misses_one_answers(exchange)
    binh.ends(211)
    customer.asks(211).ends(211)
    journey = exchange.ended[0].journey

    assert tuple(steps_of(steps_as_text(journey))) == journey
    assert steps_of("[]") == []


@pytest.mark.parametrize(
    "name, stations",
    [
        (
            "b_inbound_queue_answered",
            ["arrived 7001", "queue support", "rang 101", "rang 102 elsewhere", "talked 101"],
        ),
        (
            "e_blind_transfer_redirect_inbound",
            [
                *("arrived 7001", "queue support", "rang 101", "rang 102 elsewhere"),
                *("talked 101", "rang 103", "talked 103 blind"),
            ],
        ),
        ("a_click_to_call_agent_unregistered", ["rang 201 unreachable"]),
        ("d_outbound_busy", ["rang 101", "called 15550101"]),
        (
            "e_attended_transfer_ami",
            [
                "rang 101",
                "called 15550100",
                "talked 101",
                "held",
                "rang 103",
                "talked 103 attended",
            ],
        ),
        ("h_agent_rejects_queue_call", ["arrived 7001", "queue support", "rang 101 declined"]),
    ],
)
def test_what_a_real_exchange_said_becomes_a_journey(name, stations):
    ended = []
    board = Board([lambda change: ended.append(change.after)])
    for message in messages(TRANSCRIPTS / f"{name}.txt"):
        if event := translate(message):
            board.apply(event)

    told = [
        " ".join(filter(None, (s.kind, s.what, "" if s.how in ("answered", "left") else s.how)))
        for s in ended[-1].journey
        if s.kind != "ended" and s.how != "stopped"
    ]
    assert told == stations
