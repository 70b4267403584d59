"""A recording in pieces becomes one: a new piece begins whenever another phone takes one side.

Each piece is as long as its longer side, so that both sides stay in step to the end.
"""

import asyncio
import logging
import shutil
import tempfile
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from callcenter.errors import N_
from callcenter.recordings.spool import Piece
from callcenter.recordings.wav import SAMPLE, Unusable, Wav, read_wav

log = logging.getLogger(__name__)

USUAL_RATE = 8000
JOINED = ".joined-"


@asynccontextmanager
async def whole(pieces: Sequence[Piece], folder: Path) -> AsyncIterator[tuple[Path, Path]]:
    """The customer's and the agent's wav: of the only piece, or of all of them, joined below
    `folder` for as long as they are needed. Raises as `join` does.
    """
    if len(pieces) == 1 and not pieces[0].is_message:
        yield pieces[0].customer, pieces[0].agent
        return
    try:
        with tempfile.TemporaryDirectory(prefix=JOINED, dir=folder) as name:
            sides = Path(name, "in.wav"), Path(name, "out.wav")
            await asyncio.to_thread(join, pieces, *sides)
            yield sides
    except OSError as error:
        log.warning("the pieces below %s could not be joined: %s", folder, error)
        raise Unusable(N_("The recording could not be kept: the disk is full.")) from error


def sweep(folder: Path) -> None:
    """Remove what a service that was killed left behind while joining. Blocking."""
    for left in folder.glob(f"{JOINED}*"):
        shutil.rmtree(left, ignore_errors=True)


def join(pieces: Sequence[Piece], customer: Path, agent: Path) -> None:
    """Write the customers' sides after each other into `customer`, the agents' into `agent`.

    A side that is missing or broken is silence for as long as the other one lasts: what there is of
    a call is kept. Blocking. Raises Unusable when the pieces do not belong together, OSError.
    """
    read = [
        (_read(piece.customer), None if piece.is_message else _read(piece.agent))
        for piece in pieces
    ]
    rates = {side.rate for piece in read for side in piece if side and side.frames}
    if len(rates) > 1:
        raise Unusable(N_("The two sides of the recording do not belong together."))
    rate = rates.pop() if rates else USUAL_RATE
    lengths = [max(side.frames if side else 0 for side in piece) for piece in read]
    for at, path in enumerate((customer, agent)):
        with path.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setparams((1, SAMPLE, rate, 0, "NONE", ""))
            for piece, frames in zip(read, lengths, strict=True):
                _copy(file, piece[at], frames)


def _read(path: Path) -> Wav | None:
    try:
        return read_wav(path)
    except (Unusable, FileNotFoundError) as error:
        log.warning("recording %s: a piece is not heard: %s", path.name, error)
        return None


def _copy(file: wave.Wave_write, side: Wav | None, frames: int) -> None:
    written = 0
    for block in side.blocks() if side else ():
        file.writeframesraw(block)
        written += len(block) // SAMPLE
    silence = max(0, frames - written)
    while silence:
        step = min(silence, USUAL_RATE)
        file.writeframesraw(bytes(step * SAMPLE))
        silence -= step
