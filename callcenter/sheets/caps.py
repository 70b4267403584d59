"""How much of a file we are willing to read."""

import resource
from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What is more than this is refused in a sentence, before it is read."""

    size: int = 30 * MB  # bytes of the file
    unpacked: int = 400 * MB  # bytes a workbook has without its compression
    ratio: int = 100  # how many times smaller compression may have made it; Excel reaches 30
    entries: int = 2_000  # files in a workbook: a dozen, and one for each picture
    rows: int = 200_000  # that are not empty, the headings among them
    columns: int = 256
    cells: int = 10_000_000  # of the rectangle around all that is written; 24 bytes each
    letters: int = 32_767  # of a cell, as in Excel; one more tells every check that it is too long


def limit_memory(most: int = 1_500 * MB) -> None:
    """Let this process have so many bytes of address space; a parser that wants more dies.

    For child processes only: there is no way back. Rust ends the process (SIGABRT) where Python
    raises MemoryError, so whoever started it must read both as "this file is too large to read".
    """
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
