"""Leads in calls on the real exchange: who hears whom is shown by a tone at each ear."""

from uuid import uuid4

import pytest
import pytest_asyncio

from callcenter.calls.call import Direction, Result, Transfer
from callcenter.calls.endpoints import LeadPhone
from callcenter.carrier import carrier
from tests.asterisk.moves_house import on_stage
from tests.asterisk.spectrum import strength
from tests.listening.ears import CUSTOMER, HEARD, LEA, MARA, PHONES, can_hear, heard_at
from tests.stage import stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrier, "DESKS", PHONES)
        async with stage(tmp_path_factory.mktemp("stage"), desk_extensions="100-106") as one:
            await can_hear(one.carrier)
            yield one


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage):
    async with on_stage(one_stage) as house:
        yield house
    await one_stage.cleared()


async def listens(house, call, extension="105"):
    """A lead's phone that listens to 100; its channel."""
    lead = LeadPhone(f"listen-{uuid4()}", extension)
    await house.link.leads.call(lead, call.call_id, house.channel("100"), "100")
    await house.until(lambda call: extension in call.heard_by)
    return lead.channel_id


async def recorded(house, call):
    """The tones of what the customer heard, from beginning to end."""
    await house.sound(call)
    path = house.stage.home / "out.wav"
    return {hertz for hertz in (CUSTOMER, MARA, LEA) if strength(path, hertz) > HEARD}


async def test_who_listens_is_heard_by_nobody_who_whispers_by_the_agent_who_joins_by_all(house):
    call, leads = await house.call(Direction.INBOUND), house.link.leads

    lead = await listens(house, call)
    assert await heard_at(house.stage, "", "100", "105") == [{MARA}, {CUSTOMER}, {CUSTOMER, MARA}]
    assert house.told[-1].extensions == {"100", "105"}

    await leads.hear(lead, house.channel("100"), whispers=True)
    whispered = [{MARA}, {CUSTOMER, LEA}, {CUSTOMER, MARA}]
    assert await heard_at(house.stage, "", "100", "105") == whispered

    assert not await leads.has_room(call.call_id)
    await leads.open_room(house.channel("customer"), house.channel("100"), "100")
    await leads.join(house.channel("customer"), lead)
    call = await house.until(lambda call: call.conference)
    joined = [{MARA, LEA}, {CUSTOMER, LEA}, {CUSTOMER, MARA}]
    assert await heard_at(house.stage, "", "100", "105") == joined
    assert (call.talking, call.agents, call.heard_by) == ({"100", "105"}, ("100",), frozenset())
    assert await leads.has_room(call.call_id)

    await leads.hear(lead, house.channel("100"), whispers=False)
    call = await house.until(lambda call: call.heard_by == {"105"})
    assert await heard_at(house.stage, "", "100", "105") == [{MARA}, {CUSTOMER}, {CUSTOMER, MARA}]
    assert call.talking == {"100"}

    await leads.hang_up(lead)
    call = await house.until(lambda call: call.extensions == {"100"})
    call = await house.ends()
    assert (call.result, call.ended_by) == (Result.ANSWERED, "customer")
    assert (call.agents, call.rung, call.transfers) == (("100",), ("100",), ())
    assert [step.what for step in call.journey if step.kind == "rang"] == ["100"]
    assert await recorded(house, call) == {MARA, LEA}  # joined; and not what was whispered


@pytest.mark.parametrize("before", ["listens", "talks"])
async def test_who_takes_over_has_the_customer_alone_and_the_call_is_theirs(house, before):
    call, leads = await house.call(Direction.OUTBOUND), house.link.leads
    lead, agent = await listens(house, call), house.channel("100")
    customer = house.channel("customer")
    if before == "talks":
        await leads.open_room(customer, agent, "100")
        await leads.join(customer, lead)
        await house.until(lambda call: call.conference)
        await leads.give(customer, "105")
        await leads.hang_up(agent)
    else:
        await leads.open_room(customer, lead, "105")

    call = await house.until(lambda call: call.talking == {"105"} and call.agents[-1:] == ("105",))
    assert await heard_at(house.stage, "", "105") == [{LEA}, {CUSTOMER}]
    call = await house.ends()
    assert (call.agents, call.ended_by) == (("100", "105"), "customer")
    assert call.transfers == (Transfer(kind="blind", source="100", target="105"),)
    assert await recorded(house, call) == {MARA, LEA}
