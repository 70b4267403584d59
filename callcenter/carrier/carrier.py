"""The simulated carrier: a second Asterisk that takes our calls, rings in, and plays desk phones."""

import asyncio
import uuid
from collections.abc import Mapping
from pathlib import Path

from callcenter.asterisk.ami import Ami
from callcenter.asterisk.dialplan import CarrierPorts, Ports, render_carrier
from callcenter.asterisk.process import Asterisk
from callcenter.carrier.behaviour import CALLERS, DESKS, NUMBERS
from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid
from callcenter.secrets import Secrets
from callcenter.tasks import running

__all__ = ["CALLERS", "NUMBERS", "Carrier"]

TAKEN_WITHIN_S = 10.0  # the exchange answers at once and plays music
LONGEST_NAME = 250  # letters; SIP has room for no more


class Carrier:
    """`root` is where Asterisk is unpacked, `folder` the carrier's own, `exchange` the exchange's
    ports.

    `desk_extensions` are the exchange's; the first few of them are played here (behaviour.DESKS).
    """

    def __init__(
        self,
        root: Path,
        folder: Path,
        *,
        ports: CarrierPorts,
        exchange: Ports,
        rtp_ports: range,
        secrets: Secrets,
        desk_extensions: range,
    ) -> None:
        extensions = [str(each) for each in desk_extensions]
        self.desks = dict(zip(extensions, DESKS, strict=False))
        files = render_carrier(
            ports=ports,
            exchange=f"127.0.0.1:{exchange.sip}",
            rtp_ports=rtp_ports,
            secrets=secrets,
            numbers={number: each.steps for number, each in NUMBERS.items()},
            callers={name: each.steps for name, each in CALLERS.items()},
            phones={extension: each.steps for extension, each in self.desks.items()},
        )
        self.asterisk = Asterisk("carrier", root, folder, files)
        self._ami = Ami("127.0.0.1", ports.ami, "carrier", secrets.carrier)
        self._ami.register_event("OriginateResponse", self._rung)
        self._calls: dict[str, asyncio.Future[bool]] = {}

    async def start(self) -> None:
        """Start after the exchange: its phones register at once. Raises as Asterisk.start does."""
        await self.asterisk.start()
        await self.register_desks()

    async def run(self) -> None:
        """Keep it running and stay connected. For ever: end by cancelling, then stop()."""
        async with running(self._ami.run(), name="carrier's AMI", vital=False):
            await self.asterisk.run()

    async def stop(self) -> None:
        await self.asterisk.stop()

    async def register_desks(self) -> None:
        """Let the desk phones sign on now; by themselves they begin after a second."""
        await self.asterisk.cli("pjsip send register *all")

    async def call(
        self, did: str, number: str | None, *, name: str = "", then: str = "talks"
    ) -> str:
        """Ring in from outside to `did` as `number` (None: withheld); `then` is one of CALLERS.

        Returns, once the exchange has taken the call, an id for hang_up. Raises Conflict when the
        exchange refuses the call, Invalid for a caller there cannot be, ExchangeUnavailable.
        """
        if then not in CALLERS:
            raise Invalid(N_("There is no caller who {then}."), then=then)
        await self._ami.wait_connected(TAKEN_WITHIN_S)
        channel_id = f"ring-{uuid.uuid4().hex}"
        taken = self._calls[channel_id] = asyncio.get_running_loop().create_future()
        try:
            await self._ami.ask(
                "Originate",
                {
                    "Channel": f"PJSIP/{did}@exchange",
                    "ChannelId": channel_id,
                    "Context": "callers",
                    "Exten": then,
                    "Priority": "1",
                    "CallerID": _caller_id(number, name),
                    "Timeout": str(int(TAKEN_WITHIN_S * 1000)),
                    "Async": "true",
                },
            )
            async with asyncio.timeout(TAKEN_WITHIN_S):
                if not await taken:
                    raise Conflict(N_("The exchange refuses calls to {number}."), number=did)
        except TimeoutError:
            raise ExchangeUnavailable(N_("The exchange does not take the call.")) from None
        finally:
            del self._calls[channel_id]
        return channel_id

    async def hang_up(self, channel_id: str) -> None:
        """The one who rang in hangs up. Raises Conflict when they have already."""
        await self._ami.ask("Hangup", {"Channel": channel_id, "Cause": "16"})

    def _rung(self, _: Ami, event: Mapping[str, str]) -> None:
        taken = self._calls.get(event.get("Uniqueid", ""))
        if taken and not taken.done():
            taken.set_result(event.get("Response") == "Success")


def _caller_id(number: str | None, name: str) -> str:
    """As Asterisk reads it: "name" <number>. A withheld number is what carriers send for one."""
    if number is None:
        return '"Anonymous" <anonymous>'
    if not number or not all(letter in "+*#0123456789" for letter in number):
        raise Invalid(N_("{number} cannot be a caller's number."), number=number)
    shown = "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME]
    return f'"{shown}" <{number}>'
