"""The time after a call: it counts down at the service, can be made longer, and ends by itself."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from callcenter.agents.agent import Agent
from callcenter.agents.models import AgentState
from callcenter.agents.presence import Presence
from callcenter.agents.roll import Roll
from callcenter.agents.wrap_up import WrapUps
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.models import CallRecord
from callcenter.errors import Conflict
from callcenter.people.directory import Directory
from callcenter.settings.models import Queue, Setting
from callcenter.settings.wrap_up import STEP, WrapUpRules
from tests.draws import cases
from tests.popups.office import office

ANH = 1
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@asynccontextmanager
async def an_office(sessions, engine, **rules):
    async with office(sessions, engine, now=lambda: NOW) as place:
        place.presence.phone_changed("201", "reachable")
        await place.presence.want(ANH, "ready")
        place.presence._wrap_ups.rules = WrapUpRules(**rules)
        place.over = asyncio.Event()  # set once there is no wrap-up
        place.presence.listeners.append(
            lambda user_id: place.presence.of(user_id).wrap_up or place.over.set()
        )
        yield place


def talks(place, call_id="c1"):
    call = place.calls.answers(place.calls.rings("201", call_id=call_id), "201")
    call = place.calls.ends(call, result=Result.ANSWERED)
    place.over.clear()
    return call


async def test_the_time_of_the_queue_counts_down_from_the_end_of_the_call(sessions, engine):
    async with an_office(sessions, engine, seconds=60, own={"sales": 45}) as place:
        talks(place)

        me = place.presence.of(ANH)
        assert (me.state, me.wrap_up_ends) == ("wrap_up", NOW + timedelta(seconds=45))


async def test_when_the_time_is_over_the_agent_is_ready_and_takes_calls_again(sessions, engine):
    async with an_office(sessions, engine, seconds=0.01) as place:
        talks(place)

        await asyncio.wait_for(place.over.wait(), 5)

        me = place.presence.of(ANH)
        assert (me.state, me.wrap_up, me.wrap_up_ends) == ("ready", None, None)
        await place.presence._places.settled(ANH)
        assert place.exchange.members["sales", "201"] == (False, "")
        await place.presence.drain()
        async with sessions() as session:
            rows = await session.scalars(select(AgentState).order_by(AgentState.id))
            assert rows.all()[-1].cause == "wrap-up over"


async def test_who_wished_for_a_break_in_the_call_is_on_it_afterwards(sessions, engine):
    async with an_office(sessions, engine, seconds=0.01) as place:
        call = place.calls.answers(place.calls.rings("201"), "201")
        await place.presence.want(ANH, "break", "Lunch")
        place.calls.ends(call, result=Result.ANSWERED)
        place.over.clear()

        await asyncio.wait_for(place.over.wait(), 5)

        assert place.presence.of(ANH).state == "break"


async def test_without_a_time_the_wrap_up_lasts_until_the_agent_says_so(sessions, engine):
    async with an_office(sessions, engine, seconds=0) as place:
        talks(place)

        me = place.presence.of(ANH)
        assert (me.wrap_up, me.wrap_up_ends, me.wrap_up_more) == ("c1", None, 0)
        with pytest.raises(Conflict, match="No time is running"):
            place.presence.more_time(ANH)


async def test_more_time_comes_in_steps_up_to_the_limit(sessions, engine):
    async with an_office(sessions, engine, seconds=60, more=STEP + 10) as place:
        talks(place)

        first, second = place.presence.more_time(ANH), place.presence.more_time(ANH)

        assert first.wrap_up_ends == NOW + timedelta(seconds=60 + STEP)
        assert second.wrap_up_ends == NOW + timedelta(seconds=60 + STEP + 10)
        assert (first.wrap_up_more, second.wrap_up_more) == (10, 0)
        with pytest.raises(Conflict, match="all the time"):
            place.presence.more_time(ANH)


async def test_nobody_has_more_time_who_is_not_in_a_wrap_up(sessions, engine):
    async with an_office(sessions, engine, seconds=60) as place:
        with pytest.raises(Conflict):
            place.presence.more_time(ANH)


async def test_each_call_has_its_own_time(sessions, engine):
    async with an_office(sessions, engine, seconds=60, more=STEP) as place:
        talks(place)
        place.presence.more_time(ANH)
        talks(place, "c2")

        me = place.presence.of(ANH)
        assert (me.wrap_up, me.wrap_up_more) == ("c2", STEP)
        assert me.wrap_up_ends == NOW + timedelta(seconds=60)


async def test_a_finished_wrap_up_has_no_time_that_could_end_another(sessions, engine):
    async with an_office(sessions, engine, seconds=60) as place:
        talks(place)

        me = await place.presence.want(ANH, "ready")

        assert (me.wrap_up_ends, place.presence._wrap_ups._running) == (None, {})


async def test_a_service_that_comes_back_gives_the_whole_time_again(sessions, engine):
    async with an_office(sessions, engine, seconds=60) as place:
        talks(place)
        await place.presence.drain()
    async with sessions.begin() as session:
        session.add(Setting(name="wrap_up_s", value="90"))
        session.add(
            CallRecord(
                call_id="c1",
                direction="inbound",
                state="ended",
                queue="sales",
                started_at=NOW,
                ended_at=NOW,
            )
        )
    directory = Directory()
    await directory.load(sessions)
    presence = Presence(directory, sessions, now=lambda: NOW + timedelta(minutes=5))

    await presence.load()

    assert presence.of(ANH).wrap_up_ends == NOW + timedelta(minutes=5, seconds=90)
    await presence.close()


async def test_changed_rules_count_from_the_next_call_on(sessions, engine):
    async with an_office(sessions, engine, seconds=60) as place:
        talks(place)
        async with sessions.begin() as session:
            (await session.get_one(Queue, "sales")).wrap_up_s = 20
        await place.presence.load_rules()
        assert place.presence.of(ANH).wrap_up_ends == NOW + timedelta(seconds=60)

        talks(place, "c2")

        assert place.presence.of(ANH).wrap_up_ends == NOW + timedelta(seconds=20)


class Clock:
    """A time that stands still until it is moved; nothing waits for it."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@settings(max_examples=cases(60), deadline=None)
@given(
    st.floats(1, 300),
    st.integers(0, 200),
    st.lists(st.sampled_from(["c1", "c2", None, "more", "wait"]), max_size=25),
)
async def test_whatever_happens_one_time_runs_and_it_ends_within_the_limit(seconds, more, steps):
    clock = Clock()
    wrap_ups = WrapUps(lambda user_id: None, clock)
    wrap_ups.rules = WrapUpRules(seconds=seconds, more=more)
    call, begun = None, NOW
    for step in steps:
        if step == "more":
            with suppress(Conflict):
                wrap_ups.more(ANH)
        elif step == "wait":
            clock.now += timedelta(seconds=1)
        elif step != call:
            call, begun = step, clock.now
            wrap_ups.follow(ANH, ended(call) if call else None)
        ends = wrap_ups.ends(ANH)
        assert (ends is None) == (call is None)
        assert len(wrap_ups._running) == bool(call)
        if ends:
            assert begun + timedelta(seconds=seconds) <= ends
            assert ends <= begun + timedelta(seconds=seconds + more)
    wrap_ups.close()
    assert wrap_ups._running == {}


def ended(call_id):
    return Call(
        call_id=call_id, direction=Direction.INBOUND, started_at=NOW, state=State.ENDED, queue="q"
    )


def test_the_time_that_was_spent_is_told_when_it_is_over():
    times = iter([NOW, NOW, NOW + timedelta(seconds=42), NOW + timedelta(seconds=50)])
    roll, told = Roll(Directory(), None, lambda: next(times)), []
    roll.wrapped_up = lambda call_id, seconds: told.append((call_id, seconds))
    ended = Call(
        call_id="1.1",
        direction=Direction.INBOUND,
        state=State.ENDED,
        started_at=NOW,
        result=Result.ANSWERED,
    )
    agent = Agent(user_id=ANH, wish="ready", phone="reachable", wrap_up=ended)

    roll.set(agent, "call 1.1")
    assert told == []
    roll.set(agent.finished(), "time")
    roll.set(replace(agent, wrap_up=None, wish="offline"), "page")

    assert told == [("1.1", 42.0)]
