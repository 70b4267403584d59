"""`callcenter selftest`: two real calls, and a look at everything they leave behind.

The whole service is started as `callcenter run` starts it, in a folder of its own, with a demo
company, an exchange and a carrier on free ports; the agent's phone is a desk phone that the carrier
plays. Nothing of this installation is touched.
"""

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, CookieJar, web
from sqlalchemy import select, update

from callcenter import app as application
from callcenter.api.tokens import make_token
from callcenter.asterisk import rootfs
from callcenter.carrier.carrier import Carrier
from callcenter.carrier.ports import free_port
from callcenter.config import ROOT, home, load, number_range
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import dialable
from callcenter.errors import CallcenterError
from callcenter.keys import CARRIER, DIRECTORY, SESSIONS
from callcenter.people.models import User

TONE = "0900000111"  # answers after a second and whistles 440 Hz
PATIENCE_S = 20.0  # for each thing that must happen
TALK_S = 3.0
CUSTOMER_HZ, AGENT_HZ = 440, 1000
RATE = 8000


@dataclass
class Checks:
    rows: list[tuple[str, bool, str]] = field(default_factory=list)

    def note(self, what: str, held: bool, seen: object) -> None:
        self.rows.append((what, held, str(seen)))

    @property
    def passed(self) -> bool:
        return bool(self.rows) and all(held for _, held, _ in self.rows)


@dataclass
class Site:
    """The service under test, and an agent signed in to it."""

    app: web.Application
    url: str
    carrier: Carrier
    api: ClientSession
    events: ClientWebSocketResponse
    agent: User

    async def event(self, true_of: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message of /events that is so."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message: dict[str, Any] = await self.events.receive_json()
                if true_of(message):
                    return message

    async def call(self, call_id: str, true_of: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The call as the API tells it, once it is so."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with self.api.get(f"{self.url}/api/v1/calls/{call_id}") as answer:
                    call: dict[str, Any] = await answer.json() if answer.ok else {}
                if call and true_of(call):
                    return call
                await asyncio.sleep(0.1)

    async def report(self) -> dict[str, Any]:
        async with self.api.get(f"{self.url}/api/v1/reports/calls") as answer:
            totals: dict[str, Any] = (await answer.json())["totals"]
        return totals


def main(as_json: bool) -> int:
    """Run it and print a table, or one JSON object. 0 only if everything held."""
    root = rootfs.folder(home())
    with tempfile.TemporaryDirectory(prefix="callcenter-selftest-") as folder:
        os.environ |= {"CALLCENTER_HOME": folder, "CALLCENTER_ASTERISK": str(root)}
        checks = Checks()
        try:
            asyncio.run(_all(Path(folder), checks))
        except (CallcenterError, ClientError, OSError, TimeoutError) as error:
            checks.note("nothing went wrong on the way", False, error or type(error).__name__)
    if as_json:
        found = [{"check": what, "held": held, "seen": seen} for what, held, seen in checks.rows]
        print(json.dumps({"passed": checks.passed, "checks": found}, ensure_ascii=False))
    else:
        for what, held, seen in checks.rows:
            print(f"{'✓' if held else '✗'} {what:<52} {seen}")
        print("All held." if checks.passed else "Not all held. `callcenter doctor` may know why.")
    return 0 if checks.passed else 1


async def _all(folder: Path, checks: Checks) -> None:
    async with _site(folder) as site:
        checks.note("the service starts", True, site.url)
        await _inbound(site, checks)
        await _outbound(site, checks)


async def _inbound(site: Site, checks: Checks) -> None:
    before = await site.report()
    async with site.app[SESSIONS]() as session:
        found = await session.execute(
            select(Customer.name, CustomerPhone.raw)
            .join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
            .where(Customer.owner_id == site.agent.id)
            .limit(1)
        )
        name, raw = found.one()
    ringing = await site.carrier.call("02873001234", dialable(raw), then="tone")
    popup = await site.event(lambda m: m["type"] == "call" and m["call"]["state"] == "ringing")
    shown = (popup["call"]["customer"] or {}).get("name")
    checks.note("inbound: the popup names the customer", shown == name, shown)
    await site.event(lambda m: m["type"] == "call" and m["call"]["state"] == "talking")
    await asyncio.sleep(TALK_S)
    await site.carrier.hang_up(ringing)
    call = await _kept(site, checks, "inbound", popup["call"]["call_id"], before)
    kept_for = (call["customer"] or {}).get("name")
    checks.note("inbound: the call stands in the customer's file", kept_for == name, kept_for)


async def _outbound(site: Site, checks: Checks) -> None:
    before = await site.report()
    async with site.api.post(f"{site.url}/api/v1/calls", json={"number": TONE}) as answer:
        started = await answer.json()
    checks.note(
        "outbound: the call is placed", answer.ok, started.get("message", started.get("shown"))
    )
    if not answer.ok:
        return
    call_id = started["call_id"]
    seen: list[str] = []

    def talks(message: dict[str, Any]) -> bool:
        if message["type"] == "call" and message["call"]["call_id"] == call_id:
            seen.append(message["call"]["state"])
        return bool(seen) and seen[-1] == "talking"

    await site.event(talks)
    steps = [
        state for state, previous in zip(seen, [None, *seen], strict=False) if state != previous
    ]
    right = steps == ["calling_agent", "calling", "remote_ringing", "talking"]
    checks.note("outbound: every step is shown", right, " → ".join(steps))
    await asyncio.sleep(TALK_S)
    await site.api.post(f"{site.url}/api/v1/calls/{call_id}/hangup")
    await _kept(site, checks, "outbound", call_id, before)


async def _kept(
    site: Site, checks: Checks, direction: str, call_id: str, before: dict[str, Any]
) -> dict[str, Any]:
    note = {"note": f"selftest {direction}", "done": True, "next": "ready"}
    call = await site.call(call_id, lambda call: call["state"] == "ended")
    async with site.api.put(f"{site.url}/api/v1/calls/{call_id}/note", json=note) as answer:
        checks.note(f"{direction}: a note can be saved", answer.ok, answer.status)
    right = call["direction"] == direction and call["result"] == "answered"
    checks.note(
        f"{direction}: the row says what happened", right, f"{call['direction']}, {call['result']}"
    )
    length = call["talked_s"]
    checks.note(
        f"{direction}: talked about {TALK_S:.0f} s", abs(length - TALK_S) < 1, f"{length:.1f} s"
    )
    call = await site.call(call_id, lambda call: call["recording"] in ("ready", "failed"))
    checks.note(
        f"{direction}: the recording is there", call["recording"] == "ready", call["recording"]
    )
    async with site.api.get(f"{site.url}/recordings/{call_id}.mp3") as answer:
        left, right_hz = await asyncio.to_thread(tones, await answer.read())
    checks.note(
        f"{direction}: the customer is on the left", abs(left - CUSTOMER_HZ) < 15, f"{left:.0f} Hz"
    )
    checks.note(
        f"{direction}: the agent is on the right",
        abs(right_hz - AGENT_HZ) < 15,
        f"{right_hz:.0f} Hz",
    )
    after = await site.report()
    counted = after["calls"] - before["calls"] == 1 and after["talked_s"] > before["talked_s"]
    checks.note(
        f"{direction}: the report counts it", counted, f"{before['calls']} → {after['calls']}"
    )
    return call


def tones(mp3: bytes) -> tuple[float, float]:
    """The loudest frequency in Hz on the left and on the right."""
    decode = ["ffmpeg", "-v", "error", "-i", "-", "-f", "s16le", "-ac", "2", "-ar", str(RATE), "-"]
    sound = subprocess.run(decode, input=mp3, capture_output=True, check=True, timeout=30).stdout
    sides = np.frombuffer(sound, dtype="<i2").reshape(-1, 2)
    spectrum = np.abs(np.fft.rfft(sides, axis=0))
    spectrum[: int(50 * len(sides) / RATE)] = 0  # no direct current, no hum
    left, right = spectrum.argmax(axis=0) * RATE / len(sides)
    return float(left), float(right)


@asynccontextmanager
async def _site(folder: Path) -> AsyncIterator[Site]:
    config = load(ROOT / "config.toml")
    desk = str(number_range(config.asterisk.desk_extensions)[0])
    page = free_port()
    config = msgspec.structs.replace(
        config,
        web=msgspec.structs.replace(config.web, listen=f"127.0.0.1:{page}", certificate="", key=""),
        database=msgspec.structs.replace(config.database, url=""),
        asterisk=msgspec.structs.replace(
            config.asterisk, mode="embedded", port=free_port(8), media_address="127.0.0.1"
        ),
        recordings=msgspec.structs.replace(config.recordings, folder=str(folder / "recordings")),
        demo=msgspec.structs.replace(config.demo, on=True),
    )
    app = application.build(config)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    url = f"http://127.0.0.1:{page}"
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", page).start()
        account = next(each for each in app[application.ACCOUNTS] if each.what.startswith("agent"))
        async with app[SESSIONS].begin() as session:
            await session.execute(
                update(User).where(User.username == account.username).values(extension=desk)
            )
        await app[DIRECTORY].load(app[SESSIONS])
        async with _signed_in(app, url, account.username, account.password) as site:
            yield site
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _signed_in(
    app: web.Application, url: str, username: str, password: str
) -> AsyncIterator[Site]:
    token = await make_token(app[SESSIONS], username, "selftest", 1)
    bearer = {"Authorization": f"Bearer {token}"}
    jar = CookieJar(unsafe=True)  # the host is an address
    async with (
        ClientSession(headers={"Origin": url}, cookie_jar=jar) as page,
        ClientSession(headers=bearer) as api,
    ):
        await page.post(f"{url}/sign-in", data={"username": username, "password": password})
        async with app[SESSIONS]() as session:
            agent = await session.scalar(select(User).where(User.username == username))
        carrier = app[CARRIER]
        if agent is None or carrier is None:
            raise OSError("the demo company is not there")
        async with page.ws_connect(f"{url}/events") as events:
            site = Site(app, url, carrier, api, events, agent)
            await site.event(  # the desk phone registers a moment after the carrier's start
                lambda m: m.get("me", {}).get("phone") == "reachable"
            )
            async with api.put(f"{url}/api/v1/me/state", json={"state": "ready"}) as answer:
                if not answer.ok:
                    raise OSError((await answer.json())["message"])
            yield site
