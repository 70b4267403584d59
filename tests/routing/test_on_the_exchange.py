"""Known customers on the real exchange: their own agent's phone first, then whoever is there."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.agents.presence import Presence
from callcenter.asterisk.dialplan import USER
from callcenter.asterisk.link import Link
from callcenter.calls.board import Board
from callcenter.calls.call import State
from callcenter.customers.cards import Cards
from callcenter.db import engine_for
from callcenter.people.directory import Directory
from callcenter.routing.owner_first import OwnerFirst
from callcenter.settings.parameters import Parameters
from callcenter.tasks import running
from tests.routing.house import CUSTOMER, PEOPLE, STRANGER, furnish
from tests.stage import stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES, CARE = "02873001234", "19006789"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    async with stage(tmp_path_factory.mktemp("stage")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage):
    yield one_stage
    await one_stage.cleared()


class Work:
    """A service as far as this needs one; `seen`: what became of the calls, in order."""

    def __init__(self, stage, engine, directory, sessions):
        self.stage, self.directory = stage, directory
        self.presence = Presence(directory, sessions)
        self.cards = Cards(engine)
        self.seen, self._news = [], asyncio.Event()
        self.board = Board(
            [self.presence.push, lambda change: self.owner_first.push(change), self._see]
        )
        self.owner_first = OwnerFirst(
            self.board,
            self.cards,
            directory,
            engine,
            is_ready=self.presence.roll.is_free,
            rules=lambda: Parameters(owner_rings_s=3, team_rings_s=3),
        )
        self.link = Link(
            host="127.0.0.1",
            port=stage.ports.ami,
            user=USER,
            secret=stage.secrets.ami,
            apply=self.board.hear,
            settle=self.board.settle,
            phone_changed=self.presence.phone_changed,
            ready=self.presence.after_login,
        )
        self.presence.listeners.append(lambda _: self._news.set())
        self.presence.exchange, self.owner_first.exchange = self.link, self.link.moves

    def _see(self, change):
        self.seen.append(change.after)
        self._news.set()

    async def ready(self, *extensions):
        for user_id in (PEOPLE[each][0] for each in extensions):
            await self._until(lambda: self.presence.of(user_id).phone != "unreachable")  # noqa: B023
            await self.presence.want(user_id, "ready")

    async def call(self, true):
        """The call, once it is so."""
        await self._until(lambda: any(map(true, self.seen)))
        return next(filter(true, self.seen))

    async def _until(self, true):
        async with asyncio.timeout(20):
            while not true():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def service(stage, url, owner):
    engine = engine_for(url)
    sessions, directory = async_sessionmaker(engine, expire_on_commit=False), Directory()
    await furnish(sessions, owner)
    await directory.load(sessions)
    work = Work(stage, engine, directory, sessions)
    async with running(work.presence.write(), "diary"), running(work.link.run(), "link"):
        await work.link.wait_connected(10)
        yield work
        await work.owner_first.close()
        await work.presence.close()
        work.link.close()
        await work.presence.drain()
    await work.cards.close()
    await engine.dispose()


def rung(house):
    """The phones that have rung, in their order."""
    return [event["Extension"] for event in house.world.found("UserEvent", UserEvent="PhoneRings")]


async def test_a_known_customer_rings_their_own_agent_who_sees_the_queue(house, sqlite_url):
    async with service(house, sqlite_url, owner="103") as work:
        await work.ready("100", "103")
        await house.carrier.call(SALES, CUSTOMER)

        call = await work.call(lambda call: call.state is State.RINGING)
        assert (call.ringing, call.queue, call.did) == ({"103"}, "sales", SALES)
        talking = await work.call(lambda call: call.agents == ("103",))

    assert talking.state is State.TALKING
    between = work.seen[work.seen.index(call) : work.seen.index(talking)]
    assert {each.state for each in between} == {State.RINGING}  # nobody's page blinks
    assert rung(house) == ["103"]
    assert house.heard.found("QueueCallerJoin") == []


async def test_an_agent_who_does_not_answer_leaves_the_customer_to_the_queue(house, sqlite_url):
    async with service(house, sqlite_url, owner="101") as work:  # never picked up
        await work.ready("101")
        await house.ready("sales", "103")
        await house.carrier.call(SALES, CUSTOMER)

        call = await work.call(lambda call: call.agents == ("103",))

    assert call.rung[0] == "101"
    assert rung(house)[0] == "101"
    assert house.heard.found("QueueCallerJoin", Queue="sales")


async def test_who_talks_is_not_disturbed_and_the_customer_has_the_queue_at_once(house, sqlite_url):
    async with service(house, sqlite_url, owner="103") as work:
        await work.ready("103")
        await house.carrier.call(SALES, STRANGER)
        await work.call(lambda call: call.agents == ("103",))
        await work.ready("100")

        await house.carrier.call(SALES, CUSTOMER)
        call = await work.call(lambda call: call.number == CUSTOMER and call.agents)

    assert (call.rung, call.agents) == (("100",), ("100",))
    assert rung(house) == ["103", "100"]


async def test_a_stranger_goes_to_the_queue_without_waiting(house, sqlite_url):
    async with service(house, sqlite_url, owner="103") as work:
        await house.carrier.call(SALES, STRANGER, then="short")
        await house.heard.event("QueueCallerJoin")
        await work.call(lambda call: call.queue == "sales")

    assert rung(house) == []


async def test_an_agent_of_another_department_then_their_team_then_the_queue(house, sqlite_url):
    async with service(house, sqlite_url, owner="101") as work:
        await work.ready("101", "100", "104")  # 104 alone has care's calls
        await house.carrier.call(CARE, CUSTOMER)

        call = await work.call(lambda call: call.agents)

    assert (call.rung, call.agents, call.queue) == (("101", "100"), ("100",), "care")
    assert rung(house) == ["101", "100"]


async def test_a_customer_who_gives_up_while_their_agent_is_rung_counts_for_the_queue(
    house, sqlite_url
):
    async with service(house, sqlite_url, owner="101") as work:
        await work.ready("101")
        caller = await house.carrier.call(SALES, CUSTOMER)
        await work.call(lambda call: call.ringing == {"101"})
        await house.carrier.hang_up(caller)

        call = await work.call(lambda call: call.state is State.ENDED)

    assert (call.result, call.queue, call.ended_by) == ("abandoned", "sales", "customer")
    assert house.heard.found("QueueCallerJoin") == []


async def test_without_a_service_a_customer_comes_to_the_queue_all_the_same(house):
    await house.ready("sales", "104")

    await house.carrier.call(SALES, CUSTOMER, then="short")

    assert (await house.heard.event("AgentConnect"))["Interface"] == "PJSIP/104"
