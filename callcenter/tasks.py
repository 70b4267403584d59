"""Tasks with an owner. There is no create_task anywhere else."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

log = logging.getLogger(__name__)


@asynccontextmanager
async def running(
    job: Coroutine[Any, Any, None], name: str, vital: bool = True
) -> AsyncIterator[asyncio.Task[None]]:
    """Run `job` for as long as the block lasts; its task is what the block is given.

    A vital job that crashes ends the process: half alive is worse than restarted. Any other
    job's crash is logged and stays its own.
    """
    task = asyncio.create_task(job, name=name)
    task.add_done_callback(_report_vital if vital else _report)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):  # the report has logged it
            await task


class Group:
    """Short jobs that nobody waits for, owned by whoever owns the group."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, job: Coroutine[Any, Any, object], name: str) -> None:
        task = asyncio.create_task(job, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_report)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _report(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.critical("task %s died", task.get_name(), exc_info=error)


def _report_vital(task: asyncio.Task[None]) -> None:
    _report(task)
    if not task.cancelled() and task.exception():
        signal.raise_signal(signal.SIGTERM)
