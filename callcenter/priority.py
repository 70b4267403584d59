"""What comes first when time is short: what a call waits for in the service. Programs that the
service starts for other work give way.

A popup is due before the agent answers, so the loop is a real-time thread where the system lets us
(root, or LimitRTPRIO): on a full machine an ordinary one waits for a core for hundreds of
milliseconds. The system keeps 5 % for all others.

Being nice is not enough where Linux groups processes by session (autogroup): it then counts within
the group only, and a program in the service's own group takes its time away from the service.
"""

import os
from contextlib import suppress
from pathlib import Path

NICE = 10
CALLS = 5  # a real-time priority, of 1 to 99; Asterisk's own, where it is told to have one, is 10


def comes_first() -> bool:
    """Make the thread that asks a real-time one, and nothing that it starts; whether that is
    allowed."""
    try:
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(CALLS))
    except OSError:
        return False
    return True


def give_way(pid: int) -> None:
    """For a program that was started with `start_new_session`; harmless when it has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, max(NICE, os.getpriority(os.PRIO_PROCESS, pid)))
    with suppress(OSError):  # a kernel without groups, or it has ended
        Path(f"/proc/{pid}/autogroup").write_text(f"{NICE}\n", encoding="ascii")
