"""A real exchange and a real carrier on free ports, for tests and the selftest.

async with stage(tmp_path) as stage: ... stage.exchange, stage.carrier, stage.ports, stage.spool.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from callcenter import config
from callcenter.asterisk import rootfs
from callcenter.asterisk.ami import Ami
from callcenter.asterisk.dialplan import USER, CarrierPorts, Ports, render_exchange
from callcenter.asterisk.layout import own_sounds
from callcenter.asterisk.process import Asterisk
from callcenter.asterisk.ways import Sounds
from callcenter.carrier.carrier import Carrier
from callcenter.carrier.ports import free_port
from callcenter.recordings.spool import Spool
from callcenter.secrets import Secrets, load_secrets
from callcenter.switchboard.plan import HANG_UP, Kind, Number, Plan, Queue, Way
from callcenter.tasks import running


def to(queue: str) -> Way:
    """The way to that queue."""
    return Way(kind=Kind.QUEUE, name=queue)


def plan_of(numbers: Mapping[str, str], *queues: str, default: str = "", **own: Any) -> Plan:
    """A plan with these queues, and numbers that lead straight to them."""
    return Plan(
        numbers=tuple(Number(number=each, way=to(queue)) for each, queue in numbers.items()),
        queues=tuple(Queue(name=each, title=each) for each in queues),
        default=to(default) if default else HANG_UP,
        **own,
    )


PLAN = plan_of({"02873001234": "sales", "19006789": "care"}, "sales", "care")
Event = Mapping[str, str]


class Ears:
    """What one Asterisk has said, in order, and a way to wait for more."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def hear(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    def found(self, name: str, **headers: str) -> list[Event]:
        """All events of that name whose headers are these."""
        return [
            event
            for event in self.events
            if event["Event"] == name and all(event.get(k) == v for k, v in headers.items())
        ]

    async def event(
        self, name: str, *, count: int = 1, within: float = 20.0, **headers: str
    ) -> Event:
        """The count-th event of that name with these headers, come or yet to come."""
        async with asyncio.timeout(within):
            while len(found := self.found(name, **headers)) < count:
                self._more.clear()
                await self._more.wait()
        return found[count - 1]


@dataclass
class Stage:
    home: Path
    root: Path
    ports: Ports
    carrier_ports: CarrierPorts
    secrets: Secrets
    exchange: Asterisk
    carrier: Carrier
    config: config.Asterisk
    heard: Ears = field(default_factory=Ears)  # from the exchange, as the service hears it
    world: Ears = field(default_factory=Ears)  # from the carrier
    ask: Any = None  # the service's AMI connection: Ami.ask
    service: Any = None  # that connection
    ask_world: Any = None  # the carrier's: Ami.ask

    def ami(self, hear: Callable[[Event], None]) -> Ami:
        """A connection to the exchange as the service has it; run it."""
        return Ami("127.0.0.1", self.ports.ami, USER, self.secrets.ami, hear=hear)

    @property
    def spool(self) -> Path:
        """Where the exchange leaves recordings."""
        return self.exchange.recordings

    async def back(self) -> None:
        """Wait until the exchange has gone and is there again, the service's AMI connected."""
        async with asyncio.timeout(10):
            while self.service.connected:
                await asyncio.sleep(0.01)
        await self.service.wait_connected(15)

    async def registered(self, *extensions: str) -> None:
        """Wait until these phones can be called."""
        async with asyncio.timeout(10):
            while True:
                known = await self.exchange.cli("pjsip show contacts")
                if all(f"Contact:  {each}/sip:" in known for each in extensions):
                    return
                await asyncio.sleep(0.02)

    async def ready(self, queue: str, *extensions: str) -> None:
        """Have these phones take the queue's calls."""
        for each in extensions:
            await self.ask("QueueAdd", {"Queue": queue, "Interface": f"PJSIP/{each}"})

    async def click(self, extension: str, number: str, call_id: str = "", **variables: str) -> str:
        """Call `number` from that phone, as the service does it; the call's id. `variables` are
        handed on to all channels of the call."""
        call_id = call_id or str(uuid.uuid4())
        await self.ask(
            "Originate",
            [
                ("Channel", f"PJSIP/{extension}"),
                ("ChannelId", call_id),
                ("Context", "click2call"),
                ("Exten", number),
                ("Priority", "1"),
                ("Timeout", "20000"),
                ("Async", "true"),
                ("Variable", f"__CCID={call_id}"),
                ("Variable", f"__CCAGENT={extension}"),
                ("Variable", "__CCQUEUE=sales"),
                ("Variable", f"CHANNEL(userfield)={call_id}"),
                ("Variable", f"PJSIP_HEADER(add,X-Call)={call_id}"),
                *(("Variable", f"__{name}={value}") for name, value in variables.items()),
            ],
        )
        return call_id

    async def press(self, digit: str) -> None:
        """Whoever rang in last presses a key."""
        [*_, phone] = [
            event["Channel"]
            for event in self.world.found("Newchannel")
            if event["Channel"].startswith("PJSIP/exchange-")
        ]
        await self.ask_world("PlayDTMF", {"Channel": phone, "Digit": digit})

    async def recording(self, call_id: str) -> dict[str, Path]:
        """The finished files of a call: mix, in (the customer), out (the agent)."""
        [piece] = await self.pieces(call_id)
        return piece

    async def pieces(self, call_id: str) -> list[dict[str, Path]]:
        """The finished files of each stretch of a call that was handed over."""
        spool = Spool(self.spool)
        async with asyncio.timeout(5):
            while not spool.sides(call_id).closed:
                await asyncio.sleep(0.02)
        return [
            {"mix": piece.mix, "in": piece.customer, "out": piece.agent}
            for piece in spool.sides(call_id).pieces
        ]

    async def cleared(self) -> None:
        """No call, no member of a queue, nothing heard: as at the beginning."""
        try:
            await self.over()
        finally:  # a call that stays fails its own test, and not those after it
            for queue in ("sales", "care"):
                for extension in self.carrier.desks:
                    await self.exchange.cli(f"queue remove member PJSIP/{extension} from {queue}")
            self.heard.events.clear()
            self.world.events.clear()

    async def over(self) -> None:
        """End all calls, and wait until they have ended."""
        for asterisk in self.carrier.asterisk, self.exchange:
            await asterisk.cli("channel request hangup all")
        await self.silence()

    async def silence(self) -> None:
        """Wait until no channel is left on the exchange; AssertionError says which ones stay."""
        try:
            async with asyncio.timeout(20):
                while "0 active channels" not in await self.exchange.cli(
                    "core show channels count"
                ):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            left = (await self.exchange.cli("core show channels concise")).splitlines()
            each = [await self.exchange.cli(f"core show channel {x.split('!')[0]}") for x in left]
            said = self.exchange.log.read_text(errors="replace")[-4000:]
            raise AssertionError("\n".join([*left, *each, said])) from None


def free_ports(count: int) -> list[int]:
    """Ports that are free now, for TCP and UDP alike."""
    first = free_port(count)
    return [*range(first, first + count)]


@asynccontextmanager
async def stage(
    home: Path,
    *,
    plan: Plan = PLAN,
    watched: bool = True,
    desk_phones: Sequence[str] = (),
    **settings: str,
) -> AsyncIterator[Stage]:
    """Both Asterisks up, the carrier's desk phones registered (100 to 104, and `desk_phones`), the
    service's AMI user connected (`heard`). `watched`: what falls is started again. `settings`
    change [asterisk] of config.toml. Nothing is left afterwards.
    """
    built = _built(home, plan, settings, desk_phones)
    service = built.ami(built.heard.hear)
    world = Ami(
        "127.0.0.1",
        built.carrier_ports.ami,
        "carrier",
        built.secrets.carrier,
        hear=built.world.hear,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(built.exchange.stop)
        stack.push_async_callback(built.carrier.stop)
        await asyncio.gather(built.exchange.start(), built.carrier.start())
        if watched:
            await stack.enter_async_context(running(built.exchange.run(), "exchange"))
            await stack.enter_async_context(running(built.carrier.run(), "carrier"))
        await stack.enter_async_context(running(service.run(), "the service's AMI"))
        await stack.enter_async_context(running(world.run(), "the world's AMI"))
        await service.wait_connected(5)
        await world.wait_connected(5)
        await built.registered(*built.carrier.desks)
        built.ask, built.service, built.ask_world = service.ask, service, world.ask
        yield built


def _built(
    home: Path,
    plan: Plan,
    settings: Mapping[str, str],
    desk_phones: Sequence[str],
) -> Stage:
    asterisk = config.load(config.ROOT / "config.toml").asterisk
    asterisk = msgspec.structs.replace(asterisk, **settings)
    numbers = free_ports(6)
    ports, carrier_ports = Ports(*numbers[:3]), CarrierPorts(*numbers[3:])
    home.mkdir(parents=True, exist_ok=True)
    secrets, root = load_secrets(home), rootfs.folder(config.home())
    exchange = Asterisk(
        "exchange",
        root,
        home / "exchange",
        render_exchange(
            config=asterisk,
            ports=ports,
            secrets=secrets,
            plan=plan,
            sounds=Sounds(path=str(own_sounds(home / "exchange"))),
            carrier=f"127.0.0.1:{carrier_ports.sip}",
        ),
    )
    carrier = Carrier(
        root,
        home / "carrier",
        ports=carrier_ports,
        exchange=ports,
        rtp_ports=range(21000, 22000),
        secrets=secrets,
        desk_extensions=config.number_range(asterisk.desk_extensions),
        desk_phones=desk_phones,
    )
    return Stage(home, root, ports, carrier_ports, secrets, exchange, carrier, asterisk)
