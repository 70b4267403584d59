"""The demo's carrier, as the service runs it and as `callcenter simulate` reaches it."""

import argparse
import sys

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.asterisk import rootfs
from callcenter.asterisk.dialplan import CarrierPorts, Ports
from callcenter.carrier.carrier import Carrier
from callcenter.carrier.queries import some_number
from callcenter.config import Config, database_url, home, number_range
from callcenter.customers.models import Customer
from callcenter.db import database
from callcenter.doctor import service_runs
from callcenter.errors import CallcenterError, Conflict
from callcenter.secrets import Secrets, load_secrets
from callcenter.switchboard.versions import live


def carrier_ports(config: Config) -> CarrierPorts:
    """After the exchange's three."""
    return CarrierPorts.from_first(config.asterisk.port + 4)


def carrier_of(config: Config, secrets: Secrets) -> Carrier:
    """The carrier of this installation; nothing is started."""
    return Carrier(
        rootfs.folder(home()),
        home() / "carrier",
        ports=carrier_ports(config),
        exchange=Ports.from_first(config.asterisk.port),
        rtp_ports=number_range(config.asterisk.rtp_ports),
        secrets=secrets,
        desk_extensions=number_range(config.asterisk.desk_extensions),
    )


async def simulate(config: Config, arguments: argparse.Namespace) -> int:
    """Let somebody ring in at the running service. The exit status."""
    try:
        if not config.demo.on:
            raise Conflict("Calls can be simulated in the demo only.")
        if not service_runs(home()):
            raise Conflict("The call center does not run; `make run` starts it.")
        did, number = await _who_and_where(config, arguments)
        carrier = carrier_of(config, load_secrets(home()))
        async with carrier.attached():
            await carrier.call(did, number, name=arguments.name, then=arguments.then)
    except (CallcenterError, TimeoutError) as error:
        sys.stderr.write(f"{error or 'The carrier does not answer: is the service running?'}\n")
        return 1
    sys.stdout.write(f"{number or 'A withheld number'} is ringing at {did}.\n")
    return 0


async def _first_number(session: AsyncSession) -> str:
    numbers = (await live(session)).plan.numbers
    return numbers[0].number if numbers else ""


async def _who_and_where(config: Config, arguments: argparse.Namespace) -> tuple[str, str | None]:
    async with database(database_url(config)) as (_, sessions), sessions() as session:
        did = arguments.to or await _first_number(session)
        if not did:
            raise Conflict("No number of the company leads to a queue.")
        if arguments.withheld:
            return did, None
        number = arguments.number or await some_number(session, select(Customer.id))
    if not number:
        raise Conflict("There is no customer who could call.")
    return did, number
