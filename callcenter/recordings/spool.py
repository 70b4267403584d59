"""The folder where the exchange leaves its wavs: <spool> while it writes, <spool>/done afterwards.

A call leaves three files: <call_id>.wav (the mix), <call_id>-in.wav (the customer) and
<call_id>-out.wav (the agent); three more, <call_id>_2.wav and so on, for each time that another
phone took the other side. Names are checked before they become paths.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from callcenter.errors import N_, Missing

CALL_ID = re.compile(r"[A-Za-z0-9-][A-Za-z0-9.-]{0,63}")
_FILE = re.compile(rf"({CALL_ID.pattern})(?:_\d+)?-(?:in|out)\.wav")
MOST_PIECES = 200  # of one call


def checked(call_id: str) -> str:
    """`call_id` when it may become part of a path; raises Missing otherwise."""
    if not CALL_ID.fullmatch(call_id):
        raise Missing(N_("There is no such recording."))
    return call_id


@dataclass(frozen=True, slots=True)
class Piece:
    """The files of one stretch of a call, wherever they lie; some may not be there."""

    customer: Path
    agent: Path
    mix: Path

    @property
    def complete(self) -> bool:
        return self.customer.is_file() and self.agent.is_file()

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


@dataclass(frozen=True, slots=True)
class Sides:
    """All pieces of one call, in order; at least one, which may have no files."""

    pieces: tuple[Piece, ...]

    @property
    def complete(self) -> bool:
        return all(piece.complete for piece in self.pieces)

    @property
    def any(self) -> bool:
        return any(piece.any for piece in self.pieces)

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
        self.done = folder / "done"

    def finished(self, call_id: str) -> Sides:
        """The files as the exchange hands them over."""
        return Sides(tuple(_piece(self.done, name) for name in self._names(call_id)))

    def left(self, call_id: str) -> Sides:
        """The best there is of a call that has ended: finished files, else unfinished ones."""
        return Sides(tuple(self._best(name) for name in self._names(call_id)))

    def _best(self, name: str) -> Piece:
        done, unfinished = _piece(self.done, name), _piece(self.folder, name)
        if done.complete or not unfinished.any:
            return done
        return unfinished if unfinished.complete or not done.any else done

    def _names(self, call_id: str) -> list[str]:
        """What the pieces' files begin with."""
        names = [checked(call_id)]
        while len(names) < MOST_PIECES:
            name = f"{call_id}_{len(names) + 1}"
            if not (_piece(self.folder, name).any or _piece(self.done, name).any):
                break
            names.append(name)
        return names

    def all_finished(self) -> list[str]:
        """The call_ids with files in the folder `done`, oldest first."""
        return _call_ids(self.done)

    def all_unfinished(self) -> list[str]:
        """The call_ids whose files the exchange still writes, or left behind when it died."""
        return _call_ids(self.folder)


def _piece(folder: Path, name: str) -> Piece:
    return Piece(folder / f"{name}-in.wav", folder / f"{name}-out.wav", folder / f"{name}.wav")


def _call_ids(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    found: dict[str, float] = {}
    for path in _files(folder.iterdir()):
        if match := _FILE.fullmatch(path.name):
            found[match[1]] = min(_age(path), found.get(match[1], _age(path)))
    return sorted(found, key=found.__getitem__)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    return (path for path in paths if path.is_file() and not path.is_symlink())


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # moved away since it was listed
        return 0.0
