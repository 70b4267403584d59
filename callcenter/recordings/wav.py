"""The wav files an exchange leaves: 16-bit mono, with a header that cannot always be believed.

An exchange that was killed leaves the sound on disk under a header that says 0 bytes; then the size
of the file is the truth. Nothing here writes.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from callcenter.errors import N_, CallcenterError

SAMPLE = 2  # bytes of one sample
RATES = range(8000, 48001)


class Unusable(CallcenterError):
    """No recording can be made of what is there; the sentence is shown beside the call."""

    status, code = 500, "recording-unusable"


class NoSound(Unusable):
    """The exchange was ready to record, and nobody talked."""


@dataclass(frozen=True, slots=True)
class Wav:
    """Where the sound lies in a file: `frames` samples of 16 bits from byte `offset` on. `is_true`:
    the header says just that."""

    path: Path
    rate: int  # samples a second
    offset: int
    frames: int
    is_true: bool = False

    @property
    def duration_s(self) -> float:
        return self.frames / self.rate

    def slices(self, edges: Sequence[int]) -> Iterator[NDArray[np.int16]]:
        """The samples from each edge to the next, the last to the end; empty behind the end.

        Read piece by piece: an hour is 57 MB, and a mapped file on a failing disk kills us.
        """
        with self.path.open("rb") as file:
            file.seek(self.offset)
            for start, end in pairwise((*edges, max(self.frames, edges[-1]))):
                wanted = max(0, min(end, self.frames) - start)
                block = file.read(wanted * SAMPLE)
                yield np.frombuffer(block[: len(block) // SAMPLE * SAMPLE], "<i2")

    def blocks(self, seconds: int = 1) -> Iterator[bytes]:
        """The sound in pieces, so that an hour of it never stands in memory."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            left = self.frames * SAMPLE
            while left > 0 and (block := file.read(min(left, self.rate * SAMPLE * seconds))):
                left -= len(block)
                yield block[: len(block) // SAMPLE * SAMPLE]


def read_wav(path: Path) -> Wav:
    """The wav in `path`. Raises Unusable when it is none, OSError when it cannot be read."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if size == 0:
            raise Unusable(N_("The exchange left an empty file (0 bytes)."))
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise Unusable(N_("The exchange left a file that is not a recording."))
        rate = 0
        while len(chunk := file.read(8)) == 8:
            name, length = chunk[:4], struct.unpack("<I", chunk[4:])[0]
            if name == b"fmt ":
                rate = _rate(file.read(length + length % 2))
            elif name == b"data" and rate:
                there = size - file.tell()
                whole = struct.unpack("<I", head[4:8])[0] + 8 == size
                is_true = 0 < length <= there and whole
                frames = (length if is_true else there) // SAMPLE
                return Wav(path, rate, file.tell(), frames, is_true)
            else:
                _skip(file, length + length % 2, size)
    raise Unusable(N_("The exchange left a recording that breaks off before the sound begins."))


def _rate(form: bytes) -> int:
    if len(form) >= 16:
        kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form[:16])
        if (kind, channels, bits) == (1, 1, 16) and rate in RATES:
            return int(rate)
    raise Unusable(N_("The exchange left a file that is not a recording."))


def _skip(file: BinaryIO, length: int, size: int) -> None:
    file.seek(min(file.tell() + length, size))
