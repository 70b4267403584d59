"""Files that are really on the disk, and what they are known by."""

import hashlib
import os
from pathlib import Path


def to_disk(path: Path) -> None:
    """Return once the file's content has reached the disk. Blocking. Raises OSError."""
    _sync(path, os.O_RDONLY, forget=True)


def folder_to_disk(folder: Path) -> None:
    """Return once the folder's list of names has reached the disk. Blocking. Raises OSError."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def make_folder(folder: Path) -> None:
    """With those above it; a new name that is not on the disk would lose all that lies below it.

    Blocking. Raises OSError.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    folder_to_disk(folder.parent)


def sha256_of(path: Path) -> str:
    """Of the file's content, in hexadecimal digits. Blocking. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path, flags: int, *, forget: bool = False) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
        if forget:  # whoever reads it next reads what the disk has
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
