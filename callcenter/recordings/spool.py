"""The folder where the exchange leaves its wavs: <spool> while it writes, <spool>/done afterwards.

A call leaves three files: <call_id>.wav (the mix), <call_id>-in.wav (the customer) and
<call_id>-out.wav (the agent). Names are checked before they become paths.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from callcenter.errors import N_, Missing

CALL_ID = re.compile(r"[A-Za-z0-9-][A-Za-z0-9.-]{0,63}")
_FILE = re.compile(rf"({CALL_ID.pattern})-(?:in|out)\.wav")


def checked(call_id: str) -> str:
    """`call_id` when it may become part of a path; raises Missing otherwise."""
    if not CALL_ID.fullmatch(call_id):
        raise Missing(N_("There is no such recording."))
    return call_id


@dataclass(frozen=True, slots=True)
class Sides:
    """The files of one call, wherever they lie; some may not be there."""

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


class Spool:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done = folder / "done"

    def finished(self, call_id: str) -> Sides:
        """The files as the exchange hands them over."""
        return _sides(self.done, call_id)

    def left(self, call_id: str) -> Sides:
        """The best there is of a call that has ended: finished files, else unfinished ones."""
        done, unfinished = _sides(self.done, call_id), _sides(self.folder, call_id)
        if done.complete or not unfinished.any:
            return done
        return unfinished if unfinished.complete or not done.any else done

    def all_finished(self) -> list[str]:
        """The call_ids with files in the folder `done`, oldest first."""
        return _call_ids(self.done)

    def all_unfinished(self) -> list[str]:
        """The call_ids whose files the exchange still writes, or left behind when it died."""
        return _call_ids(self.folder)


def _sides(folder: Path, call_id: str) -> Sides:
    name = checked(call_id)
    return Sides(folder / f"{name}-in.wav", folder / f"{name}-out.wav", folder / f"{name}.wav")


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
