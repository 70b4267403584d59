"""A process that waits for its order, with what it will run already loaded: that takes a second of
which whoever presses the button has nothing.
"""

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress

from callcenter.config import ROOT

log = logging.getLogger(__name__)

KEPT_S = 600.0  # until one that nobody asks for is ended
LONGEST = 2**20  # bytes of one report


class Ready:
    """One process at most, for what was expected last."""

    def __init__(self) -> None:
        self._expected: asyncio.Queue[str] = asyncio.Queue()
        self._for = ""
        self._waiting: Process | None = None

    def expect(self, place: str) -> None:
        """Somebody is about to want that function. May be told as often as one likes."""
        self._expected.put_nowait(place)

    async def take(self, place: str) -> Process:
        """The process that is ready for it, else a new one; the caller ends it."""
        process, self._waiting = self._waiting, None
        if process and (self._for != place or process.returncode is not None):
            await end(process)
            process = None
        return process or await spawn(place)

    async def run(self) -> None:
        """Keep it, for ever."""
        try:
            while True:
                try:
                    async with asyncio.timeout(KEPT_S if self._waiting else None):
                        place = await self._expected.get()
                except TimeoutError:
                    place = ""
                await self._change(place)
        finally:
            if self._waiting:
                await end(self._waiting)

    async def _change(self, place: str) -> None:
        there = self._waiting and self._waiting.returncode is None
        if there and place == self._for:
            return
        before, self._waiting = self._waiting, None
        if before:
            await end(before)
        if place:
            try:
                self._waiting, self._for = await spawn(place), place
            except OSError as error:
                log.warning("no process is ready for %s: %s", place, error)


async def spawn(place: str) -> Process:
    """A process that loads that function and waits for its order. Raises OSError."""
    return await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL"),  # never two at the same job, however we end
        *(sys.executable, "-m", "callcenter.jobs.child", place),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=LONGEST,
        cwd=ROOT,
        start_new_session=True,  # Ctrl+C is for us, and what it starts ends with it
    )


async def end(process: Process) -> None:
    """Whatever it does, it has no order."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
