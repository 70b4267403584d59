"""Who comes first: the thread that asks, and neither its threads nor the programs it starts."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from callcenter import doctor
from callcenter.priority import comes_first

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
