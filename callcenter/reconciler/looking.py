"""What lies on the disk, a folder at a time. Everything here blocks: call it in a thread."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callcenter.recordings.formats import FORMATS
from callcenter.recordings.spool import CALL_ID

SETTLED_S = 60.0  # a younger file may be in somebody's hands
OURS = "README.md"  # comes with the folder
LOST_S = 3600.0  # a part of a file that nobody goes on with

_SPOOLED = re.compile(rf"({CALL_ID.pattern})(_\d+)?(?:-(?:in|out|message))?\.wav")


@dataclass(frozen=True, slots=True)
class Lying:
    """A file; `call_id` is what its name says, "" where it says nothing."""

    path: Path
    size: int
    call_id: str


def day_folders(folder: Path) -> Iterator[Path]:
    """Every folder below that one, and itself, wherever there may be files."""
    yield folder
    with suppress(FileNotFoundError, NotADirectoryError):
        for each in sorted(folder.iterdir()):
            if each.is_dir() and not each.is_symlink() and not each.name.startswith("."):
                yield from day_folders(each)


def kept_in(folder: Path) -> list[Lying]:
    """The files of one folder that have settled; what a crash left half made is removed."""
    found = []
    for path, size, age in _files(folder):
        if path.name.startswith(".") and path.name.endswith(".part"):
            if age > LOST_S:
                path.unlink(missing_ok=True)
        elif age > SETTLED_S and path.name != OURS:
            known = path.suffix in FORMATS and CALL_ID.fullmatch(path.stem)
            found.append(Lying(path, size, path.stem if known else ""))
    return found


def strange_in(spool: Path) -> list[Lying]:
    """Of the exchange's folder: the files that belong to no call, and those of both voices whose
    own sides are not there. All others are the library's to take up."""
    sides, mixes, found = set[str](), list[tuple[str, Lying]](), []
    for path, size, age in _files(spool):
        match = _SPOOLED.fullmatch(path.name)
        if match and path.stem.endswith(("-in", "-out", "-message")):
            sides.add(path.stem.rpartition("-")[0])
        elif age > SETTLED_S:
            if match and path.stem == f"{match[1]}{match[2] or ''}":
                mixes.append((path.stem, Lying(path, size, match[1])))
            elif age > LOST_S:
                found.append(Lying(path, size, ""))
    return found + [lying for stem, lying in mixes if stem not in sides]


def size_of(path: Path) -> int | None:
    """In bytes; None when there is no file."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Path, size in bytes, and for how many seconds nobody has written to it."""
    now = time.time()
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in folder.iterdir():
            with suppress(OSError):  # it has gone since it was listed
                if path.is_file() and not path.is_symlink():
                    there = path.stat()
                    yield path, there.st_size, now - there.st_mtime
