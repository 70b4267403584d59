"""One reason for each agent of a queue: asked, or why not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.agents import causes
from callcenter.agents.agent import Agent
from callcenter.calls.call import Call, Direction, State
from callcenter.explain.reasons import (
    Asked,
    Looks,
    Reason,
    Snapshot,
    asked_of,
    reason,
    standing,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALL = Call(
    call_id="c1", direction=Direction.INBOUND, started_at=NOON, state=State.WAITING, queue="sales"
)


def call(**values):
    facts = {name: getattr(CALL, name) for name in ("call_id", "direction", "started_at", "queue")}
    return Call(**{**facts, "state": State.WAITING, **values})


def looks(**values):
    """201, ready at an open page, and of the values given."""
    known = {"wish": "ready", "phone": "reachable"} | values
    about = {name: known.pop(name) for name in ("cause", "page") if name in known}
    extension = known.pop("extension", "201")
    return Looks(Agent(user_id=1, **known), extension, **{"page": True, **about})


def why(who, offered, **more):
    return reason(standing(who), who.extension, offered, **more)


@pytest.mark.parametrize(
    "who, expected",
    [
        (looks(), Reason.NOT_THEIR_TURN),
        (looks(extension=None), Reason.NO_EXTENSION),
        (looks(wish="offline"), Reason.SIGNED_OUT),
        (looks(wish="offline", cause=causes.PAGE), Reason.PAGE_CLOSED),
        (looks(phone="unreachable"), Reason.UNREACHABLE),
        (looks(phone="unreachable", page=False), Reason.PAGE_CLOSED),
        (looks(wish="break", reason="lunch"), Reason.BREAK),
        (looks(wish="break", phone="unreachable", page=False), Reason.BREAK),
        (looks(calls={"c0": "talking"}), Reason.TALKING),
        (looks(calls={"c0": "held"}), Reason.ON_HOLD),
        (looks(calls={"c0": "ringing"}), Reason.RINGING),
        (looks(wrap_up=CALL), Reason.WRAP_UP),
        (looks(resting=True), Reason.RESTING),
    ],
)
def test_why_a_call_does_not_ring_at_somebody(who, expected):
    assert why(who, CALL) is expected


def test_who_is_not_where_they_should_be_is_not_in_the_queue():
    assert why(looks(), CALL, placed=False) is Reason.NOT_IN_QUEUE
    assert why(looks(wish="break"), CALL, placed=False) is Reason.BREAK


def test_whom_it_rings_at_is_asked_whatever_else_is_known():
    ringing = call(state=State.RINGING, ringing=frozenset({"201"}))

    assert why(looks(calls={"c1": "ringing"}), ringing) is Reason.ASKED
    assert why(looks(wish="break"), ringing) is Reason.ASKED


def test_who_let_it_ring_or_sent_it_away_is_not_told_it_was_not_their_turn():
    assert why(looks(resting=True), call(missed=("201",))) is Reason.MISSED
    assert why(looks(), call(declined=("201",))) is Reason.DECLINED


AGENTS = st.builds(
    Agent,
    user_id=st.integers(1, 9),
    wish=st.sampled_from(["offline", "ready", "break"]),
    reason=st.sampled_from(["", "lunch"]),
    phone=st.sampled_from(["reachable", "unreachable", "in_use", "ringing"]),
    calls=st.dictionaries(
        st.sampled_from(["c0", "c1"]), st.sampled_from(["ringing", "talking", "held", "placed"])
    ),
    wrap_up=st.sampled_from([None, CALL]),
    resting=st.booleans(),
)
EXTENSIONS = st.lists(st.sampled_from([None, "201", "202", "203"]), min_size=1, max_size=9)


@given(
    agents=st.dictionaries(st.integers(1, 9), AGENTS),
    extensions=EXTENSIONS,
    ringing=st.frozensets(st.sampled_from(["201", "202"])),
    missed=st.lists(st.sampled_from(["202", "203"])),
    pages=st.frozensets(st.integers(1, 9)),
    on_their_way=st.frozensets(st.integers(1, 9)),
)
def test_every_agent_of_a_queue_has_exactly_one_reason(
    agents, extensions, ringing, missed, pages, on_their_way
):
    offered = call(ringing=ringing, missed=tuple(missed))
    members = list(enumerate(extensions, 1))
    standings = {
        user_id: standing(Looks(agents[user_id], extension, "", user_id in pages))
        for user_id, extension in members
        if user_id in agents
    }
    asked = Snapshot(offered, lambda: members, standings, on_their_way).told()

    told = sorted(user_id for ids in asked.because.values() for user_id in ids)
    assert told == [user_id for user_id, _ in members]
    assert {Reason(why) for why in asked.because} <= set(Reason)
    for user_id, extension in members:
        assert (asked.of(user_id) is Reason.ASKED) == (extension in ringing)


def test_what_cannot_be_read_says_nothing():
    assert asked_of("nonsense") == Asked()
