"""What comes first when time is short: the exchange, and what a call waits for in the service.
Programs that the service starts for other work give way.

Sound is due every 20 ms and a popup before the agent answers, so the exchange and the loop are
real-time where the system lets us (root, or LimitRTPRIO): on a full machine an ordinary thread
waits for a core for hundreds of milliseconds. The system keeps 5 % for all others.

Being nice is not enough where Linux groups processes by session (autogroup): it then counts within
the group only, and a program in the service's own group takes its time away from the service.
"""

import asyncio
import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from subprocess import Popen
from typing import Any

NICE = 10
CALLS = 5  # a real-time priority, of 1 to 99; root's Asterisk takes 10


def comes_first(*, with_children: bool = False) -> bool:
    """Make the thread that asks a real-time one, and nothing that it starts unless that is asked
    for too; whether it is allowed."""
    try:
        policy = os.SCHED_RR | (0 if with_children else os.SCHED_RESET_ON_FORK)
        os.sched_setscheduler(0, policy, os.sched_param(CALLS))
    except OSError:
        return False
    return True


def may_come_first() -> bool:
    """Whether that is allowed. Nobody comes first for having asked."""
    with ThreadPoolExecutor(1) as hand:  # which keeps what it was allowed
        return hand.submit(comes_first).result()


def _comes_first_with_children() -> None:
    comes_first(with_children=True)


_starter = ThreadPoolExecutor(1, "starts programs", initializer=_comes_first_with_children)


async def start(*command: str, **how: Any) -> Popen[bytes]:
    """Start a program that gives way, as Popen does; `start_new_session` is set.

    Python stands still until its child has become another program, and an ordinary child waits for
    a core first: on a full machine popups were late by a tenth of a second at each recording. So
    the child comes first until then, and steps back by itself.
    """
    command = ("chrt", "--other", "0", *command)
    begin: Any = partial(Popen, command, start_new_session=True, **how)
    starting: Future[Popen[bytes]] = _starter.submit(begin)
    try:
        process = await asyncio.shield(asyncio.wrap_future(starting))
    except asyncio.CancelledError:
        starting.add_done_callback(_kill)
        raise
    give_way(process.pid)
    return process


def _kill(starting: Future[Popen[bytes]]) -> None:
    if not starting.exception():
        with starting.result() as process:  # which waits for its end, and closes its pipes
            process.kill()


def give_way(pid: int) -> None:
    """For a program that was started with `start_new_session`; harmless when it has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, max(NICE, os.getpriority(os.PRIO_PROCESS, pid)))
    with suppress(OSError):  # a kernel without groups, or it has ended
        Path(f"/proc/{pid}/autogroup").write_text(f"{NICE}\n", encoding="ascii")
