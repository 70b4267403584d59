"""Known customers on the real exchange: their own agent's phone first, then whoever is there."""

import pytest

from callcenter.calls.call import State
from tests.routing.exchange_house import CARE, SALES, rung, service
from tests.routing.house import CUSTOMER, STRANGER

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]


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
