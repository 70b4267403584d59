"""The two houses that bench_calls loads: an exchange alone, and one with the service beside it.

Both have the same dialplan and the same agents' desk phones, which the simulated carrier plays as
it plays the customers. The service is the whole one, as `callcenter run` starts it, and its agents
have their pages open.

The service has a session of its own, as where the system starts it: Linux shares its time out among
sessions. The carrier is another machine in truth: it gives way to the exchange and to the service's
loop, which are real-time where that is allowed, and to nothing else. Late phones are short
recordings.
"""

import asyncio
import json
import os
import re
import socket
import sqlite3
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import msgspec

from callcenter import config
from callcenter.asterisk import rootfs
from callcenter.asterisk.ami import Ami
from callcenter.asterisk.dialplan import USER, CarrierPorts, Ports, render_exchange
from callcenter.asterisk.process import Asterisk
from callcenter.carrier.carrier import Carrier
from callcenter.carrier.ports import free_port
from callcenter.db import database
from callcenter.migrations import migrate
from callcenter.people.session import COOKIE
from callcenter.secrets import load_secrets
from callcenter.tasks import Group, running
from tests.bench.bench_popup import FIRST, fill
from tests.bench.popup_load import Page
from tests.stage import plan_of
from tests.stories.service import a_service

AGENTS, CUSTOMERS = 240, 100_000
EXTENSIONS = [str(FIRST + each) for each in range(AGENTS)]
DESKS = f"{EXTENSIONS[0]}-{EXTENSIONS[-1]}"
DID = "02873001234"
RTP, CARRIERS_RTP = "22000-24999", range(25000, 28000)
REGISTERED = re.compile(r"\bRegistered\b")  # as the carrier's console says it
TIMESTAMP = 35  # SO_TIMESTAMPNS of Linux
NOTED_AFTER_S = 1.0  # after a call, before its agent is ready again


@dataclass
class House:
    """`service` is None where the exchange is alone. `pages` see the popups."""

    folder: Path  # the exchange's
    exchange: int  # process ids
    carrier: Carrier
    service: int | None = None
    pages: "Pages | None" = None

    @property
    def cel(self) -> Path:
        return self.folder / "log/cel-custom/cel.csv"

    @property
    def spool(self) -> Path:
        """Where recordings are made."""
        return self.folder / "spool/monitor"


@asynccontextmanager
async def alone(folder: Path) -> AsyncIterator[House]:
    """An exchange to whose AMI nobody is attached."""
    settings = config.load(config.ROOT / "config.toml").asterisk
    settings = msgspec.structs.replace(settings, desk_extensions=DESKS, rtp_ports=RTP)
    first, secrets = free_port(8), load_secrets(folder)
    ports = Ports.from_first(first)
    files = render_exchange(
        config=settings,
        ports=ports,
        secrets=secrets,
        plan=plan_of({DID: "sales"}, "sales"),
        carrier=f"127.0.0.1:{CarrierPorts.from_first(first + 4).sip}",
    )
    exchange = Asterisk(
        "exchange", rootfs.folder(config.home()), folder / "exchange", files, comes_first=True
    )
    try:
        await exchange.start()
        ami = Ami("127.0.0.1", ports.ami, USER, secrets.ami)
        async with running(ami.run(), "AMI"):
            await ami.wait_connected(5)
            for each in EXTENSIONS:
                await ami.ask("QueueAdd", {"Queue": "sales", "Interface": f"PJSIP/{each}"})
        async with world(folder, ports) as carrier:
            assert exchange.pid
            yield House(folder / "exchange", exchange.pid, carrier)
    finally:
        await exchange.stop()


@asynccontextmanager
async def with_service(folder: Path) -> AsyncIterator[House]:
    """The same with the service, all agents ready at their pages."""
    changes = {"desk_extensions": f'"{DESKS}"', "rtp_ports": f'"{RTP}"', "on": "false"}
    with a_service(folder, **changes) as service:
        cookies = await _company(service.home)
        service.under = ("setpriv", "--pdeathsig", "TERM", "setsid")
        await asyncio.to_thread(service.start)
        assert service.process
        ports = Ports.from_first(service.ports)
        async with world(service.home, ports) as carrier, Pages(service.url, cookies) as pages:
            observer = Ami(
                "127.0.0.1",
                ports.ami,
                USER,
                load_secrets(service.home).ami,
                hear=pages.phone_rings,
                wanted=["Newstate"],
            )
            async with running(observer.run(), "observer"):
                await observer.wait_connected(5)
                yield House(
                    service.home / "exchange",
                    service.pid_of("exchange"),
                    carrier,
                    service.process.pid,
                    pages,
                )
        await asyncio.to_thread(service.stop)


async def _company(home: Path) -> dict[str, str]:
    home.mkdir(parents=True)
    path = home / "callcenter.db"
    async with database(f"sqlite+aiosqlite:///{path}") as (engine, _):
        await migrate(engine)
    cookies = await asyncio.to_thread(fill, path, AGENTS, CUSTOMERS)
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO dids (number, queue) VALUES (?, 'sales')", (DID,))
        # The exchange alone knows no owners: the way of a call is the same in both houses.
        db.execute("INSERT INTO settings (name, value) VALUES ('owner_rings_s', '0')")
    return cookies


@asynccontextmanager
async def world(folder: Path, ports: Ports) -> AsyncIterator[Carrier]:
    """The carrier beside that exchange, once its phones have signed in."""
    carrier = Carrier(
        rootfs.folder(config.home()),
        folder / "carrier",
        ports=CarrierPorts.from_first(ports.ami + 4),
        exchange=ports,
        rtp_ports=CARRIERS_RTP,
        secrets=load_secrets(folder),
        desk_extensions=range(0),
        desk_phones=EXTENSIONS,
    )
    try:
        await carrier.start()
        _comes_before_ordinary_programs(carrier.asterisk.pid)
        async with carrier.attached():
            await _signed_in(carrier)
            yield carrier
    finally:
        await carrier.stop()


def _comes_before_ordinary_programs(pid: int | None) -> None:
    with suppress(PermissionError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(1))


async def _signed_in(carrier: Carrier) -> None:
    async with asyncio.timeout(30):
        registered = 0
        while registered < AGENTS:
            said = await carrier.asterisk.cli("pjsip show registrations")
            registered = len(REGISTERED.findall(said))


class Wire(socket.socket):
    """A page's. `came`: when the last bytes of what was read came, by the kernel (POSIX seconds):
    how late we are to read them ourselves is no matter of the service's."""

    def __init__(self) -> None:
        super().__init__()
        self.setblocking(False)
        self.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
        self.came = 0.0

    def recv(self, size: int, flags: int = 0) -> bytes:
        data, said, _, _ = self.recvmsg(size, 64, flags)
        for _, kind, value in said:
            if kind == TIMESTAMP:
                seconds, nanoseconds = struct.unpack("qq", value)
                self.came = seconds + nanoseconds / 1e9
        return data


class Pages:
    """The agents' pages: what they see of calls, and what their people do after each.

    `rang` is when the exchange says that a phone rings, `shown` when the popup of that was on the
    page: POSIX seconds by (call's id, extension).
    """

    def __init__(self, url: str, cookies: Mapping[str, str]) -> None:
        self.rang: dict[tuple[str, str], float] = {}
        self.shown: dict[tuple[str, str], float] = {}
        self._url = url
        self._cookies = cookies
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._open: list[Page] = []
        self._group = Group()
        self._over: set[tuple[str, str]] = set()

    async def __aenter__(self) -> "Pages":
        loop, port = asyncio.get_running_loop(), int(self._url.rsplit(":", 1)[1])
        for extension, cookie in self._cookies.items():
            wire = Wire()
            await loop.sock_connect(wire, ("127.0.0.1", port))
            page = Page(port, cookie, partial(self._heard, extension, wire))
            await loop.create_connection(lambda page=page: page, sock=wire)
            await page.ready
            self._open.append(page)
            await self._put(extension, "me/state", {"state": "ready"})
        return self

    async def __aexit__(self, *_: object) -> None:
        for page in self._open:  # nobody notes what ends now
            page.transport.close()
        await self._group.close()
        await self._http.close()

    def phone_rings(self, event: Mapping[str, str]) -> None:
        """Hears Newstate of the exchange."""
        extension = event["Channel"][6:].partition("-")[0]
        if event["ChannelStateDesc"] == "Ringing" and extension in self._cookies:
            self.rang.setdefault((event["Linkedid"], extension), float(event["Timestamp"]))

    def _heard(self, extension: str, wire: Wire, payload: bytes, _: float) -> None:
        if not payload.startswith(b'{"type":"call"'):
            return
        call = json.loads(payload)["call"]
        key = call["call_id"], extension
        if call["mine"] == "ringing":
            assert call["customer"], call
            self.shown.setdefault(key, wire.came)
        elif call["state"] == "ended" and extension in call["agents"] and key not in self._over:
            self._over.add(key)
            self._group.start(self._notes(*key), name=f"note {key}")

    async def _notes(self, call_id: str, extension: str) -> None:
        await asyncio.sleep(NOTED_AFTER_S)
        note = {"note": "Mua thêm hai thùng", "done": True, "next": "ready"}
        await self._put(extension, f"calls/{call_id}/note", note)

    async def _put(self, extension: str, what: str, body: object) -> None:
        headers = {
            "Cookie": f"{COOKIE}={self._cookies[extension]}",
            "X-CSRF-Token": f"csrf{int(extension) - FIRST + 1}",
            "Origin": self._url,
        }
        url = f"{self._url}/api/v1/{what}"
        async with self._http.put(url, json=body, headers=headers) as answer:
            assert answer.ok, await answer.text()
