"""Programs that we start give way to calls and pages.

Being nice is not enough where Linux groups processes by session (autogroup): it then counts within
the group only, and a program in the service's own group takes its time away from the service.
"""

import os
from contextlib import suppress
from pathlib import Path

NICE = 10


def give_way(pid: int) -> None:
    """For a program that was started with `start_new_session`; harmless when it has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, max(NICE, os.getpriority(os.PRIO_PROCESS, pid)))
    with suppress(OSError):  # a kernel without groups, or it has ended
        Path(f"/proc/{pid}/autogroup").write_text(f"{NICE}\n", encoding="ascii")
