"""The sounds: kept in a folder of ours by what is in them, laid out for the exchange by name.

The exchange opens a file when it begins to play it. A new one takes its name in one move, so that
whoever hears the old sound hears it to its end.
"""

import asyncio
import hashlib
import logging
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from callcenter.documents.store import forget, write_down
from callcenter.errors import N_, Invalid, Missing, StorageFull
from callcenter.prompts.audio import convert

log = logging.getLogger(__name__)

INCOMING = ".incoming"
MOST_MB = 60  # five minutes of the largest kind there is


@dataclass(frozen=True, slots=True)
class Sound:
    """Of what was converted: its place, and its length."""

    sha256: str
    seconds: float


class Shelf:
    """`folder` holds the sounds; `exchange` is the folder from which the exchange plays them as
    callcenter/NAME, None when it is not ours."""

    def __init__(self, folder: Path, exchange: Path | None) -> None:
        self._folder = folder
        self.exchange = exchange
        self._one = asyncio.Lock()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """What is written down and what the exchange has go together: one change at a time."""
        async with self._one:
            yield

    async def receive(self, pieces: AsyncIterator[bytes], expected: int | None) -> Sound:
        """Take in a file and keep its sound. Raises as documents.store.write_down and
        audio.convert do; then nothing is left behind."""
        name = uuid4().hex
        source, made = self._folder / INCOMING / name, self._folder / INCOMING / f"{name}.wav"
        try:
            size, _ = await write_down(source, pieces, MOST_MB, expected)
            if size == 0:
                raise Invalid(N_("The file is empty."))
            seconds = await convert(source, made)
            return Sound(await asyncio.to_thread(self._keep, made), seconds)
        finally:
            await asyncio.to_thread(forget, [source, made])

    def file_of(self, sha256: str) -> Path:
        """Raises Missing."""
        path = self._folder / f"{sha256}.wav"
        if not path.is_file():
            raise Missing(N_("The sound of this prompt is no longer there."))
        return path

    # ------------------------------------------------------------------ blocking: in a thread

    def lay_ready(self, name: str, sha256: str) -> None:
        """Beside the exchange's sound of that name, whole and on disk, so that `show` cannot fail
        for want of room. Raises Missing, StorageFull."""
        if self.exchange is None:
            return
        part = self._part(self.exchange, name)
        try:
            self.exchange.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.file_of(sha256), part)
            _to_disk(part)
        except OSError as error:
            forget([part])
            raise StorageFull(N_("There is no room left on the disk.")) from error

    def show(self, name: str) -> None:
        """From now on the exchange plays what was laid ready."""
        if self.exchange is not None:
            self._part(self.exchange, name).replace(self.exchange / f"{name}.wav")

    def take_away(self, name: str) -> None:
        if self.exchange is not None:
            forget([self.exchange / f"{name}.wav"])

    def throw_away(self, sha256: str) -> None:
        forget([self._folder / f"{sha256}.wav"])

    def put_right(self, wanted: Mapping[str, str]) -> None:
        """Let the exchange have these, name -> sha256, and no others; before any is changed."""
        (self._folder / INCOMING).mkdir(parents=True, exist_ok=True, mode=0o700)
        forget((self._folder / INCOMING).iterdir())
        forget(path for path in self._folder.glob("*.wav") if path.stem not in wanted.values())
        if self.exchange is None:
            return
        self.exchange.mkdir(parents=True, exist_ok=True)
        forget(path for path in self.exchange.iterdir() if path.name not in _files(wanted))
        for name, sha256 in wanted.items():
            try:
                if _sha256(self.exchange / f"{name}.wav") != sha256:
                    self.lay_ready(name, sha256)
                    self.show(name)
            except (Missing, StorageFull) as error:
                log.error("the prompt %s cannot be played: %s", name, error)

    def _keep(self, made: Path) -> str:
        sha256 = _sha256(made)
        _to_disk(made)
        made.replace(self._folder / f"{sha256}.wav")
        return sha256

    def _part(self, exchange: Path, name: str) -> Path:
        return exchange / f".{name}.part"


def _files(names: Mapping[str, str]) -> set[str]:
    return {f"{name}.wav" for name in names}


def _sha256(path: Path) -> str:
    """ "" when it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
