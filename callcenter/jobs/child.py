"""The process of one job, `python -m callcenter.jobs.child [PLACE]`: one function, and its reports.

What it is likely to run may be named, and is loaded before. Its order and later wishes come on
standard input, so that no password stands in a list of processes; reports leave as lines of JSON on
standard output. It ends with the service: setpriv sees to that, and a closed standard input before
the order.
"""

import asyncio
import errno
import inspect
import logging
import os
import pkgutil
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from callcenter.db import DATABASE_ERRORS, engine_for, is_away
from callcenter.errors import N_, CallcenterError
from callcenter.jobs.work import Cancelled, Order, Work
from callcenter.priority import give_way

OUT_OF_MEMORY = N_("It needs more memory than it may have.")
DISK_FULL = N_("There is no room left on the disk.")
DATABASE_AWAY = N_("The database did not answer.")
# An OSError may be about any file.
NOT_THERE = (*(each for each in DATABASE_ERRORS if each is not OSError), ConnectionRefusedError)


def main() -> int:
    give_way(os.getpid())
    for place in sys.argv[1:]:
        pkgutil.resolve_name(place)
    heard = _lines()
    line = next(heard, b"")
    if not line:
        return 0
    order = msgspec.json.decode(line, type=Order)
    limit = order.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    work = Work(order, engine_for(order.database_url), _take_stdout())
    signal.signal(signal.SIGTERM, lambda *_: work.stop())
    threading.Thread(target=_listen, args=(heard, work), daemon=True).start()
    work.say(_ending(work, pkgutil.resolve_name(order.run)))
    return 0


def _take_stdout() -> int:
    """The pipe to the service, as a descriptor; what the function prints goes to stderr."""
    report = os.dup(1)
    os.dup2(2, 1)
    return report


def _lines() -> Iterator[bytes]:
    """The lines of standard input. Not sys.stdin's: a thread that waits in it holds up the end."""
    rest = b""
    while piece := os.read(0, 2**16):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines


def _listen(heard: Iterator[bytes], work: Work) -> None:
    for line in heard:
        if line.strip() == b"cancel":
            work.stop()
    work.stop()  # the service has let go


def _ending(work: Work, function: Callable[[Work], Any]) -> dict[str, Any]:
    """Run it; what there is to say at the end. Whatever else goes wrong ends in a traceback."""
    try:
        result = asyncio.run(_whole(function, work))
        work.flush()
        return {"result": result or {}}
    except Cancelled:
        work.flush()
        return {"cancelled": True}
    except CallcenterError as error:
        return _problem(error.sentence, **error.values)
    except MemoryError:
        return _problem(OUT_OF_MEMORY)
    except NOT_THERE as error:
        if not is_away(error):
            raise
        logging.exception("the database is away")
        return _problem(DATABASE_AWAY)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _problem(DISK_FULL)


async def _whole(function: Callable[[Work], Any], work: Work) -> dict[str, Any] | None:
    try:
        given = function(work)  # the loop is ours alone: a plain function may take its time
        result: dict[str, Any] | None = await given if inspect.isawaitable(given) else given
        return result
    finally:
        await work.engine.dispose()


def _problem(text: str, **values: object) -> dict[str, Any]:
    return {"problem": {"text": text, "values": {k: _plain(v) for k, v in values.items()}}}


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
