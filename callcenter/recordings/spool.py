"""The folder where the exchange leaves its wavs.

A call leaves three files: <call_id>.wav (the mix), <call_id>-in.wav (the customer) and
<call_id>-out.wav (the agent); three more, <call_id>_2.wav and so on, for each time that another
phone took the other side. What a caller leaves when nobody answers is <call_id>-message.wav. Names
are checked before they become paths.

The exchange says nothing when it closes a file, but writes into its header then how much there is.
(It could run a command: each one stops all calls for some milliseconds while it forks.)
"""

import re
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callcenter.errors import N_, Missing

CALL_ID = re.compile(r"[A-Za-z0-9-][A-Za-z0-9.-]{0,63}")
_FILE = re.compile(rf"({CALL_ID.pattern})(?:(?:_\d+)?-(?:in|out)|-message)\.wav")
MOST_PIECES = 200  # of one call


def checked(call_id: str) -> str:
    """`call_id` when it may become part of a path; raises Missing otherwise."""
    if not CALL_ID.fullmatch(call_id):
        raise Missing(N_("There is no such recording."))
    return call_id


@dataclass(frozen=True, slots=True)
class Piece:
    """The files of one stretch of a call, wherever they lie; some may not be there. In a message
    the caller is alone: there is no file of an agent's."""

    customer: Path
    agent: Path
    mix: Path
    is_message: bool = False

    @property
    def closed(self) -> bool:
        """Whether both sides are there and the exchange will write no more to them."""
        return _closed(self.customer) and (self.is_message or _closed(self.agent))

    @property
    def any(self) -> bool:
        return self.customer.is_file() or self.agent.is_file()

    @property
    def changed_at(self) -> float:
        """When the newest of them was written, as time.time(); 0 without files."""
        return max(
            (path.stat().st_mtime for path in (self.customer, self.agent) if path.is_file()),
            default=0.0,
        )

    def remove(self) -> None:
        """Raises OSError when a file is there and cannot be removed."""
        for path in (self.customer, self.agent, self.mix):
            path.unlink(missing_ok=True)
        if self.is_message:  # Record() makes a folder of the file's name, and leaves it empty
            with suppress(FileNotFoundError):
                self.customer.with_suffix("").rmdir()


@dataclass(frozen=True, slots=True)
class Sides:
    """All pieces of one call, in order; at least one, which may have no files."""

    pieces: tuple[Piece, ...]

    @property
    def closed(self) -> bool:
        return all(piece.closed for piece in self.pieces)

    @property
    def any(self) -> bool:
        return any(piece.any for piece in self.pieces)

    @property
    def message(self) -> bool:
        """Whether the caller was asked for a message."""
        return any(piece.is_message for piece in self.pieces)

    @property
    def changed_at(self) -> float:
        return max(piece.changed_at for piece in self.pieces)

    def remove(self) -> None:
        """The last first: what is left after a fault still is a beginning. Raises OSError."""
        for piece in reversed(self.pieces):
            piece.remove()


class Spool:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def sides(self, call_id: str) -> Sides:
        """What there is of a call."""
        names = [checked(call_id)]  # what the pieces' files begin with
        while len(names) < MOST_PIECES:
            name = f"{call_id}_{len(names) + 1}"
            if not _piece(self.folder, name).any:
                break
            names.append(name)
        pieces = tuple(_piece(self.folder, name) for name in names)
        message = _message(self.folder, call_id)
        if not message.any:
            return Sides(pieces)
        return Sides((*(piece for piece in pieces if piece.any), message))  # it is the last

    def call_ids(self) -> list[str]:
        """Of the calls with files, oldest first: also of those that go on."""
        if not self.folder.is_dir():
            return []
        found: dict[str, float] = {}
        for path in _files(self.folder.iterdir()):
            if match := _FILE.fullmatch(path.name):
                found[match[1]] = min(_age(path), found.get(match[1], _age(path)))
        return sorted(found, key=found.__getitem__)


def _piece(folder: Path, name: str) -> Piece:
    return Piece(folder / f"{name}-in.wav", folder / f"{name}-out.wav", folder / f"{name}.wav")


def _message(folder: Path, call_id: str) -> Piece:
    none = folder / f"{call_id}-nobody.wav"
    return Piece(folder / f"{call_id}-message.wav", none, none, is_message=True)


def _closed(path: Path) -> bool:
    """Whether its header says how long it is: while the exchange writes, that is 0."""
    try:
        with path.open("rb") as file:
            head, size = file.read(8), file.seek(0, 2)
    except FileNotFoundError:
        return False
    return len(head) == 8 and struct.unpack("<I", head[4:])[0] + 8 == size


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    return (path for path in paths if path.is_file() and not path.is_symlink())


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # moved away since it was listed
        return 0.0
