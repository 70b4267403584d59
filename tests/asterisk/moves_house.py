"""A real exchange with a link, a board and the rescue on it, and what moves of customers need."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from callcenter.asterisk.dialplan import USER
from callcenter.asterisk.link import Link
from callcenter.asterisk.phone_states import PhoneState
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, State
from callcenter.phone.rescue import Rescue
from callcenter.recordings.pieces import join
from callcenter.recordings.spool import Spool
from callcenter.tasks import running
from tests.asterisk.spectrum import seconds, strength
from tests.stage import Stage

SALES = "02873001234"
WHISTLES, OTHER = "0900000111", "0900000113"  # 440 and 660 Hz
HEARD = 0.05  # amplitude of a tone that is there; those that are have 0.2 and more


@dataclass
class House:
    stage: Stage
    board: Board
    link: Link
    rescue: Rescue
    told: list[Call] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)  # phones that nobody hears of
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, wanted: Callable[[Call], bool]) -> Call:
        """The newest state of the one call there is, once it is so."""
        try:
            async with asyncio.timeout(20):
                while not (self.told and wanted(self.told[-1])):
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            known = [
                (c.state, c.result, c.cause, c.talking, c.ringing, c.waits_for)
                for c in self.told[-8:]
            ]
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

    @asynccontextmanager
    async def unregistered(self, extension: str) -> AsyncIterator[None]:
        """The exchange has no phone there meanwhile, and another one afterwards."""
        cli = self.stage.carrier.asterisk.cli
        await cli(f"pjsip send unregister registration{extension}")
        try:
            await self._has_contact(extension, False)
            yield
        finally:
            await cli(f"pjsip send register registration{extension}")
            await self._has_contact(extension, True)

    async def _has_contact(self, extension: str, is_so: bool) -> None:
        async with asyncio.timeout(20):
            while (
                f"{extension}/sip:" in await self.stage.exchange.cli("pjsip show contacts")
            ) is not is_so:
                await asyncio.sleep(0.05)

    async def sound(self, call: Call) -> tuple[list[int], list[int], float]:
        """The tones of the customer's side and of the other one, and how long the recording is."""
        spool = Spool(self.stage.spool)
        async with asyncio.timeout(10):
            while not spool.sides(call.call_id).closed:
                await asyncio.sleep(0.02)
        customer, other = self.stage.home / "in.wav", self.stage.home / "out.wav"
        join(spool.sides(call.call_id).pieces, customer, other)
        return tones(customer), tones(other), seconds(customer)


def tones(path: Path) -> list[int]:
    """Those that are there for half a second, wherever in the file."""
    halves = [number / 2 for number in range(int(seconds(path) * 2))]
    return [
        hertz
        for hertz in (440, 660, 1000, 1200)
        if any(strength(path, hertz, at, at + 0.5) > HEARD for at in halves)
    ]


@asynccontextmanager
async def on_stage(one: Stage, *more: Callable[[Change], None]) -> AsyncIterator[House]:
    """`more` are told of changes after the house."""

    def phone_changed(extension: str, state: PhoneState) -> None:
        if extension not in house.silent:
            rescue.phone_changed(extension, state)

    def hear(change: Change) -> None:
        house.told.append(change.after)
        house.news.set()
        rescue.push(change)

    board = Board([hear, *more])
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
    house = House(one, board, link, rescue)
    async with running(link.run(), "link"):
        async with asyncio.timeout(10):
            await known.wait()
        yield house
        await rescue.close()
    link.close()
