"""Lines made by a second process, on another core, while this one judges those before them.

It is a fork: what it needs is there at once, and loading it again would take a second. Of what else
its parent has, threads, connections, a loop, it keeps nothing open and uses nothing.
"""

import fcntl
import gc
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final

from callcenter.imports.kept import decoded, encoded, lines_of
from callcenter.imports.lines import Line, Rules
from callcenter.imports.stored import Stored
from callcenter.sheets.tables import Row

WORTH: Final = 5_000  # rows; a fork of a job takes as long as some hundred of them
_ROOM: Final = 2**20  # bytes of a pipe: a piece, so that the next is begun before it is taken
_forking: Final = get_context("fork")

Make = Callable[[Sequence[Row]], tuple[list[Line], bytes]]


@contextmanager
def lines_ahead(stored: Stored, rules: Rules, size: int, rows: int) -> Iterator[Make]:
    """Gives what makes the lines of a piece, and encodes them as kept.keeping wants them; to be
    asked for all of `stored` in its order, `size` at a time. `rows` is how many there are.

    It goes on alone where there is no second core, and when the second process ends.
    """

    def alone(rows: Sequence[Row]) -> tuple[list[Line], bytes]:
        lines = lines_of(rows, rules)
        return lines, encoded(lines)

    if rows < WORTH or len(os.sched_getaffinity(0)) < 2:
        yield alone
        return
    ours, theirs = _forking.Pipe(duplex=False)
    with suppress(OSError):  # less room does as well, more slowly
        fcntl.fcntl(theirs.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)
    process = _forking.Process(target=_make, args=(theirs, stored, rules, size), daemon=True)
    with suppress(OSError), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads: see above
        process.start()
    theirs.close()  # from here on its end is the end of what there is to read

    def together(rows: Sequence[Row]) -> tuple[list[Line], bytes]:
        with suppress(EOFError, OSError):  # it was killed, had no memory left, or never began
            piece = ours.recv_bytes()
            if lines := decoded(rows, piece):
                return lines, piece
        return alone(rows)

    try:
        yield together
    finally:
        ours.close()
        if process.pid:
            process.kill()
            process.join()


def _make(out: Connection, stored: Stored, rules: Rules, size: int) -> None:
    """All pieces in their order, until nobody takes them any more."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.freeze()  # nothing of the parent's is collected here
    # The service waits until everybody has closed the pipe of reports, the reader for our end.
    os.closerange(3, out.fileno())
    os.closerange(out.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    with suppress(BrokenPipeError):
        for _, rows in stored.pieces(0, size):
            out.send_bytes(encoded(lines_of(rows, rules)))
