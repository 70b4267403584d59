"""SQLite has one writer and no queue: who writes much leaves others their turn.

Who waits for it looks again after 1, 2, 5, 10, 15, 20, then each 25 ms up to an eighth of a
second, and seldom afterwards. So who writes much does it for a tenth of a second; then, if somebody
else wants to write, others may for so long that they cannot miss it. Who wants to holds a lock on a
file beside the database, which they share; it ends with its process.
"""

import asyncio
import fcntl
import os
import struct
import time
import weakref
from typing import Any, Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine

HELD_S: Final = 0.1  # with 0.15 one of twenty waits for a third of a second instead of a tenth
TURN_S: Final = 0.025
_LOOK_S: Final = 0.002
_READING: Final = ("SELECT", "PRAGMA", "EXPLAIN")
_WANTS: Final = "wants to write"  # in the info of a connection

_shown: "weakref.WeakKeyDictionary[Engine, _Wishes]" = weakref.WeakKeyDictionary()


def show_wishes(engine: AsyncEngine) -> None:
    """From now on whoever writes through this engine of SQLite's shows it to all processes."""
    path = engine.url.database
    if path and path != ":memory:":
        _shown[engine.sync_engine] = _Wishes(engine.sync_engine, f"{path}-wishes")


async def leave_turn(engine: AsyncEngine) -> None:
    """Let others write, if somebody wants to: until they have, but for TURN_S at most.

    PostgreSQL's wait in a queue.
    """
    if wishes := _shown.get(engine.sync_engine):
        until = time.monotonic() + TURN_S
        while wishes.any() and time.monotonic() < until:
            await asyncio.sleep(_LOOK_S)


class _Wishes:
    def __init__(self, engine: Engine, path: str) -> None:
        self._path = path
        self._file = -1
        self._wanting = 0  # connections of this engine
        event.listen(engine, "connect", self._open)
        event.listen(engine, "before_cursor_execute", self._execute)
        event.listen(engine, "commit", self._end)
        event.listen(engine, "rollback", self._end)
        for lost in ("checkin", "invalidate", "close"):  # without an end, as where it was cancelled
            event.listen(engine, lost, lambda _, record, *__: self._over(record.info))

    def _open(self, *_: object) -> None:
        """Not before SQLite has its own file: where that cannot be, it says so."""
        if self._file < 0:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)  # the pool may live longer than the engine

    def any(self) -> bool:
        """Whether somebody wants to write; the caller has just ended its own transaction."""
        if self._wanting:
            return True
        found = fcntl.fcntl(self._file, fcntl.F_OFD_GETLK, _lock(fcntl.F_WRLCK))
        return bool(struct.unpack(_LOCK, found)[0] != fcntl.F_UNLCK)

    def _execute(self, connection: Connection, cursor: object, statement: str, *_: object) -> None:
        wants = not statement.lstrip().startswith(_READING)
        if wants and not connection.info.get(_WANTS):
            connection.info[_WANTS] = True
            self._wanting += 1
            if self._wanting == 1:
                fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _lock(fcntl.F_RDLCK))

    def _end(self, connection: Connection) -> None:
        if not connection.invalidated:  # it would connect once more
            self._over(connection.info)

    def _over(self, info: dict[Any, Any]) -> None:
        if info.pop(_WANTS, False):
            self._wanting -= 1
            if self._wanting == 0:
                fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _lock(fcntl.F_UNLCK))


_LOCK: Final = "hhqqi4x"  # struct flock: kind, whence, start, length (0: all), process


def _lock(kind: int) -> bytes:
    return struct.pack(_LOCK, kind, os.SEEK_SET, 0, 0, 0)
