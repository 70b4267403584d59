"""Customers handed over on the real exchange: each move is one call, whole, with both sides heard.

The desk phones 100 (1000 Hz) and 103 (1200 Hz) pick up, 101 never does; the customer whistles 440.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from callcenter.asterisk.dialplan import USER
from callcenter.asterisk.link import Link
from callcenter.asterisk.phone_states import PhoneState
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, Result, State, Transfer
from callcenter.errors import Conflict
from callcenter.phone.rescue import Rescue
from callcenter.recordings.pieces import join
from callcenter.recordings.spool import Spool
from callcenter.tasks import running
from tests.asterisk.spectrum import loudest, seconds, strength
from tests.stage import Stage, stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES = "02873001234"
WHISTLES, OTHER = "0900000111", "0900000113"  # 440 and 660 Hz
HEARD = 0.05


@dataclass
class House:
    stage: Stage
    board: Board
    link: Link
    rescue: Rescue
    told: list[Call] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)  # phones that nobody hears of

    async def until(self, wanted: Callable[[Call], bool]) -> Call:
        """The newest state of the one call there is, once it is so."""
        try:
            async with asyncio.timeout(20):
                while not (self.told and wanted(self.told[-1])):
                    await asyncio.sleep(0.02)  # the board tells by a plain function
        except TimeoutError:
            known = [(c.state, c.result, c.cause, c.talking, c.ringing) for c in self.told[-4:]]
            raise AssertionError((known, self.stage.heard.events[-12:])) from None
        return self.told[-1]

    async def call(self, direction: Direction, agent: str = "100") -> Call:
        """A customer and an agent who talk."""
        if direction is Direction.INBOUND:
            await self.stage.ready("sales", agent)
            await self.stage.carrier.call(SALES, "0912345678", then="tone")
        else:
            await self.link.originate(
                str(uuid4()), extension=agent, number=WHISTLES, caller_id=WHISTLES, queue="sales"
            )
        call = await self.until(lambda call: agent in call.talking and bool(call.agents))
        await self.talks(1.0)
        return call

    async def talks(self, length: float) -> None:
        await asyncio.sleep(length)  # what is recorded takes its time

    def channel(self, of: str) -> str:
        """Of the customer, of whoever is asked, or of an agent."""
        there = self.board.channels(self.told[-1].call_id)
        assert there
        found = {"customer": there.customer, "asked": there.asked, **there.agents}[of]
        assert found
        return found

    async def ends(self, by: str = "customer") -> Call:
        """Somebody hangs up; the call as it is then."""
        if by == "customer":
            await self.carrier_hangs_up()
        else:
            await self.link.moves.hang_up(self.channel(by))
        return await self.until(lambda call: call.state is State.ENDED)

    async def carrier_hangs_up(self) -> None:
        cli = self.stage.carrier.asterisk.cli
        lines = (await cli("core show channels concise")).splitlines()
        # Not a desk phone's; and the customer's leg is older than that of a number asked later.
        lines = sorted(line for line in lines if line.startswith("PJSIP/exchange-"))
        await cli(f"channel request hangup {lines[0].split('!')[0]}")

    async def sound(self, call: Call) -> tuple[list[int], list[int], float]:
        """The tones of the customer's side and of the other one, and how long the recording is."""
        spool = Spool(self.stage.spool)
        async with asyncio.timeout(10):
            while not spool.finished(call.call_id).complete:
                await asyncio.sleep(0.02)
        customer, other = self.stage.home / "in.wav", self.stage.home / "out.wav"
        join(spool.finished(call.call_id).pieces, customer, other)
        return tones(customer), tones(other), seconds(customer)


def tones(path: Path) -> list[int]:
    """Those that are there for half a second, wherever in the file."""
    halves = [number / 2 for number in range(int(seconds(path) * 2))]
    return [
        hertz
        for hertz in (440, 660, 1000, 1200)
        if any(strength(path, hertz, at, at + 0.5) > HEARD for at in halves)
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("stage")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage: Stage) -> AsyncIterator[House]:
    async with _house(one_stage) as house:
        yield house
    await one_stage.cleared()


@asynccontextmanager
async def _house(one: Stage) -> AsyncIterator[House]:
    told: list[Call] = []
    silent: set[str] = set()

    def phone_changed(extension: str, state: PhoneState) -> None:
        if extension not in silent:
            rescue.phone_changed(extension, state)

    def hear(change: Change) -> None:
        told.append(change.after)
        rescue.push(change)

    board = Board([hear])
    rescue = Rescue(board, patience_s=lambda: 4)

    known = asyncio.Event()

    async def ready() -> None:
        known.set()

    link = Link(
        host="127.0.0.1",
        port=one.ports.ami,
        user=USER,
        secret=one.secrets.ami,
        apply=board.apply,
        phone_changed=phone_changed,
        ready=ready,
    )
    rescue.exchange = link.moves
    async with running(link.run(), "link"):
        async with asyncio.timeout(10):
            await known.wait()
        yield House(one, board, link, rescue, told, silent=silent)
        await rescue.close()
    link.close()


BOTH = pytest.mark.parametrize("direction", [Direction.INBOUND, Direction.OUTBOUND])
WHO = pytest.mark.parametrize("first", ["customer", "agent"])


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
    assert (call.result, call.ended_by) == (Result.ANSWERED, ANY_END[first])
    customer, other, length = await house.sound(call)
    assert (customer, other) == ([440], [1000, 1200])
    assert length == pytest.approx(call.talked_s, abs=0.5)


ANY_END = {"customer": "customer", "agent": "system"}  # by AMI is by the system


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
        while not spool.finished(call.call_id).complete:
            await asyncio.sleep(0.02)
    [piece] = spool.finished(call.call_id).pieces
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
    call = await house.until(lambda call: call.talking == {"103"})

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
