"""Whatever happens in whatever order: once all has calmed down, a wish for ready makes ready.

A real link speaks real AMI with a fake exchange; calls come over that wire, pages open and close,
phones vanish, the exchange goes away and comes back, and timers fire.
"""

import asyncio
import shutil
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.agents.rings import RingRules
from callcenter.db import engine_for
from callcenter.errors import Conflict
from callcenter.migrations import migrate
from tests.agents.floor import floor
from tests.draws import cases
from tests.fakes import fake_asterisk
from tests.popups.office import furnish

ANH = 1
ANHS, COLLEAGUES = "PJSIP/201", "PJSIP/202"
SOON = 0.001  # seconds, for everything that waits for time
CALLS = st.integers(0, 2)
TEMPLATE: list[Path] = []


def template():
    """A database with the office in it; made once."""
    if not TEMPLATE:
        path = Path(tempfile.mkdtemp(prefix="callcenter-stuck-")) / "callcenter.db"

        async def make():
            engine = engine_for(f"sqlite+aiosqlite:///{path}")
            await migrate(engine)
            await furnish(async_sessionmaker(engine, expire_on_commit=False))
            await engine.dispose()

        asyncio.run(make())
        TEMPLATE.append(path)
    return TEMPLATE[0]


class AtWork(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        path = template()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.count = 0
        self.pages = 0
        self.alive = {}  # number of the call: (caller, agent's leg or None)
        self.up = True
        self.happens(self.begin(path))

    async def begin(self, template):
        folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="callcenter-stuck-"))
        path = shutil.copy(template, folder)
        engine = engine_for(f"sqlite+aiosqlite:///{path}")
        self.stack.push_async_callback(engine.dispose)
        sessions = async_sessionmaker(engine, expire_on_commit=False)
        self.asterisk = await self.stack.enter_async_context(fake_asterisk())
        self.asterisk.queues = {"sales": {}, "care": {}}
        self.asterisk.devices = {ANHS: "NOT_INUSE", COLLEAGUES: "NOT_INUSE"}
        self.place = await self.stack.enter_async_context(
            floor(sessions, self.asterisk.port, grace=SOON)
        )
        self.place.presence.ring_rules = RingRules(most=2, pause_s=SOON)

    def teardown(self):
        self.happens(self.stack.aclose())
        self.loop.close()

    def happens(self, what):
        return self.loop.run_until_complete(what)

    async def heard(self):
        """Wait until the link has read what the exchange said, whatever it was."""
        if self.up and self.place.link.connected:
            await self.place.link._ami.ask("Ping")

    def says(self, event, channel, **more):
        async def inside():
            at = {"Timestamp": f"{time.time():.6f}"}
            await self.asterisk.says(event, {**channel, **at, **more})
            await self.heard()

        self.happens(inside())

    # ------------------------------------------------------------------ the agent

    @rule(wish=st.sampled_from(["ready", "break", "offline"]))
    def wishes(self, wish):
        async def inside():
            try:
                await self.place.presence.want(ANH, wish, "lunch" if wish == "break" else "")
            except Conflict:  # the phone is away
                assert self.place.presence.of(ANH).phone == "unreachable"

        self.happens(inside())

    @rule()
    def opens_a_page(self):
        self.happens(asyncio.sleep(0, self.place.presence.page_opened(ANH)))
        self.pages += 1

    @precondition(lambda self: self.pages)
    @rule()
    def closes_a_page(self):
        async def inside():
            self.place.presence.page_closed(ANH)

        self.happens(inside())
        self.pages -= 1

    @rule(state=st.sampled_from(["NOT_INUSE", "UNAVAILABLE", "INUSE", "RINGING"]))
    def phone_is(self, state):
        self.asterisk.devices[ANHS] = state
        self.says("DeviceStateChange", {"Device": ANHS, "State": state})

    # ------------------------------------------------------------------ calls

    @precondition(lambda self: self.up and len(self.alive) < 3)
    @rule()
    def somebody_calls(self):
        self.count += 1
        caller = channel("PJSIP/carrier", self.count, f"x{self.count}.1", self.count)
        self.alive[self.count] = [caller, None]
        self.asterisk.channels.append(caller)
        self.says("Newchannel", caller)
        self.says("QueueCallerJoin", caller, Queue="sales", Position="1", Count="1")

    @precondition(lambda self: self.up and self.waiting())
    @rule(at=CALLS, who=st.sampled_from([ANHS, ANHS, COLLEAGUES]))
    def it_rings(self, at, who):
        waiting = self.waiting()
        number = waiting[at % len(waiting)]
        self.count += 1
        leg = channel(who, self.count, f"x{self.count}.2", number, state="Ringing", number="201")
        self.alive[number][1] = leg
        self.asterisk.channels.append(leg)
        self.says("Newchannel", leg)
        self.says("Newstate", leg)

    @precondition(lambda self: self.up and self.ringing())
    @rule(at=CALLS)
    def it_is_answered(self, at):
        number = self.ringing()[at % len(self.ringing())]
        caller, leg = self.alive[number]
        for each in (caller, leg):
            each |= {"ChannelState": "6", "ChannelStateDesc": "Up", "BridgeId": f"b{number}"}
            self.says("Newstate", each)
            self.says("BridgeEnter", each, BridgeUniqueid=f"b{number}")

    @precondition(lambda self: self.up and self.ringing())
    @rule(at=CALLS, declined=st.booleans())
    def it_rings_in_vain(self, at, declined):
        number = self.ringing()[at % len(self.ringing())]
        caller, leg = self.alive[number]
        dest = {f"Dest{name}": value for name, value in leg.items()}
        if declined:
            self.says("DialEnd", caller, **dest, DialStatus="BUSY")
        self.says("AgentRingNoAnswer", caller, **dest, Queue="sales", RingTime="1000")
        self.alive[number][1] = None
        self.asterisk.channels.remove(leg)
        self.says("Hangup", leg, Cause="17" if declined else "26")

    @precondition(lambda self: self.up and self.talking())
    @rule(at=CALLS, on=st.booleans())
    def it_is_held(self, at, on):
        number = self.talking()[at % len(self.talking())]
        self.says("Hold" if on else "Unhold", self.alive[number][1])

    @precondition(lambda self: self.alive)
    @rule(at=CALLS, heard=st.booleans())
    def it_ends(self, at, heard):
        number = list(self.alive)[at % len(self.alive)]
        for leg in filter(None, self.alive.pop(number)):
            self.asterisk.channels.remove(leg)
            if heard and self.up:  # else we learn of it by comparing
                self.says("Hangup", leg, Cause="16")

    def waiting(self):
        return [n for n, (_, leg) in self.alive.items() if leg is None]

    def ringing(self):
        return [n for n, (c, leg) in self.alive.items() if leg and leg["ChannelState"] != "6"]

    def talking(self):
        return [n for n, (c, leg) in self.alive.items() if leg and leg["ChannelState"] == "6"]

    # --------------------------------------------------------------- the exchange

    @precondition(lambda self: self.up)
    @rule(forgets=st.booleans())
    def exchange_goes_away(self, forgets):
        async def inside():
            await self.asterisk.stops()
            await self.asterisk.is_left()

        self.happens(inside())
        self.up = False
        if forgets:
            self.alive.clear()
            self.asterisk.channels.clear()
            self.asterisk.queues = {"sales": {}, "care": {}}

    @precondition(lambda self: not self.up)
    @rule()
    def exchange_comes_back(self):
        self.happens(self.come_back())

    async def come_back(self):
        before = self.place.logins
        await self.asterisk.listens()
        self.up = True
        await self.place.until(lambda: self.place.logins > before)

    @precondition(lambda self: self.up)
    @rule(what=st.sampled_from(["remove", "pause", "unpause"]))
    def somebody_touches_the_queue(self, what):
        members = self.asterisk.queues["sales"]
        if what == "remove":
            members.pop(ANHS, None)
        elif ANHS in members:
            members[ANHS]["Paused"] = "1" if what == "pause" else "0"

    @precondition(lambda self: self.up)
    @rule()
    def the_half_minute_is_over(self):
        self.happens(self.place.comparison.compare())

    @rule()
    def time_goes_by(self):
        self.happens(asyncio.sleep(SOON * 2))

    # ----------------------------------------------------------------- what holds

    @invariant()
    def a_call_that_is_shown_is_on_the_board(self):
        agent = self.place.presence.roll.of(ANH)
        assert set(agent.calls) <= {call.call_id for call in self.place.board.calls()}

    @invariant()
    def nobody_rests_without_a_timer(self):
        agent = self.place.presence.roll.of(ANH)
        resting = self.place.presence._resting.until(ANH)
        assert not agent.resting or resting

    def teardown_calm(self):
        """Everything calms down; then Ready is ready, and unpaused in the queue."""

        async def inside():
            if not self.up:
                await self.come_back()
            self.alive.clear()
            self.asterisk.channels.clear()
            self.asterisk.devices[ANHS] = "NOT_INUSE"
            await self.place.comparison.compare()
            self.place.presence.page_opened(ANH)
            me = await self.place.presence.want(ANH, "ready")
            assert (me.state, me.wrap_up, me.booked) == ("ready", None, None)
            await self.place.comparison.compare()
            await self.place.presence.places.settled(ANH)
            return self.asterisk.queues["sales"][ANHS]

        assert self.happens(inside())["Paused"] == "0"
        assert self.place.comparison.open == []


class Calmed(AtWork):
    def teardown(self):
        try:
            self.teardown_calm()
        finally:
            super().teardown()


def channel(name, count, channel_id, linked, *, state="Ring", number="0912345678"):
    """A channel as an exchange tells it; `linked` is the call's number."""
    numbers = {"Ring": "4", "Ringing": "5", "Up": "6"}
    return {
        "Channel": f"{name}-{count:08x}",
        "ChannelState": numbers[state],
        "ChannelStateDesc": state,
        "CallerIDNum": number,
        "CallerIDName": "<unknown>",
        "ConnectedLineNum": "<unknown>",
        "Context": "from-trunk",
        "Exten": "02873001234",
        "Uniqueid": channel_id,
        "Linkedid": f"x{linked}.1",
        "ChanVariable": f"CCID=x{linked}.1",
    }


TestNeverStuck = Calmed.TestCase
TestNeverStuck.settings = settings(
    max_examples=cases(25),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
