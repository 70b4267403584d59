"""Customers handed over on the real exchange: each move is one call, whole, with both sides heard.

The desk phones 100 (1000 Hz) and 103 (1200 Hz) pick up, 101 never does; the customer whistles 440.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from callcenter.calls.call import Direction, Result, State, Transfer
from callcenter.errors import Conflict
from callcenter.recordings.spool import Spool
from tests.asterisk.moves_house import OTHER, SALES, House, on_stage
from tests.asterisk.spectrum import loudest, seconds, strength
from tests.stage import Stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage: Stage) -> AsyncIterator[House]:
    async with on_stage(one_stage) as house:
        yield house
    await one_stage.cleared()


BOTH = pytest.mark.parametrize("direction", [Direction.INBOUND, Direction.OUTBOUND])
WHO = pytest.mark.parametrize("first", ["customer", "agent"])
ENDED_BY = {"customer": "customer", "agent": "system"}  # hung up by AMI


@BOTH
@WHO
async def test_handed_over_without_asking(house: House, direction: Direction, first: str) -> None:
    await house.call(direction)

    await house.link.moves.transfer(house.channel("customer"), "100", "colleague", "103")
    call = await house.until(lambda call: call.talking == {"103"} and call.state is State.TALKING)
    assert "100" not in call.extensions
    await house.talks(1.0)
    call = await house.ends("103" if first == "agent" else "customer")

    assert call.agents == ("100", "103")
    assert call.transfers == (Transfer(kind="blind", source="100", target="103"),)
    assert (call.result, call.ended_by) == (Result.ANSWERED, ENDED_BY[first])
    customer, other, length = await house.sound(call)
    assert (customer, other) == ([440], [1000, 1200])
    assert length == pytest.approx(call.talked_s, abs=0.5)


@BOTH
async def test_nobody_answers_and_it_comes_back_to_who_handed_it_over(
    house: House, direction: Direction
) -> None:
    await house.call(direction)

    await house.link.moves.transfer(house.channel("customer"), "100", "colleague", "102")  # refuses
    await house.until(lambda call: "100" in call.ringing)
    call = await house.until(lambda call: call.talking == {"100"} and call.state is State.TALKING)
    await house.talks(1.0)
    call = await house.ends()

    assert call.agents == ("100",)
    assert call.transfers == ()
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [1000])


@BOTH
async def test_handed_over_to_a_queue(house: House, direction: Direction) -> None:
    await house.call(direction)
    await house.stage.ready("care", "103")

    await house.link.moves.transfer(house.channel("customer"), "100", "queue", "care")
    call = await house.until(lambda call: call.talking == {"103"} and call.state is State.TALKING)
    await house.talks(1.0)
    call = await house.ends()

    assert (call.queue, call.agents) == ("care", ("100", "103"))
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [1000, 1200])


@BOTH
async def test_handed_over_to_a_number_outside(house: House, direction: Direction) -> None:
    await house.call(direction)

    await house.link.moves.transfer(house.channel("customer"), "100", "number", OTHER)
    await house.until(lambda call: call.talking == frozenset() and call.state is State.TALKING)
    await house.talks(2.5)  # it answers after a second
    call = await house.ends()

    assert call.transfers == (Transfer(kind="blind", source="100", target=OTHER),)
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [660, 1000])


@BOTH
@WHO
@pytest.mark.parametrize("target, kind, tone", [("103", "colleague", 1200), (OTHER, "number", 660)])
async def test_asked_first_and_handed_over(
    house: House, direction: Direction, first: str, target: str, kind, tone: int
) -> None:
    await house.call(direction)

    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", kind, target
    )
    call = await house.until(lambda call: bool(call.consult and call.consult.talking))
    assert call.consult and (call.consult.by, call.consult.target) == ("100", target)
    assert call.state is State.HELD
    await house.talks(1.0)
    await house.link.moves.complete(house.channel("100"), house.channel("asked"))
    call = await house.until(lambda call: call.consult is None and "100" not in call.talking)
    await house.talks(1.5)
    if first == "agent" and kind == "colleague":
        call = await house.ends("103")
    else:
        call = await house.ends()

    assert call.transfers == (Transfer(kind="attended", source="100", target=target),)
    customer, other, _ = await house.sound(call)
    assert customer == [440]
    assert {1000, tone} <= set(other)


@BOTH
async def test_asked_first_and_back_to_the_customer(house: House, direction: Direction) -> None:
    await house.call(direction)

    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "103"
    )
    await house.until(lambda call: bool(call.consult and call.consult.talking))
    await house.link.moves.hang_up(house.channel("asked"))
    call = await house.until(lambda call: call.consult is None and call.state is State.TALKING)
    assert call.talking == {"100"}
    await house.talks(1.0)
    call = await house.ends("100")

    assert (call.agents, call.transfers) == (("100",), ())
    customer, other, _ = await house.sound(call)
    assert customer == [440]
    assert 1000 in other and 1200 not in other


@BOTH
async def test_whoever_asks_and_hangs_up_leaves_the_customer_with_who_was_asked(
    house: House, direction: Direction
) -> None:
    await house.call(direction)

    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "103"
    )
    await house.until(lambda call: bool(call.consult and call.consult.talking))
    await house.talks(0.5)
    await house.link.moves.hang_up(house.channel("100"))
    call = await house.until(lambda call: call.talking == {"103"} and call.state is State.TALKING)
    await house.talks(1.0)
    call = await house.ends()

    assert call.agents == ("100", "103")
    customer, other, _ = await house.sound(call)
    assert customer == [440]
    assert {1000, 1200} <= set(other)


@BOTH
async def test_three_talk_and_the_last_agent_who_leaves_ends_it(
    house: House, direction: Direction
) -> None:
    await house.call(direction)

    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "103"
    )
    await house.until(lambda call: bool(call.consult and call.consult.talking))
    await house.link.moves.join(house.channel("100"), house.channel("asked"))
    await house.until(lambda call: call.conference)
    await house.talks(1.0)
    await house.link.moves.hang_up(house.channel("100"))
    call = await house.until(lambda call: call.talking == {"103"})
    assert call.state is State.TALKING
    await house.talks(0.5)
    call = await house.ends("103")

    assert call.agents == ("100", "103")
    customer, other, _ = await house.sound(call)
    assert customer == [440]
    assert {1000, 1200} <= set(other)


async def test_a_customer_who_leaves_three_alone_ends_it_for_all(house: House) -> None:
    await house.call(Direction.INBOUND)
    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "103"
    )
    await house.until(lambda call: bool(call.consult and call.consult.talking))
    await house.link.moves.join(house.channel("100"), house.channel("asked"))
    await house.until(lambda call: call.conference)

    call = await house.ends()

    assert call.ended_by == "customer"


async def test_nobody_is_disturbed_by_asking_who_has_left(house: House) -> None:
    await house.call(Direction.INBOUND)

    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "199"
    )
    call = await house.until(lambda call: call.talking == {"100"} and call.state is State.TALKING)

    assert call.consult is None
    with pytest.raises(Conflict):
        await house.link.moves.complete("PJSIP/199-00000001", "PJSIP/100-ffffffff")


async def test_a_paused_recording_is_silent_for_as_long_and_the_call_says_where(
    house: House,
) -> None:
    await house.call(Direction.INBOUND)

    await house.link.moves.pause_recording(house.channel("customer"), paused=True)
    await house.until(lambda call: call.paused)
    await house.talks(1.5)
    await house.link.moves.pause_recording(house.channel("customer"), paused=False)
    await house.until(lambda call: not call.paused)
    await house.talks(1.0)
    call = await house.ends()

    [(start, end)] = call.pauses
    assert end - start == pytest.approx(1.5, abs=0.5)
    spool = Spool(house.stage.spool)
    async with asyncio.timeout(10):
        while not spool.sides(call.call_id).closed:
            await asyncio.sleep(0.02)
    [piece] = spool.sides(call.call_id).pieces
    assert seconds(piece.customer) == pytest.approx(call.talked_s, abs=0.5)
    assert strength(piece.customer, 440, start + 0.3, end - 0.3) < 0.002
    assert loudest(piece.customer) == [440]


@BOTH
async def test_a_phone_that_falls_silent_is_rung_again_and_the_call_goes_on(
    house: House, direction: Direction
) -> None:
    await house.call(direction)

    await house.stage.ask("Hangup", {"Channel": house.channel("100"), "Cause": "44"})
    call = await house.until(lambda call: call.waits_for == "100")
    assert call.state is State.HELD
    assert "100" in call.extensions
    call = await house.until(lambda call: call.state is State.TALKING and not call.waits_for)
    await house.talks(1.0)
    call = await house.ends()

    assert (call.agents, call.transfers) == (("100",), ())
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [1000])


@BOTH
async def test_a_phone_that_does_not_come_back_leaves_the_customer_to_the_others(
    house: House, direction: Direction
) -> None:
    await house.call(direction)
    await house.stage.exchange.cli("queue remove member PJSIP/100 from sales")
    await house.stage.ready("sales", "103")
    house.silent.add("100")
    house.rescue.phone_changed("100", "unreachable")

    await house.link.moves.wait(house.channel("customer"), "100", 2)
    await house.until(lambda call: call.waits_for == "100")
    call = await house.until(lambda call: call.talking == {"103"} and call.state is State.TALKING)
    await house.talks(1.0)
    call = await house.ends()

    assert call.agents == ("100", "103")
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [1000, 1200])


@BOTH
async def test_an_agent_rung_before_the_new_page_is_there_is_waited_for_all_the_same(
    house: House, direction: Direction
) -> None:
    await house.call(direction)
    await house.stage.exchange.cli("queue remove member PJSIP/100 from sales")
    house.silent.add("100")
    house.rescue.phone_changed("100", "reachable")  # the old page's phone, as we know it
    async with house.unregistered("100"):
        await house.link.moves.wait(house.channel("customer"), "100", 20)
        await house.stage.heard.event("UserEvent", count=2, UserEvent="CCWaits")
        house.silent.clear()
        house.rescue.phone_changed("100", "unreachable")
    call = await house.until(lambda call: call.state is State.TALKING and not call.waits_for)
    await house.talks(1.0)
    await house.ends()

    assert call.agents == ("100",)
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [1000])


async def test_a_phone_that_vanishes_while_it_rings_leaves_the_customer_to_the_next(
    house: House,
) -> None:
    await house.stage.ready("sales", "101")  # never picks up
    await house.stage.carrier.call(SALES, "0912345678", then="tone")
    await house.until(lambda call: "101" in call.ringing)
    await house.stage.ready("sales", "103")

    ringing = await house.stage.heard.event("Newstate", ChannelStateDesc="Ringing")
    await house.stage.ask("Hangup", {"Channel": ringing["Channel"], "Cause": "44"})
    await house.stage.exchange.cli("queue remove member PJSIP/101 from sales")
    call = await house.until(lambda call: call.talking == {"103"} and call.state is State.TALKING)

    assert (call.agents, call.rung) == (("103",), ("101", "103"))
    await house.ends()


@BOTH
async def test_both_sides_that_hang_up_at_once_end_one_call_with_its_recording(
    house: House, direction: Direction
) -> None:
    await house.call(direction)
    agent = house.channel("100")

    await asyncio.gather(
        house.carrier_hangs_up(), house.link.moves.hang_up(agent), return_exceptions=True
    )
    call = await house.until(lambda call: call.state is State.ENDED)

    assert (call.result, call.agents) == (Result.ANSWERED, ("100",))
    assert call.waits_for is None
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [1000])


async def test_who_talked_already_is_served_before_those_who_wait(house: House) -> None:
    await house.call(Direction.INBOUND)
    customer = house.channel("customer")
    await house.stage.exchange.cli("queue remove member PJSIP/100 from sales")
    await house.stage.carrier.call(SALES, "0987654321", then="silent")
    await house.stage.heard.event("QueueCallerJoin", CallerIDNum="0987654321")

    await house.link.moves.to_queue(customer)
    again = await house.stage.heard.event("QueueCallerJoin", count=2, CallerIDNum="0912345678")

    assert (again["Position"], again["Count"]) == ("1", "2")


async def test_a_phone_that_is_lost_a_second_time_leaves_the_customer_waiting_again(
    house: House,
) -> None:
    await house.call(Direction.INBOUND)
    for _ in range(2):
        await house.stage.ask("Hangup", {"Channel": house.channel("100"), "Cause": "44"})
        await house.until(lambda call: call.waits_for == "100")
        await house.until(lambda call: call.state is State.TALKING and not call.waits_for)

    call = await house.ends()

    assert call.agents == ("100",)


@BOTH
@pytest.mark.parametrize("cause, soon", [("44", False), ("16", False), ("16", True)])
async def test_without_the_service_nobody_is_left_alone_while_somebody_is_asked(
    house: House, direction: Direction, cause: str, soon: bool
) -> None:
    await house.call(direction)
    await house.link.moves.patience(1)
    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "101"
    )  # who never picks up
    await house.until(lambda call: bool(call.consult and not call.consult.talking))
    if not soon:  # the customer is on the way into the room for a moment
        await house.stage.heard.event("ConfbridgeJoin")
    await house.stage.exchange.cli("queue remove member PJSIP/100 from sales")
    house.rescue.exchange = None  # the service has gone

    await house.stage.ask("Hangup", {"Channel": house.channel("100"), "Cause": cause})
    await house.until(lambda call: call.waits_for == "100")
    await house.stage.ready("sales", "103")
    call = await house.until(lambda call: call.talking == {"103"} and call.state is State.TALKING)
    await house.talks(1.0)
    call = await house.ends("103")

    assert call.agents == ("100", "103")
    customer, other, _ = await house.sound(call)
    assert (customer, other) == ([440], [1000, 1200])


@BOTH
@pytest.mark.parametrize("then", ["join", "complete"])
async def test_without_the_service_whoever_was_asked_and_falls_silent_leaves_nobody_alone(
    house: House, direction: Direction, then: str
) -> None:
    await house.call(direction)
    await house.link.moves.patience(1)
    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "103"
    )
    await house.until(lambda call: bool(call.consult and call.consult.talking))
    await getattr(house.link.moves, then)(house.channel("100"), house.channel("asked"))
    await house.until(lambda call: "103" in call.talking and call.state is State.TALKING)
    house.rescue.exchange = None  # the service has gone

    if then == "join":
        await house.until(lambda call: call.conference)
        await house.stage.ask("Hangup", {"Channel": house.channel("100"), "Cause": "44"})
        await house.until(lambda call: call.talking == {"103"})
    await house.stage.ask("Hangup", {"Channel": house.channel("103"), "Cause": "44"})
    call = await house.until(lambda call: call.waits_for == "103")
    if direction is Direction.OUTBOUND:  # else they are in the queue already
        await house.stage.ready("sales", "100")
    call = await house.until(lambda call: call.talking == {"100"} and call.state is State.TALKING)

    assert call.agents == ("103", "100")  # it came back
    await house.ends("100")


async def test_one_of_three_who_was_lost_and_the_last_who_says_goodbye_end_it(house: House) -> None:
    await house.call(Direction.INBOUND)
    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "103"
    )
    await house.until(lambda call: bool(call.consult and call.consult.talking))
    await house.link.moves.join(house.channel("100"), house.channel("asked"))
    await house.until(lambda call: call.conference)
    house.rescue.exchange = None

    await house.stage.ask("Hangup", {"Channel": house.channel("100"), "Cause": "44"})
    await house.until(lambda call: call.talking == {"103"})
    call = await house.ends("103")

    assert call.result is Result.ANSWERED
