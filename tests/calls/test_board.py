import pytest

from callcenter.calls.board import Board
from callcenter.calls.call import Direction, Result, State, Transfer
from callcenter.calls.events import (
    AutomaticStepped,
    CallPlaced,
    ChannelCreated,
    ChannelSeen,
    ChannelState,
    DialEnded,
    DialHeard,
    DigitPressed,
    Held,
    MessageBegan,
    MusicStarted,
    MusicStopped,
    OriginateAnswered,
    QueueAbandoned,
    QueueJoined,
    RecordingStarted,
    SnapshotBegan,
    SnapshotEnded,
    SpyingBegan,
    TransferMade,
    Unheld,
)

from .exchange import Exchange, at


@pytest.fixture
def exchange():
    return Exchange()


def in_talk(exchange, until=None):
    """A customer talks with 201 from second 5 on."""
    customer = exchange.customer_calls(0)
    customer.says(QueueJoined, 1, queue="sales")
    mara = exchange.dials(2, "201", customer).rings(3).answers(5)
    exchange.talk(5, customer, mara)
    return customer, mara


def placed(exchange, call_id="c1", extension="201", number="0912345678"):
    exchange.board.apply(CallPlaced(call_id=call_id, at=at(0), extension=extension, number=number))
    return exchange.originates(0, extension, call_id, number)


# ------------------------------------------------------------------------- in


def test_a_customer_who_rings_in_waits(exchange):
    exchange.customer_calls(number="0912345678", did="19006789", caller_name="Mai")

    call = exchange.call
    assert (call.state, call.direction) == (State.WAITING, Direction.INBOUND)
    assert (call.number, call.did, call.caller_name) == ("0912345678", "19006789", "Mai")
    assert call.call_id == "pbx-1"


def test_the_queue_is_known_once_the_customer_has_joined_it(exchange):
    customer = exchange.customer_calls()
    customer.says(QueueJoined, 1, queue="sales").says(QueueJoined, 9, queue="care")

    assert exchange.call.queue == "care"


def test_whoever_leaves_a_message_waits_no_more_and_is_missed_by_its_queue(exchange):
    customer = exchange.customer_calls()
    customer.says(QueueJoined, 1, queue="sales").says(MessageBegan, 9, queue="care")

    assert exchange.call.queue is None
    customer.ends(20)
    [call] = exchange.ended
    assert (call.queue, call.result, call.answered_at) == ("care", Result.NO_ANSWER, None)


def test_a_message_that_is_told_of_late_changes_nothing(exchange):
    customer = exchange.customer_calls()
    customer.says(QueueJoined, 9, queue="sales").says(MessageBegan, 1, queue="care")

    assert exchange.call.queue == "sales"


def test_an_agent_sees_who_calls_from_the_moment_their_phone_is_called(exchange):
    customer = exchange.customer_calls()
    phone = exchange.dials(2, "201", customer)

    assert (exchange.call.state, exchange.call.ringing) == (State.RINGING, {"201"})
    assert [call.call_id for call in exchange.board.calls_of("201")] == ["pbx-1"]
    assert exchange.board.calls_of("202") == []

    phone.rings(3)
    assert (exchange.call.state, exchange.call.ringing) == (State.RINGING, {"201"})


def test_a_phone_that_was_called_and_is_not_there_has_not_rung(exchange):
    customer = exchange.customer_calls()
    phone = exchange.dials(2, "201", customer)
    phone.says(DialEnded, 9, status="CHANUNAVAIL").ends(9, cause=20)

    assert (exchange.call.state, exchange.call.ringing) == (State.WAITING, frozenset())
    assert exchange.call.rung == exchange.call.missed == ()


def test_an_agent_who_does_not_answer_sends_the_call_back_to_waiting(exchange):
    customer = exchange.customer_calls()
    exchange.dials(2, "201", customer).rings(3).ends(20, cause=0)

    assert (exchange.call.state, exchange.call.ringing) == (State.WAITING, frozenset())
    assert exchange.call.rung == ("201",)


def test_one_of_two_may_miss_the_call_without_ending_the_ringing(exchange):
    customer = exchange.customer_calls()
    mara = exchange.dials(2, "201", customer).rings(3)
    exchange.dials(2, "202", customer).rings(4)
    mara.says(DialEnded, 9, status="NOANSWER")

    assert (exchange.call.state, exchange.call.ringing) == (State.RINGING, {"202"})


def test_whoever_lost_the_call_sees_it_go(exchange):
    customer = exchange.customer_calls()
    mara = exchange.dials(2, "201", customer).rings(3)
    jon = exchange.dials(2, "202", customer).rings(3)
    mara.answers(5)
    jon.says(DialEnded, 5, status="CANCEL")

    assert exchange.call.ringing == {"201"}
    assert exchange.changes[-1].extensions == {"201", "202"}

    exchange.talk(6, customer, mara)
    assert (exchange.call.ringing, exchange.call.talking) == (frozenset(), {"201"})
    assert exchange.call.rung == ("201", "202")


def test_the_agent_who_answers_never_loses_sight_of_the_call(exchange):
    customer, mara = in_talk(exchange)
    mara.asks(9).leaves(9).ends(9)
    customer.leaves(9).ends(9)

    seen = ["201" in change.extensions for change in exchange.changes]
    assert seen[seen.index(True) :] == [True] * (len(seen) - seen.index(True))


def test_the_clock_stops_when_the_call_is_answered(exchange):
    in_talk(exchange)

    assert exchange.call.answered_at == at(5)
    assert exchange.call.waited_s == 5.0
    assert (exchange.call.state, exchange.call.agents) == (State.TALKING, ("201",))


def test_a_call_ends_with_its_last_channel(exchange):
    customer, mara = in_talk(exchange)
    mara.asks(9).leaves(9).ends(9)
    assert exchange.call.state is State.TALKING  # the moment of hanging up does not blink

    customer.leaves(9.1).ends(9.2)

    call = exchange.call
    assert (call.state, call.result, call.ended_by) == (State.ENDED, Result.ANSWERED, "agent")
    assert (call.talked_s, call.ended_at) == (4.0, at(9.2))
    assert exchange.board.calls() == []


def test_a_customer_who_gives_up_has_abandoned(exchange):
    customer = exchange.customer_calls()
    mara = exchange.dials(2, "201", customer).rings(3)
    customer.asks(7)
    mara.ends(7, cause=0)
    customer.ends(7)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.ABANDONED, "customer")
    assert exchange.call.waited_s == 7.0


def test_the_queue_tells_of_an_abandoned_call_too(exchange):
    exchange.customer_calls().says(QueueAbandoned, 7).ends(7)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.ABANDONED, "customer")


def test_an_agent_who_rejects_the_ring_does_not_end_the_call(exchange):
    customer = exchange.customer_calls()
    exchange.dials(2, "201", customer).rings(3).asks(4).ends(4, cause=17)
    assert exchange.call.state is State.WAITING

    customer.asks(8).ends(8)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.ABANDONED, "customer")


def test_a_queue_that_sends_the_customer_away_ends_the_call_itself(exchange):
    exchange.customer_calls().says(QueueJoined, 1, queue="sales").ends(60)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.NO_ANSWER, "system")


def test_a_number_nobody_has_is_refused_by_the_system(exchange):
    exchange.customer_calls().ends(0, cause=1)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.FAILED, "system")
    assert exchange.call.cause == 1


def test_a_number_that_is_taken_away_is_withheld(exchange):
    customer = exchange.customer_calls(number="0912345678", caller_name="Mai")
    customer.says(ChannelSeen, 1, state=ChannelState.CALLING_IN, number=None)

    assert (exchange.call.number, exchange.call.caller_name) == (None, "")


# ------------------------------------------------------------------------ out


def test_a_call_of_ours_exists_from_its_first_moment(exchange):
    exchange.board.apply(CallPlaced(call_id="c1", at=at(0), extension="201", number="0911"))

    call = exchange.call
    assert (call.call_id, call.state, call.number) == ("c1", State.CALLING_AGENT, "0911")
    assert (call.placed_by, call.extensions) == ("201", {"201"})
    assert exchange.board.call("c1") == call


def test_a_call_out_is_followed_step_by_step(exchange):
    mara = placed(exchange).rings(1)
    states = [exchange.call.state]
    mara.answers(2)
    states.append(exchange.call.state)
    customer = exchange.dials(2, "carrier", mara, dialled="0912345678@carrier")
    customer.rings(3)
    states.append(exchange.call.state)
    customer.answers(6)
    exchange.talk(6, customer, mara)
    states.append(exchange.call.state)

    assert states == [State.CALLING_AGENT, State.CALLING, State.REMOTE_RINGING, State.TALKING]
    assert exchange.call.waited_s == 6.0
    assert exchange.call.ringing == frozenset()  # his own phone does not offer him anything
    assert (exchange.call.agents, exchange.call.rung) == (("201",), ())


def test_early_media_is_a_sign_of_life_but_no_answer(exchange):
    mara = placed(exchange).answers(1)
    exchange.dials(2, "carrier", mara).says(DialHeard, 3, sign="PROGRESS")

    assert (exchange.call.state, exchange.call.answered_at) == (State.REMOTE_RINGING, None)


@pytest.mark.parametrize(
    "cause, status, result",
    [
        (17, "BUSY", Result.BUSY),
        (21, "NOANSWER", Result.REJECTED),
        (1, "NOANSWER", Result.UNREACHABLE),
        (34, "CONGESTION", Result.UNREACHABLE),
        (3, "CHANUNAVAIL", Result.UNREACHABLE),
        (19, "NOANSWER", Result.NO_ANSWER),
        (0, "NOANSWER", Result.NO_ANSWER),
        (0, "CONGESTION", Result.UNREACHABLE),
        (None, "", Result.NO_ANSWER),
    ],
)
def test_the_customers_hang_up_cause_tells_why_nobody_talked(exchange, cause, status, result):
    mara = placed(exchange).answers(1)
    exchange.dials(2, "carrier", mara).says(DialEnded, 4, status=status).ends(4, cause=cause)
    mara.ends(4)

    assert (exchange.call.result, exchange.call.cause) == (result, cause)


def test_an_agent_who_gives_up_has_cancelled(exchange):
    mara = placed(exchange).answers(1)
    customer = exchange.dials(2, "carrier", mara).rings(3)
    mara.asks(5)
    customer.says(DialEnded, 5, status="CANCEL").ends(5, cause=0)
    mara.ends(5)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.CANCELLED, "agent")


def test_an_agent_who_does_not_answer_his_own_phone_has_called_nobody(exchange):
    placed(exchange).rings(1).ends(30, cause=19)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.FAILED, "system")
    assert exchange.call.cause == 19


def test_a_phone_that_is_not_there_fails_without_any_channel(exchange):
    exchange.board.apply(CallPlaced(call_id="c1", at=at(0), extension="201", number="0911"))
    exchange.refuses(1, "c1")

    assert (exchange.call.result, exchange.call.ended_by) == (Result.FAILED, "system")
    assert exchange.call.ended_at == at(1)
    assert exchange.board.calls() == []


def test_a_refused_second_wish_does_not_end_the_call_that_lives(exchange):
    placed(exchange).rings(1)
    exchange.refuses(2, "c1")

    assert exchange.call.state is State.CALLING_AGENT


def test_a_failure_that_is_told_before_the_hang_up_changes_nothing(exchange):
    agent = placed(exchange).rings(1)
    exchange.refuses(30, "c1")
    agent.ends(30.1, cause=19)

    assert exchange.call.result is Result.FAILED
    assert len(exchange.ended) == 1


def test_a_call_that_an_agent_dials_by_himself_is_his(exchange):
    mara = exchange.channel("PJSIP/201-00000001")
    mara.says(ChannelCreated, 0, state=ChannelState.CALLING_IN, number="201", exten="0912345678")
    assert exchange.changes == []  # until somebody is called it may be a test of his sound

    exchange.dials(1, "carrier", mara, dialled="0912345678@carrier").rings(2)

    call = exchange.call
    assert (call.direction, call.state) == (Direction.OUTBOUND, State.REMOTE_RINGING)
    assert (call.number, call.placed_by) == ("0912345678", "201")


def test_one_phone_that_talks_to_the_exchange_alone_is_no_call(exchange):
    mara = exchange.channel("PJSIP/201-00000001")
    mara.says(ChannelCreated, 0, state=ChannelState.CALLING_IN, number="201", exten="*600")
    mara.answers(1).asks(9).ends(9)

    assert exchange.changes == []


def test_a_call_from_agent_to_agent_is_internal(exchange):
    mara = exchange.channel("PJSIP/201-00000001")
    mara.says(ChannelCreated, 0, state=ChannelState.CALLING_IN, number="201", exten="202")
    jon = exchange.dials(1, "202", mara).rings(1)
    assert (exchange.call.direction, exchange.call.state) == (Direction.INTERNAL, State.RINGING)
    assert (exchange.call.ringing, exchange.call.placed_by) == ({"202"}, "201")

    jon.answers(3)
    mara.answers(3)
    exchange.talk(3, mara, jon)
    jon.asks(8).leaves(8).ends(8)
    mara.leaves(8).ends(8)

    call = exchange.call
    assert (call.agents, call.number, call.result) == (("201", "202"), None, Result.ANSWERED)
    assert (call.waited_s, call.talked_s, call.ended_by) == (3.0, 5.0, "agent")


# ------------------------------------------------------------------ automatic


def test_an_automatic_call_is_answered_by_the_customer_alone(exchange):
    customer = exchange.originates(0, "carrier", "c1", number=None)
    assert exchange.call.state is State.CALLING
    customer.rings(1).answers(4)
    assert exchange.call.state is State.TALKING
    customer.says(DigitPressed, 6, digit="1").says(DigitPressed, 7, digit="2").ends(10)

    call = exchange.call
    assert (call.automatic, call.direction) == (True, Direction.OUTBOUND)
    assert (call.result, call.digits, call.ended_by) == (Result.ANSWERED, "12", "system")
    assert (call.waited_s, call.talked_s) == (4.0, 6.0)


def test_the_dialplan_tells_the_digit_where_the_exchange_does_not(exchange):
    customer = exchange.originates(0, "carrier", "c1").answers(4)
    customer.says(AutomaticStepped, 6, digit="3").says(AutomaticStepped, 8)

    assert exchange.call.digits == "3"


def test_keys_in_a_talk_are_not_kept(exchange):
    customer, _ = in_talk(exchange)
    customer.says(DigitPressed, 6, digit="1")

    assert exchange.call.digits == ""


# -------------------------------------------------------------- hold, transfer


def test_a_customer_on_hold_hears_music(exchange):
    _customer, mara = in_talk(exchange)
    mara.says(Held, 10)
    assert exchange.call.state is State.HELD

    mara.says(Unheld, 14)
    assert (exchange.call.state, exchange.call.held_s) == (State.TALKING, 4.0)


def test_hold_and_its_music_count_once(exchange):
    customer, mara = in_talk(exchange)
    mara.says(Held, 10)
    customer.says(MusicStarted, 10.1).says(MusicStopped, 13.9)
    mara.says(Unheld, 14)

    assert exchange.call.held_s == 4.0


def test_time_on_hold_is_no_talk_though_both_stay_in_the_bridge(exchange):
    customer, mara = in_talk(exchange)
    mara.says(Held, 10)
    customer.says(MusicStarted, 10)
    customer.says(MusicStopped, 14)
    mara.says(Unheld, 14)
    customer.asks(20).leaves(20).ends(20)
    mara.leaves(20).ends(20)

    call = exchange.call
    assert (call.talked_s, call.held_s) == (11.0, 4.0)
    assert call.talked_s + call.held_s == (call.ended_at - call.answered_at).total_seconds()


def test_a_call_that_ends_on_hold_was_talk_until_then(exchange):
    customer, mara = in_talk(exchange)
    mara.says(Held, 10)
    customer.asks(20).leaves(20).ends(20)
    mara.leaves(20).ends(20)

    assert (exchange.call.talked_s, exchange.call.held_s) == (5.0, 10.0)


def test_of_two_agents_one_may_put_the_customer_on_hold_and_the_other_talks_on(exchange):
    customer, mara = in_talk(exchange)
    jon = exchange.dials(6, "202", customer).answers(8)
    jon.enters(8)
    mara.says(Held, 10).says(Unheld, 14)
    assert exchange.call.state is State.TALKING
    for each in (customer, jon, mara):
        each.leaves(20).ends(20)

    assert (exchange.call.talked_s, exchange.call.held_s) == (15.0, 0.0)


def test_music_in_the_queue_is_no_hold(exchange):
    customer = exchange.customer_calls().says(MusicStarted, 1)
    mara = exchange.dials(2, "201", customer).answers(5)
    exchange.talk(5, customer, mara)

    assert (exchange.call.state, exchange.call.held_s) == (State.TALKING, 0.0)


def test_a_blind_transfer_is_one_when_somebody_answers(exchange):
    customer, mara = in_talk(exchange)
    mara.says(TransferMade, 10).leaves(10).ends(10)
    customer.leaves(10)
    jon = exchange.dials(10, "202", customer).rings(11)
    assert (exchange.call.state, exchange.call.ringing) == (State.RINGING, {"202"})
    assert exchange.call.transfers == ()

    jon.answers(12)
    exchange.talk(12, customer, jon, bridge="b2")

    assert exchange.call.transfers == (Transfer(kind="blind", source="201", target="202"),)
    assert exchange.call.agents == ("201", "202")


def test_a_transfer_that_nobody_answers_is_none(exchange):
    customer, mara = in_talk(exchange)
    mara.says(TransferMade, 10).leaves(10).ends(10)
    customer.leaves(10)
    exchange.dials(10, "202", customer).rings(11).ends(30)
    customer.asks(31).ends(31)

    call = exchange.call
    assert (call.transfers, call.agents, call.ended_by) == ((), ("201",), "customer")
    assert call.talked_s == 5.0


def test_a_redirect_is_a_blind_transfer_though_no_event_says_so(exchange):
    customer, mara = in_talk(exchange)
    customer.leaves(10)
    mara.leaves(10).ends(10)
    jon = exchange.dials(10, "202", customer).answers(12)
    exchange.talk(12, customer, jon, bridge="b2")

    assert [transfer.kind for transfer in exchange.call.transfers] == ["blind"]


def test_an_agent_who_hangs_up_transfers_nothing_when_the_queue_finds_another(exchange):
    customer, mara = in_talk(exchange)
    mara.asks(10).leaves(10).ends(10)
    customer.leaves(10)
    jon = exchange.dials(11, "202", customer).answers(15)
    exchange.talk(15, customer, jon, bridge="b2")

    assert (exchange.call.transfers, exchange.call.agents) == ((), ("201", "202"))


def test_asking_a_colleague_first_is_an_attended_transfer(exchange):
    customer, mara = in_talk(exchange)
    customer.leaves(10).says(MusicStarted, 10)
    mara.leaves(10)
    jon = exchange.dials(10, "202", mara).rings(11)
    assert (exchange.call.state, exchange.call.ringing) == (State.HELD, {"202"})
    jon.answers(12)
    exchange.talk(12, mara, jon, bridge="b2")
    assert exchange.call.talking == {"201", "202"}

    jon.leaves(15, "b2")
    exchange.talk(15, customer, jon, bridge="b3")
    mara.leaves(15, "b2").ends(15)
    customer.asks(20).leaves(20, "b3").ends(20)
    jon.leaves(20, "b3").ends(20)

    call = exchange.call
    assert call.transfers == (Transfer(kind="attended", source="201", target="202"),)
    assert (call.talked_s, call.held_s, call.ended_by) == (10.0, 5.0, "customer")


def test_a_consultation_that_leads_nowhere_is_no_transfer(exchange):
    _customer, mara = in_talk(exchange)
    mara.says(Held, 10).leaves(10)
    jon = exchange.dials(10, "202", mara).answers(12)
    exchange.talk(12, mara, jon, bridge="b2")
    jon.leaves(14, "b2").ends(14)
    mara.leaves(14, "b2").enters(15)

    call = exchange.call
    assert (call.state, call.transfers, call.agents) == (State.TALKING, (), ("201",))
    assert call.held_s == 5.0


def test_two_bridges_with_a_local_channel_between_them_are_one_talk(exchange):
    customer = exchange.customer_calls()
    one = exchange.channel("Local/201@agents-0001;1", linked_id="pbx-1")
    two = exchange.channel("Local/201@agents-0001;2", linked_id="pbx-1")
    mara = exchange.dials(2, "201", customer).rings(3).answers(5)
    exchange.talk(5, customer, one, bridge="b1")
    exchange.talk(5, two, mara, bridge="b2")

    assert (exchange.call.state, exchange.call.agents) == (State.TALKING, ("201",))


def test_a_customer_may_be_transferred_to_someone_outside(exchange):
    customer, mara = in_talk(exchange)
    mara.says(TransferMade, 10).leaves(10).ends(10)
    customer.leaves(10)
    boss = exchange.dials(10, "carrier", customer, dialled="0987@carrier").answers(12)
    exchange.talk(12, customer, boss, bridge="b2")

    call = exchange.call
    assert call.transfers == (Transfer(kind="blind", source="201", target="0987"),)
    assert (call.agents, call.talked_s, call.number) == (("201",), 5.0, "0912345678")


def test_an_agent_comes_over_from_a_call_of_his_own(exchange):
    _customer, mara = in_talk(exchange)
    again = exchange.channel("PJSIP/201-000000b1")
    again.says(ChannelCreated, 8, state=ChannelState.CALLING_IN, number="201", exten="202")
    jon = exchange.dials(9, "202", again).rings(9).answers(10)
    exchange.talk(10, again, jon, bridge="b2")
    assert exchange.call.direction is Direction.INTERNAL

    jon.leaves(12, "b2").enters(12, "b")
    mara.leaves(12).ends(12)
    again.leaves(12, "b2").ends(12)

    [consultation] = exchange.ended
    assert (consultation.direction, consultation.talked_s) == (Direction.INTERNAL, 2.0)
    [call] = exchange.board.calls()
    assert call.transfers == (Transfer(kind="attended", source="201", target="202"),)
    assert call.talking == {"202"}


# ----------------------------------------------------------------- listening in


def test_who_listens_in_is_not_in_the_call(exchange):
    customer, _mara = in_talk(exchange)
    before = exchange.call
    boss = exchange.originates(8, "104", "spy", number="104", ccid=customer.ccid)
    boss.rings(8).answers(9).says(SpyingBegan, 9).says(DigitPressed, 10, digit="5")
    assert exchange.call == before

    boss.asks(12).ends(12)
    assert exchange.call == before


def test_a_call_ends_though_someone_still_listens(exchange):
    customer, mara = in_talk(exchange)
    exchange.originates(8, "104", "spy", number="104", ccid=customer.ccid).says(SpyingBegan, 9)
    mara.asks(10).ends(10)
    customer.ends(10)

    assert exchange.call.state is State.ENDED


def test_who_comes_too_late_to_listen_opens_no_call(exchange):
    exchange.customer_calls().asks(5).ends(5)
    boss = exchange.originates(6, "104", "spy", number="104", ccid="pbx-1")
    boss.answers(7).ends(9)

    assert len(exchange.ended) == 1
    assert exchange.board.calls() == []


# -------------------------------------------------------------- order, repetition


def test_a_repeated_event_is_told_once(exchange):
    customer = exchange.customer_calls()
    told = len(exchange.changes)
    mara = exchange.dials(2, "201", customer).rings(3).rings(3).rings(4)
    mara.says(DialEnded, 9, status="CANCEL").says(DialEnded, 9, status="CANCEL")

    assert len(exchange.changes) == told + 3  # called, rings, given up


def test_nothing_can_happen_to_an_ended_call(exchange):
    customer, mara = in_talk(exchange)
    mara.ends(9)
    customer.ends(9)
    told = len(exchange.changes)

    mara.rings(10).answers(10).enters(10).asks(10).ends(10)
    customer.answers(11)
    exchange.dials(11, "202", customer).rings(12)

    assert len(exchange.changes) == told
    assert exchange.board.calls() == []


def test_a_hang_up_that_comes_before_all_else_is_kept_for_later(exchange):
    customer = exchange.channel("PJSIP/carrier-00000001").asks(1).ends(1)
    assert exchange.changes == []

    customer.says(ChannelCreated, 0, state=ChannelState.CALLING_IN, number="0912", exten="1900")

    assert (exchange.call.state, exchange.call.ended_at) == (State.ENDED, at(1))
    assert exchange.call.ended_by == "customer"


def test_a_channel_says_whose_it_is_with_its_second_event(exchange):
    leg = exchange.channel("PJSIP/201-00000001", channel_id="c1-a")
    leg.says(ChannelCreated, 0, state=ChannelState.DOWN, number="201")
    assert exchange.changes == []

    leg.says(ChannelSeen, 0, connected="0912345678", number="201", ccid="c1")

    assert (exchange.call.call_id, exchange.call.number) == ("c1", "0912345678")


def test_a_channel_of_nobody_is_no_leg(exchange):
    exchange.channel("OutgoingSpoolFailed").says(ChannelCreated, 0, ccid="c1").ends(1)

    assert exchange.changes == []


def test_recordings_are_named_or_named_after_the_call(exchange):
    customer, _ = in_talk(exchange)
    customer.says(RecordingStarted, 5)
    assert exchange.call.recordings == ("pbx-1.wav",)

    customer.says(RecordingStarted, 5, file="first.wav").says(RecordingStarted, 8, file="2.wav")
    assert exchange.call.recordings == ("first.wav", "2.wav")


def test_one_deaf_listener_does_not_cost_the_others_the_call(caplog):
    exchange, told = Exchange(), []

    def deaf(change):
        raise RuntimeError

    exchange.board = Board([deaf, told.append])
    exchange.customer_calls()

    assert len(told) == 1
    assert "failed on pbx-1" in caplog.text


def test_the_exchange_can_be_told_which_channels_to_hang_up(exchange):
    customer, mara = in_talk(exchange)

    assert exchange.board.channels_of("pbx-1") == [customer.channel_id, mara.channel_id]
    assert exchange.board.channels_of("unknown") == []


# ------------------------------------------------------------------- snapshots


def test_calls_that_a_snapshot_does_not_show_have_ended(exchange):
    in_talk(exchange)
    exchange.snapshot(60)

    call = exchange.call
    assert (call.state, call.ended_at) == (State.ENDED, at(60))
    assert (call.result, call.ended_by) == (Result.ANSWERED, None)
    assert exchange.board.calls() == []


def test_calls_that_a_snapshot_shows_go_on(exchange):
    customer, mara = in_talk(exchange)
    told = len(exchange.changes)
    exchange.snapshot(60, customer, mara, bridge="b")

    assert len(exchange.changes) == told
    assert exchange.call.state is State.TALKING


def test_who_left_during_the_outage_is_missed(exchange):
    customer, _mara = in_talk(exchange)
    exchange.snapshot(60, customer)

    assert exchange.call.talking == frozenset()
    assert exchange.call.state is not State.ENDED

    customer.asks(70).ends(70)
    assert exchange.call.ended_by == "customer"


def test_a_bridge_that_changed_during_the_outage_is_seen(exchange):
    customer, mara = in_talk(exchange)
    exchange.snapshot(60, customer, mara, bridge="b9")

    assert exchange.call.state is State.TALKING


def test_a_call_that_began_during_the_outage_is_found(exchange):
    customer = exchange.channel("PJSIP/carrier-00000007", ccid="pbx-1")
    mara = exchange.channel("PJSIP/201-00000008", linked_id=customer.channel_id, ccid="pbx-1")
    exchange.snapshot(60, customer, mara, bridge="b", age=20.0)

    call = exchange.call
    assert (call.direction, call.number, call.did) == (
        Direction.INBOUND,
        "0912345678",
        "19006789",
    )
    assert (call.started_at, call.state, call.talking) == (at(40), State.TALKING, {"201"})


def test_an_automatic_call_is_known_by_its_context(exchange):
    customer = exchange.channel("PJSIP/carrier-00000007", ccid="c1")
    exchange.board.apply(SnapshotBegan(at=at(60)))
    customer.says(ChannelSeen, 60, state=ChannelState.UP, context="autocall", number="15551230000")

    assert (exchange.call.direction, exchange.call.automatic) == (Direction.OUTBOUND, True)
    assert exchange.call.number is None


def test_a_call_that_never_came_into_being_ends_with_the_snapshot(exchange):
    exchange.board.apply(CallPlaced(call_id="c1", at=at(0), extension="201", number="0911"))
    exchange.snapshot(60)

    assert (exchange.call.result, exchange.call.ended_by) == (Result.FAILED, None)


def test_a_call_that_is_placed_during_the_snapshot_stays(exchange):
    exchange.board.apply(SnapshotBegan(at=at(60)))
    exchange.board.apply(CallPlaced(call_id="c1", at=at(60), extension="201", number="0911"))
    exchange.board.apply(SnapshotEnded(at=at(61)))

    assert exchange.board.call("c1") is not None


def test_a_call_that_comes_in_during_the_snapshot_stays(exchange):
    exchange.board.apply(SnapshotBegan(at=at(60)))
    exchange.customer_calls(60)
    exchange.board.apply(SnapshotEnded(at=at(61)))

    assert len(exchange.board.calls()) == 1


def test_a_late_answer_to_our_wish_is_no_new_call(exchange):
    placed(exchange).ends(3, cause=19)
    exchange.board.apply(
        OriginateAnswered(
            at=at(4), channel_id="c1", ok=False, number="0912345678", name="PJSIP/201"
        )
    )

    assert len(exchange.ended) == 1
