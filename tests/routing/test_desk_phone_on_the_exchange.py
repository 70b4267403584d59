"""An agent whose desk phone rings instead of the page, on the real exchange: the same calls."""

from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.calls.call import State
from callcenter.db import engine_for
from callcenter.people.models import User
from callcenter.phone.what_rings import WhatRings
from tests.routing.house import CUSTOMER, PEOPLE, STRANGER
from tests.routing.test_on_the_exchange import SALES, rung, service
from tests.stage import stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

OWN = "201"  # has a page, and a desk phone


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    async with stage(tmp_path_factory.mktemp("stage"), desk_phones=["desk201"]) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage):
    yield one_stage
    await one_stage.cleared()


@asynccontextmanager
async def at_the_desk(house, url, owner="103"):
    """A service whose agent of 100 has the extension 201 now, and picks up at the desk phone."""
    async with service(house, url, owner) as work:
        engine = engine_for(url)
        async with async_sessionmaker(engine).begin() as session:
            user = await session.get_one(User, PEOPLE["100"][0])
            user.extension, user.rings = OWN, "desk"
        await work.directory.load(async_sessionmaker(engine))
        await engine.dispose()
        what_rings = WhatRings(work.directory)
        what_rings.exchange = work.link.moves
        await what_rings.after_login()
        work.presence.people_changed()
        yield work
        await what_rings.close()


async def test_the_queue_calls_the_desk_phone_and_the_call_is_the_agents(house, sqlite_url):
    async with at_the_desk(house, sqlite_url) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER, then="tone")

        call = await work.call(lambda call: call.agents)
        assert (call.state, call.agents, call.rung) == (State.TALKING, (OWN,), (OWN,))
        assert work.presence.of(PEOPLE["100"][0]).state == "talking"
        await work.link.hang_up(call.call_id)
        ended = await work.call(lambda call: call.state is State.ENDED)

    assert (ended.result, ended.queue, ended.agents) == ("answered", "sales", (OWN,))
    assert rung(house) == ["desk201"]
    assert work.presence.of(PEOPLE["100"][0]).state == "wrap_up"


async def test_the_customers_own_agent_is_rung_at_the_desk(house, sqlite_url):
    async with at_the_desk(house, sqlite_url, owner="100") as work:
        await work.ready("100", "103")
        await house.carrier.call(SALES, CUSTOMER)

        call = await work.call(lambda call: call.agents)

    assert call.agents == (OWN,)
    assert rung(house) == ["desk201"]


async def test_an_agent_calls_out_from_the_desk(house, sqlite_url):
    async with at_the_desk(house, sqlite_url) as work:
        await work.ready("100")
        await work.link.originate(
            "out-1", extension=OWN, endpoint="desk201", number="0900000111", caller_id="0900000111"
        )

        call = await work.call(lambda call: call.agents)

    assert (call.call_id, call.placed_by, call.agents, call.number) == (
        "out-1",
        OWN,
        (OWN,),
        "0900000111",
    )


async def test_a_colleague_hands_a_customer_over_to_the_desk(house, sqlite_url):
    async with at_the_desk(house, sqlite_url, owner="103") as work:
        await work.ready("100", "103")
        await house.carrier.call(SALES, CUSTOMER)
        call = await work.call(lambda call: call.agents == ("103",))

        there = work.board.channels(call.call_id)
        await work.link.moves.transfer(there.customer, "103", "colleague", OWN)
        handed = await work.call(lambda call: call.agents == ("103", OWN))

    assert handed.state is State.TALKING
    assert rung(house) == ["103", "desk201"]


async def test_a_page_that_goes_takes_no_call_from_a_desk_phone(house, sqlite_url):
    async with at_the_desk(house, sqlite_url) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER, then="tone")
        call = await work.call(lambda call: call.agents)

        name = work.board.channels(call.call_id).agents[OWN]

    assert name.startswith("PJSIP/desk201-")
