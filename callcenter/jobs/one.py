"""One job that is not over, and its child process while it has one."""

import asyncio
import logging
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from callcenter.errors import N_
from callcenter.jobs.kinds import Kind
from callcenter.jobs.models import Job, State
from callcenter.jobs.ready import Ready
from callcenter.jobs.work import Order
from callcenter.tasks import running

log = logging.getLogger(__name__)

NOTED_EVERY_S = 1.0  # progress in the row
GRACE_S = 2.0  # for the child when the service ends
TAIL = 8000  # bytes of what it complained about last, for the log
SURE_S = 1.0  # before that the time left would be a guess

KILLED = N_("The system ended it, most likely because memory ran out.")
CRASHED = N_("It ended unexpectedly. The reason stands in the log of the service.")
NOT_BEGUN = N_("It could not be begun: this machine has no room for it.")


class Ending(NamedTuple):
    """How it went: the row's last values."""

    state: State
    result: dict[str, Any]
    problem: dict[str, Any]


CANCELLED = Ending(State.CANCELLED, {}, {})


def failed(text: str, **values: object) -> Ending:
    return Ending(State.FAILED, {}, {"text": text, "values": values})


class One:
    """`job` is a copy of the row, kept newer than it; `over` is set when it is over.

    `left_s` is an estimate in seconds, None while there is none.
    """

    def __init__(self, job: Job, kind: Kind) -> None:
        self.job = job
        self.kind = kind
        self.over = asyncio.Event()
        self.left_s: float | None = None
        self.pid: int | None = None
        self._cancel = asyncio.Event()
        self._ended = asyncio.Event()
        self._dirty = False
        self._since: tuple[float, int, int] | None = None  # monotonic time, done, total
        self._last: dict[str, Any] = {}  # what it said at the end
        self._complaints = b""

    def cancel(self) -> None:
        self.job.cancel_requested = True
        self._cancel.set()

    async def see_through(
        self,
        url: str,
        folder: Path,
        *,
        ready: Ready,
        say: Callable[[], None],
        note: Callable[[], Awaitable[None]],
    ) -> Ending:
        """Run its child to the end. `say` is called at each progress, `note` once a second at most.

        Cancelled, because the service ends, it ends the child and says nothing.
        """
        folder.mkdir(parents=True, exist_ok=True)
        try:
            process = await ready.take(self.kind.run)
        except OSError as error:
            log.error("job %d: no process: %s", self.job.id, error)
            return failed(NOT_BEGUN)
        self.pid = process.pid
        try:
            async with (
                running(self._insist(process), name="cancel a job", vital=False),
                running(self._keep(note), name="note a job", vital=False) as kept,
                running(self._complain(process), name="log of a job", vital=False) as complained,
            ):
                _tell(process, msgspec.json.encode(self._order(url, folder)))
                await self._listen(process, say)
                status = await process.wait()
                _kill(process)  # what it may have left behind
                self._ended.set()
                await asyncio.wait([kept, complained])
        finally:
            await _end(process)
            self.pid = None
        return self._ending(status)

    def _order(self, url: str, folder: Path) -> Order:
        job = self.job
        return Order(
            job_id=job.id,
            run=self.kind.run,
            params=job.params,
            attempt=job.attempts,
            database_url=url,
            folder=str(folder),
            memory_mb=self.kind.memory_mb,
        )

    async def _listen(self, process: Process, say: Callable[[], None]) -> None:
        assert process.stdout
        try:
            async for line in process.stdout:
                self._hear(line)
                say()
        except ValueError as error:  # too long, or no JSON: a mistake in the function
            log.error("job %d reports what is no report: %s", self.job.id, error)
            self._last = {"problem": failed(CRASHED).problem}
            _kill(process)

    def _hear(self, line: bytes) -> None:
        match msgspec.json.decode(line):
            case {"done": int(done), "total": int(total), "counts": dict(counts)}:
                self.left_s = self._estimate(done, total)
                self.job.done, self.job.total, self.job.counts = done, total, counts
                self._dirty = True
            case dict(last):
                self._last = last

    def _estimate(self, done: int, total: int) -> float | None:
        now = time.monotonic()
        if self._since is None or total != self._since[2] or done < self.job.done:
            self._since = (now, done, total)  # the first, or another part of the work
        began, before, _ = self._since
        if now - began < SURE_S or done <= before:
            return None
        return max(0.0, (total - done) * (now - began) / (done - before))

    async def _keep(self, note: Callable[[], Awaitable[None]]) -> None:
        while not self._ended.is_set():
            if self._dirty:
                self._dirty = False
                await note()
            with suppress(TimeoutError):
                async with asyncio.timeout(NOTED_EVERY_S):
                    await self._ended.wait()

    async def _complain(self, process: Process) -> None:
        assert process.stderr
        while piece := await process.stderr.read(2**16):
            self._complaints = (self._complaints + piece)[-TAIL:]

    async def _insist(self, process: Process) -> None:
        await self._cancel.wait()
        _tell(process, b"cancel")
        await asyncio.sleep(self.kind.patience_s)
        log.warning("job %d does not stop by itself and is killed", self.job.id)
        _kill(process)

    def _ending(self, status: int) -> Ending:
        if self._complaints:
            said = self._complaints.decode("utf-8", "replace").strip()
            log.warning("job %d (%s) said:\n%s", self.job.id, self.kind.run, said)
        match self._last:
            case {"result": dict(result)} if status == 0:
                return Ending(State.DONE, result, {})
            case {"problem": dict(problem)}:
                return Ending(State.FAILED, {}, problem)
        if self._cancel.is_set():
            return CANCELLED
        log.error("job %d (%s) ended with status %d", self.job.id, self.kind.run, status)
        return failed(KILLED if status == -signal.SIGKILL else CRASHED)


def _tell(process: Process, line: bytes) -> None:
    assert process.stdin
    if not process.stdin.is_closing():  # else it has ended
        process.stdin.write(line + b"\n")


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _end(process: Process) -> None:
    """Whatever happened: nothing of it runs when this returns."""
    if process.stdin:
        process.stdin.close()
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_S):
            await process.wait()
    _kill(process)
    await process.wait()
