"""Functions that jobs of these tests run, in a child process: see house.py for their kinds."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from callcenter.errors import Invalid


def count(work):
    """Counts to params["to"]; says hello, and what is odd."""
    for done in range(1, work.params["to"] + 1):
        work.check()
        work.progress(done, work.params["to"], odd=(done + 1) // 2)
    (work.folder / "result.txt").write_text("counted")
    group = Path("/proc/self/autogroup")
    return {
        "sum": work.params["to"],
        "nice": os.nice(0),
        "group": group.read_text().split()[-1] if group.exists() else "",
    }


async def ask(work):
    """Asks its own database who is there."""
    async with work.engine.connect() as connection:
        names = (await connection.execute(text("SELECT name FROM settings ORDER BY name"))).all()
    return {"names": [name for (name,) in names]}


def wait(work):
    """Goes on until somebody stops it; says when it is there."""
    work.progress(1, 10)
    while not work.cancelled:
        time.sleep(0.005)
    work.check()


def resume(work):
    """Goes on until it is stopped, in its first attempt; the second finishes."""
    place = work.folder / "place"
    if place.exists():
        return {"from": int(place.read_text()), "attempt": work.attempt}
    place.write_text("7")
    work.progress(7, 10)
    while True:
        work.check()
        time.sleep(0.005)


def deaf(work):
    """Hears nothing, and leaves a process behind that does not either."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    other = subprocess.Popen(["sleep", "600"])
    (work.folder / "pids").write_text(f"{os.getpid()} {other.pid}")
    work.progress(1, 10)
    while True:
        time.sleep(1)


def crash(work):
    sys.stdout.write("a word to nobody\n")
    work.progress(1, 2)
    raise RuntimeError("something of ours is broken")


def refuse(work):
    raise Invalid("{number} is not a number one can call.", number="12ab")


def eat(work):
    work.progress(1, 2)
    return {"size": len(bytearray(4 * 2**30))}


def chatter(work):
    os.write(2, b"x" * 300_000)
    for done in range(200_000):
        work.progress(done, 200_000)
    return {}


def boast(work):
    return {"much": "x" * 3 * 2**20}


async def nap(work):
    await asyncio.sleep(0)
    work.progress(1, 1)
