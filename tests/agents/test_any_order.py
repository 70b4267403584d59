"""Whatever happens in whatever order, nobody is left stuck: neither in a state nor in a queue."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from callcenter.agents.agent import Agent, Place
from callcenter.agents.places import Places
from callcenter.calls.call import Call, Direction, State
from callcenter.errors import ExchangeUnavailable
from tests.draws import cases
from tests.popups.office import Exchange

ANH = 1
QUEUES = frozenset({"sales", "care"})
BASE = Call(
    call_id="",
    direction=Direction.INBOUND,
    started_at=datetime(2026, 11, 20, tzinfo=UTC),
    state=State.WAITING,
)


class Moody(Exchange):
    """Goes away after so many more actions, in the middle of whatever is under way."""

    patience = 10**9

    def _there(self):
        self.patience -= 1
        if self.patience < 0:
            self.connected = False
        super()._there()


class AtWork(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.exchange = Moody()
        self.agent = Agent(user_id=ANH)
        self.calls = {}
        self.wishes = 0
        self.places = Places(lambda _: self.agent.place("201", QUEUES), lambda _: "Ánh")
        self.places.exchange = self.exchange

    def teardown(self):
        self.happens(self.places.close)
        self.loop.close()

    def happens(self, what):
        async def inside():
            result = what()
            if asyncio.iscoroutine(result):
                await result

        self.loop.run_until_complete(inside())

    def becomes(self, agent):
        self.agent = agent
        self.happens(lambda: self.places.move(ANH))

    def call(self, call_id, **change):
        call = replace(self.calls.get(call_id, replace(BASE, call_id=call_id)), **change)
        if call.state is State.ENDED:
            self.calls.pop(call_id, None)
        else:
            self.calls[call_id] = call
        self.becomes(self.agent.after(call, "201"))

    @rule(wish=st.sampled_from(["ready", "break", "offline"]))
    def wishes_for(self, wish):
        self.becomes(self.agent.wanting(wish, "Lunch"))

    @rule(state=st.sampled_from(["reachable", "unreachable", "in_use", "ringing"]))
    def phone_is(self, state):
        self.becomes(replace(self.agent, phone=state))

    @rule(call_id=st.sampled_from("abc"))
    def rings(self, call_id):
        self.call(call_id, state=State.RINGING, ringing=frozenset({"201"}), talking=frozenset())

    @rule(call_id=st.sampled_from("abc"))
    def answers(self, call_id):
        self.call(
            call_id,
            state=State.TALKING,
            ringing=frozenset(),
            talking=frozenset({"201"}),
            agents=("201",),
        )

    @rule(call_id=st.sampled_from("abc"))
    def a_colleague_answers(self, call_id):
        self.call(call_id, state=State.TALKING, ringing=frozenset(), talking=frozenset({"202"}))

    @rule(call_id=st.sampled_from("abc"))
    def calls_out(self, call_id):
        self.call(call_id, state=State.CALLING_AGENT, placed_by="201")

    @rule(call_id=st.sampled_from("abc"))
    def ends(self, call_id):
        self.call(call_id, state=State.ENDED, ringing=frozenset(), talking=frozenset())

    @rule()
    def page_is_closed_for_long(self):
        self.becomes(replace(self.agent, wish="offline", reason=""))

    @rule(actions=st.integers(0, 4))
    def exchange_will_go_away(self, actions):
        self.exchange.patience = actions

    @precondition(lambda self: not self.exchange.connected)
    @rule(forgets=st.booleans())
    def exchange_comes_back(self, forgets):
        if forgets:
            self.exchange.members.clear()
        self.exchange.connected, self.exchange.patience = True, 10**9
        self.happens(self.log_in)

    async def log_in(self):
        try:
            await self.places.after_login([ANH], {"201": ANH})
        except ExchangeUnavailable:
            raise AssertionError("it was there") from None

    @rule()
    def everything_settles(self):
        self.happens(lambda: self.places.settled(ANH))

    @invariant()
    def nobody_talks_without_a_call(self):
        if not self.calls:
            assert self.agent.state not in ("talking", "ringing")

    @invariant()
    def what_is_shown_is_what_is(self):
        busy = any(
            "201" in call.talking
            or (call.placed_by == "201" and not call.agents and "202" not in call.talking)
            for call in self.calls.values()
        )
        assert not (busy and self.agent.state != "talking")

    @invariant()
    def a_settled_agent_stands_where_they_should(self):
        self.happens(lambda: self.places.settled(ANH))
        if not self.exchange.connected:
            return
        place: Place | None = self.agent.place("201", QUEUES)
        expected = {pair: (place.paused, place.reason) for pair in place.pairs} if place else {}
        assert self.exchange.members == expected


TestAtWork = AtWork.TestCase
TestAtWork.settings = settings(
    max_examples=cases(60),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
