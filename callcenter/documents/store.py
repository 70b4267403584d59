"""Where documents lie: one file each below a folder, under names of ours.

A file is written to .incoming first and gets its place in one move, so that what has a place is
whole. Everything here reads or writes the disk: not for the event loop, except where it says so.
"""

import asyncio
import errno
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from callcenter.documents.content import Kind, kind_of
from callcenter.errors import N_, Invalid, StorageFull

log = logging.getLogger(__name__)

INCOMING = ".incoming"
AT_ONCE = 2**20  # bytes kept in memory of each upload
SILENT_S = 60.0  # until an upload that says nothing more is given up
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

TOO_LARGE = N_("The file is larger than {mb} MB, the most that is taken.")
NO_ROOM = N_("There is no room left on the disk. The file has not been kept.")
CUT_OFF = N_("The upload was cut off. The file has not been kept.")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A whole file in .incoming: what it is, its size in bytes, its SHA-256 in hex."""

    path: Path
    kind: Kind
    size: int
    sha256: str


async def receive(
    folder: Path, pieces: AsyncIterator[bytes], most_mb: int, expected: int | None
) -> Arrived:
    """Write `pieces` down below `folder`, at most `most_mb` MB of them, and look what they are.

    Raises Invalid for what is too large, cut off (fewer bytes than `expected`) or no document,
    StorageFull. Then, and when it is cancelled, nothing is left behind. For the event loop: the
    disk is used in threads.
    """
    path = folder / INCOMING / uuid4().hex
    whole = False
    try:
        size, sha256 = await write_down(path, pieces, most_mb, expected)
        kind = await asyncio.to_thread(kind_of, path)
        whole = True
        return Arrived(path, kind, size, sha256)
    finally:
        if not whole:
            forget([path])


async def write_down(
    path: Path, pieces: AsyncIterator[bytes], most_mb: int, expected: int | None
) -> tuple[int, str]:
    """The file's size in bytes and its SHA-256, once all of it is on disk.

    Raises Invalid for what is too large or cut off, StorageFull; then a part may be there.
    """
    most = most_mb * 2**20
    if expected is not None and expected > most:
        raise Invalid(TOO_LARGE, mb=most_mb)
    digest, size = hashlib.sha256(), 0
    try:
        file = await asyncio.to_thread(_open, path)
        try:
            async for batch in _batches(pieces):
                size += len(batch)
                if size > most:
                    raise Invalid(TOO_LARGE, mb=most_mb)
                await asyncio.to_thread(_write, file, batch, digest)
            if expected is not None and size != expected:
                raise Invalid(CUT_OFF)
            await asyncio.to_thread(os.fsync, file)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StorageFull(NO_ROOM) from error
    return size, digest.hexdigest()


async def _batches(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces in batches that are worth a thread."""
    waiting = bytearray()
    iterator = aiter(pieces)
    while True:
        try:
            async with asyncio.timeout(SILENT_S):
                waiting += await anext(iterator)
        except StopAsyncIteration:
            break
        except TimeoutError as error:
            raise Invalid(CUT_OFF) from error
        if len(waiting) >= AT_ONCE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def place(folder: Path, arrived: Arrived) -> str:
    """Give the file its place; the place, as the table keeps it. Raises StorageFull."""
    name = uuid4().hex
    where = f"{name[:2]}/{name[2:]}"
    try:
        (folder / name[:2]).mkdir(exist_ok=True)
        arrived.path.rename(folder / where)
        for changed in (folder / name[:2], folder):
            _sync(changed)
    except OSError as error:
        forget([arrived.path, folder / where])
        if error.errno not in FULL:
            raise
        raise StorageFull(NO_ROOM) from error
    return where


def forget(paths: Iterable[Path]) -> None:
    """Remove files; one that is gone already is no reason to stop."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.error("the file %s stays: %s", path, error)


def sweep(folder: Path) -> None:
    """Remove what uploads have left behind that ended with the service. Before any begins."""
    with suppress(FileNotFoundError):
        forget((folder / INCOMING).iterdir())


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _write(file: int, batch: bytes, digest: "hashlib._Hash") -> None:
    digest.update(batch)
    rest = memoryview(batch)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
