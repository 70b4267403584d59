"""Who comes first: the thread that asks, and neither its threads nor the programs it starts."""

import asyncio
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from callcenter import doctor, priority
from callcenter.priority import NICE, comes_first, start

ASKS = "import os; print(os.sched_getscheduler(0))"


def seen():
    """By the thread that asks: its own policy, a thread's that it starts, and a program's."""
    allowed = comes_first()
    with ThreadPoolExecutor(1) as other:
        threads = other.submit(os.sched_getscheduler, 0).result()
    said = subprocess.run([sys.executable, "-c", ASKS], capture_output=True, text=True, check=True)
    return allowed, os.sched_getscheduler(0), threads, int(said.stdout)


def test_whoever_comes_first_gives_it_to_nobody():
    with ThreadPoolExecutor(1) as calls:
        allowed, own, threads, programs = calls.submit(seen).result()

    assert own == (os.SCHED_RR | os.SCHED_RESET_ON_FORK if allowed else os.SCHED_OTHER)
    assert (threads, programs) == (os.SCHED_OTHER, os.SCHED_OTHER)


def test_where_it_is_not_allowed_all_goes_on_and_the_doctor_says_so(monkeypatch):
    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refused)
    [found] = doctor.priority()

    assert not comes_first()
    assert (found.level, "LimitRTPRIO" in found.cure) == ("warning", True)


def test_asking_the_doctor_makes_nobody_first():
    [found] = doctor.priority()

    with ThreadPoolExecutor(1) as calls:
        assert (found.level == "ok") == calls.submit(comes_first).result()
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


async def test_what_is_started_gives_way_from_its_first_moment():
    asks = "import os; print(os.sched_getscheduler(0), os.getsid(0) == os.getpid())"
    process = await start(sys.executable, "-c", asks, stdout=subprocess.PIPE)
    said, _ = await asyncio.to_thread(process.communicate)

    assert said.split() == [str(os.SCHED_OTHER).encode(), b"True"]


def test_until_then_it_comes_first_where_that_is_allowed():
    with ThreadPoolExecutor(1) as calls:
        allowed = calls.submit(comes_first).result()

    assert priority._starter.submit(os.sched_getscheduler, 0).result() == (
        os.SCHED_RR if allowed else os.SCHED_OTHER  # and children have what they are started by
    )


async def test_what_is_started_is_nice():
    process = await start("sleep", "1000")
    try:
        assert os.getpriority(os.PRIO_PROCESS, process.pid) >= NICE
    finally:
        process.kill()
        process.wait()


async def test_who_is_cancelled_while_starting_something_leaves_nothing_behind(monkeypatch):
    made = []

    def making(*given, **how):
        made.append(subprocess.Popen(*given, **how))
        return made[0]

    monkeypatch.setattr(priority, "Popen", making)
    starting = asyncio.ensure_future(start("sleep", "1000", stderr=subprocess.PIPE))
    await asyncio.sleep(0)  # it begins
    starting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await starting
    await asyncio.wrap_future(priority._starter.submit(int))  # whoever starts is done with it
    assert (made[0].returncode, made[0].stderr.closed) == (-signal.SIGKILL, True)
