"""The way of a file to us: written down while it arrives, never more of it than we take."""

import asyncio
import errno
import hashlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from aiohttp import web

from callcenter.errors import N_, Invalid, StorageFull
from callcenter.imports.reading import UPLOAD
from callcenter.sheets.caps import MB, Caps

SILENT_S = 60.0  # until an upload that says nothing more is given up
_PIECE = 2**16  # bytes
_AT_ONCE = 2**20  # bytes kept in memory
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Arrived:
    """A whole file in a folder of its own; its size in bytes, its SHA-256 in hex."""

    folder: Path
    size: int
    sha256: str


async def sent(request: web.Request) -> tuple[str, AsyncIterator[bytes], int | None]:
    """What a page or a program sends us: the file's name, its bytes, how many they will be. The
    body is the file, and ?name= what it is called; or it came with a form."""
    if request.content_type != "multipart/form-data":
        name = tidy_name(request.query.get("name", ""))
        return name, request.content.iter_chunked(_PIECE), request.content_length
    given = (await request.post()).get("file")
    if not isinstance(given, web.FileField) or not given.filename:
        return "", _in_pieces(b""), 0
    content = await asyncio.to_thread(given.file.read)
    return tidy_name(given.filename), _in_pieces(content), len(content)


async def receive(
    home: Path, pieces: AsyncIterator[bytes], expected: int | None, most: int | None = None
) -> Arrived:
    """Write the pieces down in a new folder below `home`, at most so many bytes. Raises Invalid,
    StorageFull.

    Whatever goes wrong, nothing is left behind.
    """
    most = most or Caps().size
    if expected is not None and expected > most:
        raise _too_large(most)
    folder = home / f"incoming-{uuid4().hex}"
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, mode=0o700)
        size, sha256 = await _written(folder / UPLOAD, pieces, most)
        if expected is not None and size != expected:
            raise Invalid(N_("The upload was cut off. Try again."))
    except BaseException as error:
        await asyncio.to_thread(forget, folder)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise StorageFull(N_("There is no room left on the disk.")) from error
        raise
    return Arrived(folder, size, sha256)


async def _written(path: Path, pieces: AsyncIterator[bytes], most: int) -> tuple[int, str]:
    digest, size, waiting = hashlib.sha256(), 0, bytearray()
    iterator = aiter(pieces)
    with await asyncio.to_thread(path.open, "wb") as file:
        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    piece = await anext(iterator)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise Invalid(N_("The upload was cut off. Try again.")) from None
            size += len(piece)
            if size > most:
                raise _too_large(most)
            digest.update(piece)
            waiting += piece
            if len(waiting) >= _AT_ONCE:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(file.write, bytes(waiting))
    return size, digest.hexdigest()


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def settle(arrived: Arrived, folder: Path) -> None:
    """Give the file its import's folder, in place of what may be there."""
    forget(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    arrived.folder.rename(folder)


def forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def tidy_name(name: str) -> str:
    """What a file is called, without a path in front of it and what cannot be read."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    return kept[-_LONGEST_NAME:] or "import"


def _too_large(most: int) -> Invalid:
    return Invalid(N_("This file is larger than {n} MB."), n=most // MB)
