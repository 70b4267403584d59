"""What a job's function holds in its hands, in the child process: its order, and its reports."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

EVERY_S = 0.25  # at most so often is progress told


class Order(msgspec.Struct):
    """What the child is told first, on its standard input: one line of JSON."""

    job_id: int
    run: str  # "module:function"
    params: dict[str, Any]
    attempt: int
    database_url: str
    folder: str
    memory_mb: int


class Cancelled(Exception):
    """The job was told to stop. Raised by Work.check; a function lets it through."""


class Work:
    """`params` are those it was started with; `attempt` is 1 unless an earlier one was cut off.

    `engine` is the child's own. `folder` is the job's own, there for as long as its row is.
    """

    def __init__(self, order: Order, engine: AsyncEngine, report: int) -> None:
        self.job_id = order.job_id
        self.params = order.params
        self.attempt = order.attempt
        self.engine = engine
        self.folder = Path(order.folder)
        self._report = report  # file descriptor
        self._stop = threading.Event()
        self._last = 0.0
        self._unsaid: dict[str, Any] | None = None

    @property
    def cancelled(self) -> bool:
        """Whether to stop: its owner wants it, or the service ends (and begins it again later).

        Ask between batches. Which of the two it is nobody knows here, so leave nothing half done,
        and nothing away that another attempt needs.
        """
        return self._stop.is_set()

    def check(self) -> None:
        """Raise Cancelled when it is time to stop."""
        if self.cancelled:
            raise Cancelled

    def progress(self, done: int, total: int = 0, **counts: int) -> None:
        """So far `done` of `total` (0: not known). Cheap: call it as often as you like."""
        self._unsaid = {"done": done, "total": total, "counts": counts}
        if time.monotonic() - self._last >= EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Say now what was held back."""
        if self._unsaid is not None:
            self._last = time.monotonic()
            self.say(self._unsaid)
            self._unsaid = None

    def say(self, message: dict[str, Any]) -> None:
        """One line to the service."""
        line = memoryview(msgspec.json.encode(message) + b"\n")
        while line:
            line = line[os.write(self._report, line) :]

    def stop(self) -> None:
        self._stop.set()
