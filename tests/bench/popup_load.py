"""The load of bench_popup, in its own process: an Asterisk that rings, and the agents' sockets.

Reads {"port", "pid", "cookies": {extension: cookie}} from its standard input once its AMI port is
written to its standard output; writes the measurements as JSON at the end. With "customers" in it,
it answers each line "popups" with the seconds of some popups instead, until there are no more.
"""

import asyncio
import base64
import json
import os
import resource
import signal
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from callcenter.people.session import COOKIE
from tests.fakes import FakeAsterisk, frame

POPUPS = 1000  # of each kind, one after the other
GAP = 0.005  # seconds between a caller and the ringing phone; a real exchange takes 25 and more
WARM_UP = 200
PAUSE = 0.002  # seconds between two
BURST = 1000
BURSTS = 5
FIRST_PAGES = 200
SOME = 50  # popups for a line
TOGETHER = 1  # pages that open in the same moment
SETTLE = 1.0  # seconds


class Page(asyncio.Protocol):
    """An agent's websocket, as light as can be, so that we measure the service.

    `heard` is given each message after the first, and when it came (perf_counter).
    """

    def __init__(self, port: int, cookie: str, heard: Callable[[bytes, float], None]) -> None:
        self._request = (
            f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"
            f"\r\nSec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1:{port}\r\n"
            f"Cookie: {COOKIE}={cookie}\r\n\r\n"
        ).encode()
        self._heard = heard
        self._buffer = b""
        self._open = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._buffer += data
        if not self._open:
            head, gap, rest = self._buffer.partition(b"\r\n\r\n")
            if not gap:
                return
            assert b" 101 " in head[:20], head
            self._open, self._buffer = True, rest
        while (whole := self._frame()) is not None:
            if whole[0] == b"\x89":
                self.transport.write(b"\x8a\x80" + bytes(4))  # pong
            elif b'"type":"state"' in whole[1]:
                self.ready.set_result(None)
            else:
                self._heard(whole[1], now)

    def _frame(self) -> tuple[bytes, bytes] | None:
        if len(self._buffer) < 4:
            return None
        size, at = self._buffer[1] & 127, 2
        if size == 126:
            size, at = int.from_bytes(self._buffer[2:4]), 4
        if len(self._buffer) < at + size:
            return None
        first, payload = self._buffer[:1], self._buffer[at : at + size]
        self._buffer = self._buffer[at + size :]
        return first, payload


class Story(NamedTuple):
    call_id: bytes
    arrives: bytes
    ringing: bytes
    over: bytes


class Load:
    def __init__(self, asterisk: FakeAsterisk, customers: int = 1_000_000) -> None:
        self.asterisk = asterisk
        self.customers = customers
        self.waiting: dict[bytes, tuple[float, asyncio.Future[float]]] = {}
        self._calls = 0
        self._number = 0

    def heard(self, payload: bytes, now: float) -> None:
        if b'"mine":"ringing"' not in payload:
            return
        assert b'"customer":{"id":' in payload, payload
        start = payload.index(b'"call_id":"') + 11
        found = self.waiting.pop(payload[start : payload.index(b'"', start)], None)
        if found:
            found[1].set_result(now - found[0])

    def cold(self) -> str:
        """A customer's number that nobody has called from before."""
        self._number += 1
        return f"09{self._number * 7919 % self.customers:08}"

    def call(self, extension: str, number: str) -> Story:
        """What a real exchange says of a queue's call, in its order."""
        self._calls += 1
        call_id, leg = f"x-{self._calls}.1", f"x-{self._calls}.2"
        now = f"{time.time():.6f}"
        customer = channel("PJSIP/carrier", self._calls, call_id, call_id, number, "Ring", now)
        agent = channel(f"PJSIP/{extension}", self._calls, leg, call_id, extension, "Down", now)
        rings = channel(f"PJSIP/{extension}", self._calls, leg, call_id, extension, "Ringing", now)
        dest = {f"Dest{name}": value for name, value in agent.items() if name not in SINGLE}
        queued = {"Queue": "sales", "Position": "1", "Count": "1"}
        arrives = [
            {"Event": "Newchannel", **customer},
            {"Event": "QueueCallerJoin", **customer, **queued},
        ]
        ringing = [
            {"Event": "Newchannel", **agent},
            {"Event": "AgentCalled", **customer, **dest, "Queue": "sales", "MemberName": "A"},
            {"Event": "DialBegin", **customer, **dest, "DialString": extension},
            {"Event": "Newstate", **rings},
        ]
        over = [
            {"Event": "Hangup", **each, "Cause": "16", "Cause-txt": "Normal Clearing"}
            for each in (rings, customer)
        ]
        frames = [b"".join(map(frame, each)) for each in (arrives, ringing, over)]
        return Story(call_id.encode(), *frames)

    async def pops(self, calls: list[tuple[str, str]], gap: float) -> float:
        """Seconds from the first byte of these calls (extension, number) to the last message.

        With a gap the callers arrive that long before their phones ring, which starts the clock.
        """
        stories = [self.call(*call) for call in calls]
        loop = asyncio.get_running_loop()
        news = [story.ringing if gap else story.arrives + story.ringing for story in stories]
        if gap:
            await self.asterisk.sends(b"".join(story.arrives for story in stories))
            await asyncio.sleep(gap)
        futures, began = [loop.create_future() for _ in stories], time.perf_counter()
        for story, future in zip(stories, futures, strict=True):
            self.waiting[story.call_id] = (began, future)
        await self.asterisk.sends(b"".join(news))
        async with asyncio.timeout(30):
            seconds = max(await asyncio.gather(*futures))
        await self.asterisk.sends(b"".join(story.over for story in stories))
        return seconds


SINGLE = {"Timestamp", "Linkedid"}


def channel(
    name: str, count: int, channel_id: str, linked_id: str, number: str, state: str, at: str
) -> dict[str, str]:
    numbers = {"Down": "0", "Ring": "4", "Ringing": "5"}
    return {
        "Privilege": "call,all",
        "Timestamp": at,
        "Channel": f"{name}-{count:08x}",
        "ChannelState": numbers[state],
        "ChannelStateDesc": state,
        "CallerIDNum": number,
        "CallerIDName": "<unknown>",
        "ConnectedLineNum": "<unknown>",
        "ConnectedLineName": "<unknown>",
        "Language": "en",
        "AccountCode": "",
        "Context": "from-trunk" if state == "Ring" else "from-phones",
        "Exten": "02873001234" if state == "Ring" else "",
        "Priority": "1",
        "Uniqueid": channel_id,
        "Linkedid": linked_id,
    }


async def memory(pid: int) -> int:
    """Resident bytes of the service, after it has cleared away what it does not need."""
    await asyncio.sleep(SETTLE)
    os.kill(pid, signal.SIGUSR1)
    await asyncio.sleep(SETTLE)
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def measure(load: Load, about: dict[str, Any]) -> dict[str, Any]:
    port, cookies = about["port"], about["cookies"]
    extensions = list(cookies)
    before = 0
    for start in range(0, len(extensions), TOGETHER):
        if start == FIRST_PAGES:  # what is needed once is there by now: the rest is the agents' own
            before = await memory(about["pid"])
        await look(load, port, [cookies[each] for each in extensions[start : start + TOGETHER]])
    each = (await memory(about["pid"]) - before) / (len(extensions) - FIRST_PAGES)
    for i in range(WARM_UP):
        await load.pops([(extensions[i % len(extensions)], load.cold())], GAP)
    return {
        "kb_an_agent": round(each / 1024, 1),
        "as_it_happens": await popups(load, extensions, GAP),
        "all_at_once": await popups(load, extensions, 0.0),
    }


async def look(load: Load, port: int, cookies: list[str]) -> None:
    """Open the pages of those agents, all in the same moment."""
    loop, pages = asyncio.get_running_loop(), [Page(port, cookie, load.heard) for cookie in cookies]
    for page in pages:
        await loop.create_connection(lambda page=page: page, "127.0.0.1", port)
    async with asyncio.timeout(30):
        await asyncio.gather(*(page.ready for page in pages))


async def some_at_a_time(load: Load, about: dict[str, Any]) -> None:
    """Popups of callers nobody has asked for before, as long as somebody wants to know."""
    extensions = list(about["cookies"])
    for cookie in about["cookies"].values():
        await look(load, about["port"], [cookie])
    while await asyncio.to_thread(sys.stdin.readline):
        seconds = []
        for i in range(SOME):
            seconds.append(await load.pops([(extensions[i % len(extensions)], load.cold())], GAP))
            await asyncio.sleep(PAUSE)
        print(json.dumps(seconds), flush=True)


async def popups(load: Load, extensions: list[str], gap: float) -> dict[str, Any]:
    known, cold, warm, bursts = load.cold(), [], [], []
    for i in range(POPUPS):  # one of each in turn, so that both see the same moments
        extension = extensions[i * 7 % len(extensions)]
        cold.append(await load.pops([(extension, load.cold())], gap))
        await asyncio.sleep(PAUSE)
        warm.append(await load.pops([(extension, known)], gap))
        await asyncio.sleep(PAUSE)
    for _ in range(BURSTS):
        await asyncio.sleep(SETTLE)
        everybody = [(each, load.cold()) for each in (extensions * BURST)[:BURST]]
        bursts.append(await load.pops(everybody, gap and SETTLE))
    return {
        "cold": percentiles(cold),
        "warm": percentiles(warm),
        "burst_ms": round(statistics.median(bursts) * 1000, 1),
        "bursts_ms": [round(each * 1000, 1) for each in bursts],
    }


def percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    found = {name: ordered[int(len(ordered) * part)] for name, part in at.items()}
    return {name: round(value * 1000, 3) for name, value in found.items()}


async def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asterisk = FakeAsterisk()
    asterisk.queues["sales"] = {}
    await asterisk.listens()
    print(asterisk.port, flush=True)
    about = json.loads(await asyncio.to_thread(sys.stdin.readline))
    async with asyncio.timeout(60):
        while asterisk.count("QueueStatus") == 0:
            await asyncio.sleep(0.05)
    if "customers" in about:
        await some_at_a_time(Load(asterisk, about["customers"]), about)
    else:
        print(json.dumps(await measure(Load(asterisk), about)), flush=True)
    await asterisk.stops()


if __name__ == "__main__":
    asyncio.run(main())
