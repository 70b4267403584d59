"""Calls that rang in vain: who is asked next, and when it is a break."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from callcenter.agents import causes
from callcenter.agents.models import AgentState, StateLine
from callcenter.agents.presence import Presence
from callcenter.agents.rings import RingRules
from callcenter.asterisk.protocol import parse
from callcenter.asterisk.translate import translate
from callcenter.calls.board import Board
from callcenter.calls.call import State
from tests.agents.test_agent import QUEUES, READY, RINGING, TALKING, after
from tests.calls.test_any_order import TRANSCRIPTS
from tests.popups.office import office

ANH = 1


@pytest.fixture
async def place(sessions, engine):
    async with office(sessions, engine) as place:
        place.presence.phone_changed("201", "reachable")
        await place.presence.want(ANH, "ready")
        yield place


def vain(place, call, *, declined=False):
    """The queue gives the phone up, and the caller waits on."""
    field = "declined" if declined else "missed"
    given_up = {field: (*getattr(call, field), "201")}
    call = replace(call, state=State.WAITING, ringing=frozenset(), **given_up)
    place.calls.changes(call)
    return call


def again(place, call):
    place.calls.changes(replace(call, state=State.RINGING, ringing=frozenset({"201"})))


def test_after_a_missed_ring_the_agent_rests_so_that_somebody_else_is_asked():
    missed = after(RINGING).unanswered(1, 0, 2).after(TALKING, "202")

    rested = replace(missed, calls={})
    assert rested.state == "ready"
    assert (rested.place("201", QUEUES).paused, rested.place("201", QUEUES).reason) == (
        True,
        "missed call",
    )


def test_answering_forgets_what_was_missed():
    missed = READY.unanswered(1, 0, 2)

    assert after(RINGING, TALKING, agent=missed).rings.n == 0
    assert missed.wanting("ready", "").rings.n == 0


def test_after_enough_in_a_row_it_is_a_break_and_declining_is_called_so():
    twice = READY.unanswered(1, 0, 2).unanswered(1, 0, 2)
    declined = READY.unanswered(0, 1, 2).unanswered(0, 1, 2)
    mixed = READY.unanswered(1, 0, 2).unanswered(0, 1, 2)

    assert [each.reason for each in (twice, declined, mixed)] == ["missed", "declined", "missed"]
    assert {each.state for each in (twice, declined, mixed)} == {"break"}
    assert not twice.resting


def test_with_no_limit_nobody_is_put_on_a_break():
    agent = READY
    for _ in range(9):
        agent = agent.unanswered(1, 0, 0)

    assert agent.state == "ready"


def test_who_has_booked_what_comes_next_is_not_put_on_a_break():
    agent = after(RINGING).wanting("offline", "").unanswered(2, 0, 2)

    assert agent.after(replace(RINGING, ringing=frozenset()), "201").state == "offline"


async def test_two_missed_in_a_row_are_a_break_with_the_reason_in_words(place):
    for each in ("c1", "c2"):
        vain(place, place.calls.rings("201", call_id=each))
    await place.presence._places.settled(ANH)

    me = place.presence.of(ANH)
    assert (me.state, me.reason, me.missed, me.declined) == ("break", "missed", 2, 0)
    assert place.exchange.members == {("sales", "201"): (True, "missed")}
    await place.presence.drain()
    async with place.sessions() as session:
        row = await session.scalar(select(AgentState).order_by(AgentState.id.desc()).limit(1))
        line = await session.scalar(select(StateLine))
    assert (row.state, row.reason, row.cause) == ("break", "missed", "missed 2 0")
    assert causes.words(row.cause) == (
        "{missed} calls missed, {declined} declined in a row",
        {"name": "a team lead", "missed": "2", "declined": "0"},
    )
    assert (line.kind, line.user_id, line.details["n"]) == ("missed", ANH, "2")

    again = Presence(place.directory, place.sessions, grace=3600)
    await again.load()
    assert (again.of(ANH).reason, again.of(ANH).missed) == ("missed", 2)
    await again.close()
    me = await place.presence.want(ANH, "ready")
    assert (me.state, me.missed) == ("ready", 0)


async def test_the_same_call_may_be_missed_twice(place):
    call = vain(place, place.calls.rings("201"))
    again(place, call)
    vain(place, replace(call, missed=("201",)), declined=True)

    me = place.presence.of(ANH)
    assert (me.state, me.missed, me.declined) == ("break", 1, 1)


async def test_a_rest_is_told_to_the_exchange_and_ends_by_itself(place):
    place.presence.ring_rules = RingRules(most=2, pause_s=0.05)
    told = asyncio.Event()
    place.presence.listeners.append(lambda _: told.set())

    vain(place, place.calls.rings("201"))
    await place.presence._places.settled(ANH)
    assert place.presence.of(ANH).rests_until is not None
    assert place.exchange.members == {("sales", "201"): (True, "missed call")}

    async with asyncio.timeout(5):
        while place.presence.of(ANH).rests_until is not None:
            told.clear()
            await told.wait()
    await place.presence._places.settled(ANH)
    assert place.exchange.members == {("sales", "201"): (False, "")}


async def test_a_caller_who_gives_up_while_it_rings_is_nobodys_fault(place):
    place.calls.ends(place.calls.rings("201"))

    me = place.presence.of(ANH)
    assert (me.state, me.missed, me.rests_until) == ("ready", 0, None)


def test_a_real_exchange_tells_who_declined_a_queues_call():
    board, changes = Board(), []
    board._listeners = [changes.append]
    raw = (TRANSCRIPTS / "h_agent_rejects_queue_call.txt").read_bytes()

    for block in raw.split(b"\r\n\r\n"):
        if b"Event: " in block and (event := translate(parse(block))):
            board.apply(event)

    assert changes[-1].after.declined == ("101",)
    assert {change.after.missed for change in changes} == {()}


def test_whether_a_phone_refused_is_known_when_it_hangs_up():
    board, changes = Board(), []
    board._listeners = [changes.append]
    raw = (TRANSCRIPTS / "h_agent_rejects_queue_call.txt").read_bytes()

    for block in raw.replace(b"DialStatus: BUSY", b"DialStatus: NOANSWER").split(b"\r\n\r\n"):
        if b"Event: " in block and (event := translate(parse(block))):
            board.apply(event)

    assert changes[-1].after.declined == ("101",)
    assert {change.after.missed for change in changes} == {()}
