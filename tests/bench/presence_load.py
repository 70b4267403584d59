"""The load of bench_presence, in its own process: a morning's agents, and calls that go on.

Reads {"port", "cookies": {extension: cookie}} from its standard input once its AMI port is written
to its standard output; writes the measurements as JSON at the end.
"""

import asyncio
import json
import resource
import sys
import time
from typing import Any

import aiohttp

from callcenter.people.session import COOKIE
from tests.bench.popup_load import GAP, Load, Page, percentiles
from tests.fakes import FakeAsterisk

HERE = 100  # agents who are at work before the others come
QUIET = 500  # popups before
OVER = 10.0  # seconds in which the others come
PAUSE = 0.005  # seconds between two popups


class Office:
    def __init__(self, asterisk: FakeAsterisk, about: dict[str, Any]) -> None:
        self.load = Load(asterisk)
        self.port, self.cookies = about["port"], about["cookies"]
        self.extensions = list(self.cookies)
        self.here: list[str] = []
        self.took: list[float] = []  # seconds from the wish to the answer

    async def comes(self, http: aiohttp.ClientSession, extension: str, delay: float) -> None:
        """An agent opens the page and is ready."""
        await asyncio.sleep(delay)
        loop = asyncio.get_running_loop()
        page = Page(self.port, self.cookies[extension], self.load.heard)
        await loop.create_connection(lambda: page, "127.0.0.1", self.port)
        await page.ready
        number = self.extensions.index(extension) + 1
        origin = f"http://127.0.0.1:{self.port}"
        headers = {
            "Cookie": f"{COOKIE}={self.cookies[extension]}",
            "X-CSRF-Token": f"csrf{number}",
            "Origin": origin,
        }
        began = time.perf_counter()
        url, wish = f"{origin}/api/v1/me/state", {"state": "ready"}
        async with http.put(url, json=wish, headers=headers) as answer:
            said = await answer.json()
        assert said.get("state") == "ready", said
        self.took.append(time.perf_counter() - began)
        self.here.append(extension)

    async def popup(self, number: int) -> float:
        """Seconds until a call is on the screen of somebody who is at work."""
        extension = self.here[number * 7 % len(self.here)]
        seconds = await self.load.pops([(extension, self.load.cold())], GAP)
        await asyncio.sleep(PAUSE)
        return seconds


async def measure(office: Office) -> dict[str, Any]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        first, others = office.extensions[:HERE], office.extensions[HERE:]
        await asyncio.gather(*(office.comes(http, each, 0) for each in first))
        quiet = [await office.popup(each) for each in range(QUIET)]
        office.took.clear()
        morning = asyncio.gather(
            *(office.comes(http, each, OVER * i / len(others)) for i, each in enumerate(others))
        )
        began, busy = time.perf_counter(), []
        while not morning.done():
            busy.append(await office.popup(len(busy)))
        await morning
    members = office.load.asterisk.queues["sales"].values()
    assert len(members) == len(office.extensions)
    assert {each["Paused"] for each in members} == {"0"}
    return {
        "quiet": percentiles(quiet) | {"max": round(max(quiet) * 1000, 3)},
        "morning": percentiles(busy) | {"max": round(max(busy) * 1000, 3)},
        "popups": len(busy),
        "over_s": round(time.perf_counter() - began, 1),
        "ready": percentiles(office.took) | {"max": round(max(office.took) * 1000, 3)},
    }


async def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asterisk = FakeAsterisk()
    asterisk.queues["sales"] = {}
    asterisk.devices = {f"PJSIP/{1000 + each}": "NOT_INUSE" for each in range(1000)}
    await asterisk.listens()
    print(asterisk.port, flush=True)
    about = json.loads(await asyncio.to_thread(sys.stdin.readline))
    async with asyncio.timeout(60):
        while asterisk.count("QueueStatus") == 0:
            await asyncio.sleep(0.05)
    print(json.dumps(await measure(Office(asterisk, about))), flush=True)
    await asterisk.stops()


if __name__ == "__main__":
    asyncio.run(main())
