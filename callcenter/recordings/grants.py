"""A player asks for a recording piece by piece. Whoever was allowed the first piece has the others
without a question to the database, for some seconds.

What takes rights away forgets all grants. LASTS_S is how long one that goes elsewhere may still be
used (a call that becomes another's), for a recording that is playing.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

from callcenter.people.session import spoken_for

LASTS_S = 10.0
MOST = 5000
LARGEST = 2**20  # bytes of an answer that is read at once
ASKED = web.RequestKey("grants forgotten when it was asked", int)


@dataclass(frozen=True, slots=True)
class Grant:
    """The file as it was, and the headers of every answer."""

    path: Path
    etag: str
    size: int
    headers: dict[str, str]
    until: float  # time.monotonic()


class Grants:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[tuple[tuple[bool, str], str], Grant] = {}
        self._forgotten = 0  # how many times some were

    def give(self, request: web.Request, path: Path, headers: dict[str, str]) -> None:
        """Whoever asks has been let in, and that they listen is written down. Nothing when some
        were forgotten since they asked: they may have been let in before that. Raises OSError."""
        if request.get(ASKED) != self._forgotten:
            return
        there = path.stat()
        if len(self._of) >= MOST:
            self._of.clear()
        self._of[_key(request)] = Grant(
            path, etag_of(there), there.st_size, headers, self._clock() + LASTS_S
        )

    def answer(self, request: web.Request) -> web.Response | None:
        """The piece that is asked for; None when that needs a closer look, or the disk."""
        request[ASKED] = self._forgotten
        wanted = request.headers.get(hdrs.RANGE)
        if wanted is None or request.method != "GET":
            return None
        key = _key(request)
        grant = self._of.get(key)
        if grant is None or self._clock() > grant.until:
            self._of.pop(key, None)
            return None
        if request.headers.get(hdrs.IF_RANGE, grant.etag) != grant.etag or conditional(request):
            return None
        piece = piece_of(wanted, grant.size)
        body = _read(grant, *piece) if piece else None
        if piece is None or body is None:
            return None
        first, length = piece
        headers = grant.headers | {
            hdrs.CONTENT_RANGE: f"bytes {first}-{first + length - 1}/{grant.size}",
            hdrs.ACCEPT_RANGES: "bytes",
            hdrs.ETAG: grant.etag,
        }
        return web.Response(status=206, body=body, headers=headers)

    def forget(self, call_id: str) -> None:
        """Of a recording that nobody may hear for now."""
        self._forgotten += 1
        for key in [key for key in self._of if key[1] == call_id]:
            del self._of[key]

    def forget_all(self) -> None:
        """Somebody may hear less than before, or has signed out: everybody is asked once more."""
        self._forgotten += 1
        self._of.clear()


def piece_of(wanted: str, size: int) -> tuple[int, int] | None:
    """First byte and length of "bytes=5000-5999" and "bytes=5000-", within `size` bytes; None for
    all else, for what is not there and for more than LARGEST."""
    unit, _, numbers = wanted.partition("=")
    start, dash, end = numbers.partition("-")
    good = start.isascii() and start.isdigit() and len(start) < 16
    if unit != "bytes" or not dash or not good:
        return None
    if end and not (end.isascii() and end.isdigit() and len(end) < 16):
        return None
    first = int(start)
    last = min(int(end), size - 1) if end else size - 1
    length = last - first + 1
    return (first, length) if 0 < length <= LARGEST else None


def etag_of(there: os.stat_result) -> str:
    """As aiohttp's own answers have it."""
    return f'"{there.st_mtime_ns:x}-{there.st_size:x}"'


def conditional(request: web.Request) -> bool:
    return any(
        name in request.headers
        for name in (
            *(hdrs.IF_MATCH, hdrs.IF_NONE_MATCH),
            *(hdrs.IF_MODIFIED_SINCE, hdrs.IF_UNMODIFIED_SINCE),
        )
    )


def _key(request: web.Request) -> tuple[tuple[bool, str], str]:
    """By the token or the session that lets them in, and by nothing else that a request brings."""
    return spoken_for(request), request.match_info["call_id"]


def _read(grant: Grant, first: int, length: int) -> bytes | None:
    """From memory only, where the system keeps what it has read lately: the disk may take its time,
    and everybody would wait for it. None as well when the file is not what it was."""
    try:
        handle = os.open(grant.path, os.O_RDONLY)
    except OSError:
        return None
    try:
        if etag_of(os.fstat(handle)) != grant.etag:
            return None
        body = bytearray(length)
        return bytes(body) if os.preadv(handle, [body], first, os.RWF_NOWAIT) == length else None
    except OSError:  # it is on the disk, or this disk cannot say
        return None
    finally:
        os.close(handle)
