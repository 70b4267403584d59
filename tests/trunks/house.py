"""A provider whose customer has to sign in, beside the exchange and its carrier."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec.structs import replace

from callcenter.asterisk.dialplan import CarrierPorts, render_exchange
from callcenter.asterisk.trunks import Account
from callcenter.carrier.carrier import Carrier
from callcenter.switchboard.plan import Trunk
from tests.stage import PLAN, free_ports, stage

ACCOUNT = Account("0287300555", "half;a #secret")
OWN, COMPANY = "02873005555", "02873001234"


def plan(port, **values):
    """The provider is tried first, then what the installation brings."""
    first = Trunk(
        **{
            "name": "viettel",
            "title": "Viettel",
            "host": "127.0.0.1",
            "port": port,
            "username": ACCOUNT.username,
            "password": ACCOUNT.password,
            "registers": True,
            "caller_id": OWN,
            **values,
        }
    )
    return replace(PLAN, trunks=(first, Trunk(name="carrier", title="Carrier")))


class Provider:
    """The provider "viettel" is tried first, the carrier that the exchange brings second."""

    def __init__(self, house, carrier, ports):
        self.house, self.carrier, self.ports = house, carrier, ports

    async def is_set(self, **values):
        """Let the exchange have it so, by a reload."""
        files = render_exchange(
            config=self.house.config,
            ports=self.house.ports,
            secrets=self.house.secrets,
            plan=plan(self.ports.sip, **values),
            carrier=f"127.0.0.1:{self.house.carrier_ports.sip}",
        )
        for name in "pjsip.conf", "extensions.conf":
            (self.house.home / "exchange/etc" / name).write_text(files[name])
        for command in "module reload res_pjsip.so", "dialplan reload":
            await self.house.exchange.cli(command)

    async def becomes(self, state, command="pjsip show registrations"):
        """Wait until the exchange says so of it."""
        async with asyncio.timeout(25):
            while not any(
                "trunk-viettel" in row and state in row
                for row in (await self.house.exchange.cli(command)).splitlines()
            ):
                await asyncio.sleep(0.1)

    async def caller(self, number):
        """Who rang there last, as the provider saw it."""
        channels = await self.carrier.asterisk.cli("core show channels concise")
        [row] = [row.split("!") for row in channels.splitlines() if f"!{number}!" in row]
        return row[7]


@asynccontextmanager
async def two_providers(home):
    """Both up, the exchange signed in at the provider."""
    ports = CarrierPorts(*free_ports(3))
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(stage(home, plan=plan(ports.sip)))
        carrier = Carrier(
            house.root,
            home / "provider",
            ports=ports,
            exchange=house.ports,
            rtp_ports=range(22000, 22400),
            secrets=house.secrets,
            desk_extensions=range(0),
            account=ACCOUNT,
        )
        stack.push_async_callback(carrier.stop)
        await carrier.start()
        provider = Provider(house, carrier, ports)
        await stack.enter_async_context(carrier.attached())
        await house.exchange.cli("pjsip send register *all")
        await provider.becomes("Registered")
        yield provider
