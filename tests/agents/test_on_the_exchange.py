"""States that are true on a real exchange: fifty agents, hands on its console, calls in vain."""

import asyncio
import os
import signal
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.agents.rings import RingRules
from callcenter.asterisk.dialplan import USER
from callcenter.calls.call import State
from callcenter.carrier import carrier
from callcenter.carrier.behaviour import DESKS
from callcenter.db import engine_for
from callcenter.migrations import migrate
from callcenter.people.models import Department, Role
from callcenter.people.models import User as Person
from callcenter.settings.models import Queue
from tests.agents.floor import floor
from tests.stage import stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES = "02873001234"
AGENTS = range(50)  # user id 1 has extension 100, and so on
WHISTLES, NEVER, REFUSES, TALKS = 1, 2, 3, 4  # user ids, by what their phones do


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrier, "DESKS", DESKS * 10)
        folder = tmp_path_factory.mktemp("stage")
        async with stage(folder, desk_extensions="100-149") as one:
            conf = folder / "exchange/etc/queues.conf"  # nobody waits 20 s for a test
            conf.write_text(conf.read_text().replace("timeout = 20", "timeout = 2"))
            await one.exchange.cli("queue reload all")
            yield one


@pytest_asyncio.fixture(loop_scope="module")
async def place(one_stage, tmp_path):
    """Fifty agents of sales, none of them at work; nobody has called."""
    engine = engine_for(f"sqlite+aiosqlite:///{tmp_path / 'callcenter.db'}")
    await migrate(engine)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions.begin() as session:
        session.add(Department(id=1, name="Sales", parent_id=None))
        await session.flush()
        session.add(Queue(name="sales", title="Bán hàng", department_id=1))
        for each in AGENTS:
            names = {"username": f"a{each}", "name": f"Agent {each}", "password": "!"}
            at = {"department_id": 1, "extension": str(100 + each)}
            session.add(Person(id=each + 1, role=Role.AGENT, **names, **at))
    async with floor(sessions, one_stage.ports.ami, one_stage.secrets.ami, USER) as place:
        await place.until(lambda: all(reachable(place, each + 1) for each in AGENTS))
        place.stage = one_stage
        yield place
    await one_stage.cleared()
    for each in AGENTS:
        await one_stage.exchange.cli(f"queue remove member PJSIP/{100 + each} from sales")
    await engine.dispose()


def reachable(place, user_id):
    return place.presence.of(user_id).phone != "unreachable"


async def members(place):
    """Extension -> whether it is paused, as the exchange says."""
    told = await place.link.queue_members()
    return {each["Location"].removeprefix("PJSIP/"): each["Paused"] == "1" for each in told}


async def test_fifty_agents_who_sign_in_at_once_all_end_in_true_states(place):
    await asyncio.gather(*(place.presence.want(each + 1, "ready") for each in AGENTS))

    assert {place.presence.of(each + 1).state for each in AGENTS} == {"ready"}
    assert await members(place) == {str(100 + each): False for each in AGENTS}
    await place.comparison.compare()
    assert place.comparison.open == []
    assert await place.lines() == []


async def test_what_somebody_does_on_the_console_is_put_right_with_a_line_each(place):
    for user_id in (1, 2, 3):
        await place.presence.want(user_id, "ready")
    await place.presence.want(3, "break", "lunch")
    console = place.stage.exchange.cli
    await console("queue remove member PJSIP/100 from sales")
    await console("queue pause member PJSIP/101 queue sales reason joke")
    await console("queue unpause member PJSIP/102 queue sales")
    await console("queue add member PJSIP/110 to sales")
    assert await members(place) == {"101": True, "102": False, "110": False}

    await place.comparison.compare()

    assert await members(place) == {"100": False, "101": False, "102": True}
    lines = [(kind, user_id) for kind, user_id, _ in await place.lines()]
    assert sorted(lines) == [("gone", 1), ("paused", 2), ("surplus", 11), ("unpaused", 3)]
    assert place.comparison.open == []


async def test_nobody_who_talks_gets_a_second_call_of_a_queue(place):
    await place.presence.want(WHISTLES, "ready")
    await place.stage.carrier.call(SALES, "0912345678", then="tone")
    await place.until(lambda: place.presence.of(WHISTLES).state == "talking")

    second = await place.stage.carrier.call(SALES, "0987654321", then="tone")
    await place.until(lambda: any(call.number == "0987654321" for call in place.board.calls()))
    # Whoever has been paused: the exchange itself sends no call to a phone in use.
    await place.stage.exchange.cli("queue unpause member PJSIP/100 queue sales")
    other = next(call for call in place.board.calls() if call.number == "0987654321")
    await place.stage.heard.event("QueueCallerJoin", Uniqueid=other.call_id)
    for _ in range(3):  # each asks the exchange, which has tried again in the meantime
        await place.stage.exchange.cli("core show channels")
    assert place.board.call(other.call_id).rung == ()

    await place.comparison.compare()
    assert await members(place) == {"100": True}
    first = next(call for call in place.board.calls() if call.number == "0912345678")
    await place.link.hang_up(first.call_id)
    await place.until(lambda: place.presence.of(WHISTLES).state == "wrap_up")
    assert place.board.call(other.call_id).rung == ()
    await place.presence.want(WHISTLES, "ready")
    await place.until(lambda: place.board.call(other.call_id).rung == ("100",))
    assert second


async def test_who_declines_two_calls_in_a_row_is_on_a_break_and_another_is_asked(place):
    place.presence.ring_rules = RingRules(most=2, pause_s=1.0)
    await place.presence.want(REFUSES, "ready")

    await place.stage.carrier.call(SALES, "0912345678", then="tone")
    await place.until(lambda: place.presence.of(REFUSES).state == "break")
    await place.presence.places.settled(REFUSES)

    me = place.presence.of(REFUSES)
    assert (me.reason, me.missed, me.declined) == ("declined", 0, 2)
    assert await members(place) == {"102": True}
    assert [(kind, who) for kind, who, _ in await place.lines()] == [("declined", REFUSES)]
    [call] = place.board.calls()
    assert (call.state, call.declined) == (State.WAITING, ("102", "102"))
    await place.presence.want(WHISTLES, "ready")
    await place.until(lambda: place.presence.of(WHISTLES).state == "talking")


async def test_a_phone_that_rings_in_vain_is_not_rung_again_before_others(place):
    place.presence.ring_rules = RingRules(most=0, pause_s=3600)
    await place.presence.want(NEVER, "ready")
    await place.stage.carrier.call(SALES, "0912345678", then="tone")
    await place.until(lambda: place.presence.of(NEVER).missed == 1)
    await place.presence.places.settled(NEVER)

    assert await members(place) == {"101": True}
    await place.presence.want(TALKS, "ready")
    await place.until(lambda: place.board.calls()[0].agents)  # both are in the bridge

    [call] = place.board.calls()
    assert place.presence.of(TALKS).state == "talking"
    assert (call.missed, call.rung, call.agents) == (("101",), ("101", "103"), ("103",))


async def test_an_exchange_that_was_killed_has_everybody_back_with_a_line(place):
    await asyncio.gather(*(place.presence.want(each + 1, "ready") for each in AGENTS))
    began = datetime.now(UTC)

    os.kill(place.stage.exchange.pid, signal.SIGKILL)
    await place.until(lambda: place.logins == 2, within=60)

    assert await members(place) == {str(100 + each): False for each in AGENTS}
    lines = [line for line in await place.lines() if line[0] == "gone"]
    assert {user_id for _, user_id, _ in lines} == {each + 1 for each in AGENTS}
    assert all(place.presence.roll.since_of(each + 1) for each in AGENTS)
    assert began
