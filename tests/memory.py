"""Where tests keep what they write: in memory where there is room, for no disk is as quick.

Each commit of SQLite waits until the disk has it, and a new database is some 800 files.
"""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 2**30  # bytes; two servers and what two tests write need a fraction of it


def memory() -> Path | None:
    """A folder in memory, or None where there is none, a small one, or one that runs no program."""
    if not _MEMORY.is_dir() or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return _MEMORY if shutil.disk_usage(_MEMORY).free > _ROOM else None
