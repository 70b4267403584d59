"""One agent, from facts to what is shown and told to the exchange."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callcenter.agents.agent import Agent, part_in
from callcenter.calls.call import Call, Consult, Direction, State

QUEUES = frozenset({"sales"})
READY = Agent(user_id=1, wish="ready", phone="reachable")
RINGING = Call(
    call_id="c1",
    direction=Direction.INBOUND,
    started_at=datetime(2026, 11, 20, tzinfo=UTC),
    state=State.RINGING,
    ringing=frozenset({"201", "202"}),
)
TALKING = replace(
    RINGING,
    state=State.TALKING,
    ringing=frozenset(),
    talking=frozenset({"201"}),
    agents=("201",),
)
ENDED = replace(TALKING, state=State.ENDED, talking=frozenset())
PLACED = replace(
    RINGING,
    direction=Direction.OUTBOUND,
    state=State.CALLING_AGENT,
    ringing=frozenset(),
    placed_by="201",
)


def after(*calls, agent=READY, extension="201"):
    for call in calls:
        agent = agent.after(call, extension)
    return agent


def test_a_ready_agent_whose_phone_rings_is_ringing_and_stays_in_the_queues():
    agent = after(RINGING)

    assert agent.state == "ringing"
    assert not agent.place("201", QUEUES).paused


def test_an_agent_who_answers_is_paused_in_the_queues():
    agent = after(RINGING, TALKING)

    assert agent.state == "talking"
    assert (agent.place("201", QUEUES).paused, agent.place("201", QUEUES).reason) == (
        True,
        "in call",
    )


def test_a_wrap_up_knows_how_the_call_ended_when_the_customer_leaves_a_moment_later():
    alone = replace(TALKING, talking=frozenset())

    agent = after(TALKING, alone, replace(ENDED, ended_by="agent"))

    assert agent.state == "wrap_up"
    assert agent.wrap_up.ended_by == "agent"


def test_who_is_waited_for_after_the_page_was_lost_is_still_in_the_call():
    waiting = replace(TALKING, state=State.HELD, talking=frozenset(), waits_for="201")

    agent = after(TALKING, waiting)

    assert agent.place("201", QUEUES).paused
    assert agent.wrap_up is None


@pytest.mark.parametrize("extension", ["201", "202"])
def test_who_asks_and_who_is_asked_talk_while_the_customer_is_on_hold(extension):
    consult = Consult(by="201", target="202", talking=True)
    asking = replace(TALKING, state=State.HELD, talking=frozenset({"201", "202"}), consult=consult)

    assert part_in(asking, extension) == "talking"
    assert part_in(replace(asking, consult=None), extension) == "held"


def test_who_placed_a_call_and_handed_it_over_is_out_of_it():
    with_a_colleague = replace(TALKING, placed_by="201", talking=frozenset({"202"}))

    assert part_in(with_a_colleague, "201") == "ended"


def test_a_conversation_that_ends_leaves_a_wrap_up():
    agent = after(RINGING, TALKING, ENDED)

    assert (agent.state, agent.wrap_up) == ("wrap_up", ENDED)
    assert agent.place("201", QUEUES).reason == "wrap-up"


def test_a_call_that_only_rang_leaves_nothing():
    agent = after(RINGING, TALKING, ENDED, extension="202")

    assert (agent.state, agent.wrap_up, agent.calls) == ("ready", None, {})


def test_a_call_that_was_transferred_away_leaves_a_wrap_up_as_well():
    gone = replace(TALKING, talking=frozenset({"202"}), agents=("201", "202"))

    assert after(RINGING, TALKING, gone).state == "wrap_up"


def test_who_calls_out_is_in_a_call_from_the_first_moment():
    assert after(PLACED).state == "talking"


def test_a_call_out_that_nobody_answered_leaves_no_wrap_up():
    assert after(PLACED, replace(PLACED, state=State.ENDED)).state == "ready"


def test_the_end_of_a_call_that_is_told_twice_leaves_one_wrap_up():
    done = after(RINGING, TALKING, ENDED).wanting("ready", "")

    assert done.after(ENDED, "201").state == "ready"


def test_a_wish_ends_the_wrap_up():
    agent = after(RINGING, TALKING, ENDED).wanting("break", "Lunch")

    assert (agent.state, agent.reason, agent.wrap_up) == ("break", "Lunch", None)


def test_a_break_that_is_wished_in_a_call_begins_after_it():
    agent = after(RINGING, TALKING).wanting("break", "Lunch")

    assert agent.state == "talking"
    assert after(ENDED, agent=agent).wanting("break", "Lunch").state == "break"


def test_ready_without_a_phone_is_shown_as_it_is():
    assert replace(READY, phone="unreachable").state == "unreachable"


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_agent_without_an_extension_stands_nowhere(nothing):
    assert READY.place(nothing, QUEUES) is None


def test_an_agent_who_is_offline_or_whose_department_has_no_queue_stands_nowhere():
    assert Agent(user_id=1).place("201", QUEUES) is None
    assert READY.place("201", frozenset()) is None


def test_what_an_extension_has_to_do_with_a_call():
    parts = [part_in(call, "201") for call in (RINGING, TALKING, PLACED, ENDED)]

    assert parts == ["ringing", "talking", "placed", "ended"]
    assert part_in(TALKING, "202") == "ended"
