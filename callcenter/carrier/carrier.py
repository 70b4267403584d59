"""The simulated carrier: a second Asterisk that is called, rings in, and plays desk phones."""

import asyncio
import re
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from callcenter.asterisk.ami import Ami
from callcenter.asterisk.dialplan import CarrierPorts, Ports, render_carrier
from callcenter.asterisk.process import Asterisk
from callcenter.asterisk.trunks import Account
from callcenter.carrier.behaviour import CALLERS, DESKS, NUMBERS
from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid
from callcenter.secrets import Secrets
from callcenter.tasks import running

__all__ = ["CALLERS", "NUMBERS", "Carrier"]

TAKEN_WITHIN_S = 10.0  # the exchange answers at once and plays music
LONGEST_NAME = 600  # bytes; more does not fit into one header of AMI
ANSWERED, NO_ANSWER = "4", "3"  # OriginateResponse's Reason
SILENT = N_("The exchange does not take the call.")
NUMBER = re.compile(r"[+*#0-9]{1,40}")


class Carrier:
    """`root` is where Asterisk is unpacked, `folder` the carrier's own, `exchange` the exchange's
    ports.

    `desk_extensions` are the exchange's; the first few of them are played here (behaviour.DESKS).
    `desk_phones` are other endpoints of it, which all do as the first of these.
    `account`: the exchange has to sign in, with that, before it may call or is called.
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
        desk_phones: Sequence[str] = (),
        account: Account | None = None,
    ) -> None:
        extensions = [str(each) for each in desk_extensions]
        self.desks = dict(zip(extensions, DESKS, strict=False)) | dict.fromkeys(
            desk_phones, DESKS[0]
        )
        files = render_carrier(
            ports=ports,
            exchange=f"127.0.0.1:{exchange.sip}",
            rtp_ports=rtp_ports,
            secrets=secrets,
            numbers={number: each.steps for number, each in NUMBERS.items()},
            callers={name: each.steps for name, each in CALLERS.items()},
            phones={extension: each.steps for extension, each in self.desks.items()},
            account=account,
        )
        self.asterisk = Asterisk("carrier", root, folder, files)
        self._ami = Ami("127.0.0.1", ports.ami, "carrier", secrets.carrier)
        self._ami.register_event("OriginateResponse", self._rung)
        self._calls: dict[str, asyncio.Future[str]] = {}

    async def start(self) -> None:
        """Its desk phones register a second later. Raises as Asterisk.start does."""
        await self.asterisk.start()

    async def run(self) -> None:
        """Keep it running and stay connected. For ever: end by cancelling, then stop()."""
        async with self.attached():
            await self.asterisk.run()

    @asynccontextmanager
    async def attached(self) -> AsyncIterator[None]:
        """Only the connection, to a carrier that another process runs."""
        async with running(self._ami.run(), name="carrier's AMI", vital=False):
            yield

    async def stop(self) -> None:
        await self.asterisk.stop()

    async def call(
        self, did: str, number: str | None, *, name: str = "", then: str = "talks"
    ) -> str:
        """Ring in from outside to `did`, as `number` (None: withheld) and with any name.

        `then` is one of CALLERS. Returns, once the exchange has taken the call, an id for hang_up.
        Raises Conflict when the exchange refuses it, Invalid for a caller there cannot be, and
        ExchangeUnavailable.
        """
        if number is not None and not NUMBER.fullmatch(number):
            raise Invalid(N_("{number} cannot be a caller's number."), number=number)
        if not NUMBER.fullmatch(did):
            raise Invalid(N_("{number} cannot be a number of ours."), number=did)
        if then not in CALLERS:
            raise Invalid(N_("There is no caller who {then}."), then=then)
        await self._ami.wait_connected(TAKEN_WITHIN_S)
        channel_id = f"ring-{uuid.uuid4().hex}"
        taken = self._calls[channel_id] = asyncio.get_running_loop().create_future()
        try:
            await self._ami.ask("Originate", _ring_in(channel_id, did, number, name, then))
            async with asyncio.timeout(TAKEN_WITHIN_S + 1):
                reason = await taken
        except TimeoutError:
            raise ExchangeUnavailable(SILENT) from None
        finally:
            del self._calls[channel_id]
        if reason == NO_ANSWER:
            raise ExchangeUnavailable(SILENT)
        if reason != ANSWERED:
            raise Conflict(N_("The exchange refuses calls to {number}."), number=did)
        return channel_id

    async def hang_up(self, channel_id: str) -> None:
        """The one who rang in hangs up. Raises Conflict when they have already."""
        await self._ami.ask("Hangup", {"Channel": channel_id, "Cause": "16"})

    def _rung(self, _: Ami, event: Mapping[str, str]) -> None:
        taken = self._calls.get(event.get("Uniqueid", ""))
        if taken and not taken.done():
            taken.set_result(event.get("Reason", ""))


def _ring_in(
    channel_id: str, did: str, number: str | None, name: str, then: str
) -> list[tuple[str, str]]:
    return [
        ("Channel", f"Local/{did}@ring-in/n"),
        ("ChannelId", channel_id),
        ("Context", "callers"),
        ("Exten", then),
        ("Priority", "1"),
        ("Timeout", str(int(TAKEN_WITHIN_S * 1000))),
        ("Async", "true"),
        # AMI's own CallerID header cuts names and gets quotes wrong.
        ("Variable", f"NAME={b64encode(_sayable(name)).decode()}"),
        ("Variable", f"NUMBER={number or ''}"),
    ]


def _sayable(name: str) -> bytes:
    """Without what would break the SIP message: the exchange would never see the call."""
    cleaned = name.translate(dict.fromkeys(map(ord, "\r\n\0")))
    return cleaned.encode(errors="ignore")[:LONGEST_NAME].decode(errors="ignore").encode()
