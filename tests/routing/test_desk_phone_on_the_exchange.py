"""An agent whose desk phone rings instead of the page, on the real exchange: the same calls."""

import pytest
import pytest_asyncio

from callcenter.calls.call import State
from tests.routing.exchange_house import OWN, SALES, at_another_phone, handed_to, rung
from tests.routing.house import CUSTOMER, PEOPLE, STRANGER
from tests.stage import stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    async with stage(tmp_path_factory.mktemp("stage"), desk_phones=["desk201"]) as one:
        yield one


def at_the_desk(house, url, owner="103"):
    return at_another_phone(house, url, owner, rings="desk")


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
        handed = await handed_to(work, house, CUSTOMER)

    assert handed.state is State.TALKING
    assert rung(house) == ["103", "desk201"]


async def test_a_page_that_goes_takes_no_call_from_a_desk_phone(house, sqlite_url):
    async with at_the_desk(house, sqlite_url) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER, then="tone")
        call = await work.call(lambda call: call.agents)

        name = work.board.channels(call.call_id).agents[OWN]

    assert name.startswith("PJSIP/desk201-")
