"""What the tests of the AMI connection share: someone who listens, and little patience."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from callcenter.asterisk.ami import Ami, Patience
from callcenter.tasks import running
from tests.fakes import SECRET, USER, FakeAsterisk

QUICK = Patience(connect=1, login=1, quiet=0.1, silent=0.1, first=0.01, last=0.05)
CALM = Patience(first=0.01, last=0.05)  # no ping within a test


class Ears:
    """Keeps every event, and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[dict[str, str]] = []
        self._heard = asyncio.Event()

    def __call__(self, event: Mapping[str, str]) -> None:
        self.events.append(dict(event))
        self._heard.set()

    @property
    def names(self) -> list[str]:
        return [event["Event"] for event in self.events]

    async def heard(self, name: str, times: int = 1) -> dict[str, str]:
        async with asyncio.timeout(5):
            while self.names.count(name) < times:
                self._heard.clear()
                await self._heard.wait()
        return [event for event in self.events if event["Event"] == name][times - 1]


@asynccontextmanager
async def connected(asterisk: FakeAsterisk, **options: Any) -> AsyncIterator[Ami]:
    """An Ami that is signed in."""
    async with trying(asterisk, **options) as ami:
        await ami.wait_connected(5)
        yield ami


@asynccontextmanager
async def trying(asterisk: FakeAsterisk, **options: Any) -> AsyncIterator[Ami]:
    """An Ami that does its best."""
    options = {"hear": Ears(), "patience": CALM, "user": USER, "secret": SECRET} | options
    ami = Ami("127.0.0.1", asterisk.port, **options)
    async with running(ami.run(), name="ami", vital=False):
        yield ami


async def told(ami: Any, words: str) -> None:
    """Wait until the problem of an Ami or a Link is told in these words."""
    async with asyncio.timeout(5):
        while words not in ami.problem:
            await asyncio.sleep(0.005)  # a problem is a sentence, not an event
