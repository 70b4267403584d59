"""Changes of calls committed a second, against raw sqlite3: python -m tests.bench.bench_journal

The same changes, the same table and indexes, synchronous=FULL, in one run, taking turns. Ours:
`note` for each change of a burst, until the last is committed; it looks up whose number it is, and
sums ended calls up. The reference: sqlite3 executemany of an upsert with rows that are ready made,
and nothing else, in batches of the same sizes. The best size of each counts. No call changes twice
within a batch, so nothing is saved by writing only the last change.
"""

import asyncio
import gc
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.journal import CALLS, Journal
from callcenter.calls.rows import row_of
from callcenter.config import home
from callcenter.customers.numbers import key_of
from callcenter.db import Upsert, engine_for, sqlite_text
from callcenter.migrations import migrate
from callcenter.tasks import running
from tests.bench.report import keep

LIVES, RUNS = 5000, 7
BATCHES = (1, 10, 100, 1000, 4000)
FEW = {1: 1000, 10: 5000}  # changes that are enough for a slow batch size
BEGAN = datetime.now(UTC)  # as in the service: a change of what is older is noted (calls.late)
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")


def lives() -> list[Call]:
    """Calls that arrive, are answered, end: first all of them arrive, and so on."""
    waiting = [
        Call(
            call_id=f"1790000000.{number}",
            direction=Direction.INBOUND,
            state=State.WAITING,
            number=f"09{number * 7919 % 10**8:08}",
            did="02873001234",
            queue="sales",
            started_at=BEGAN + timedelta(seconds=number * 7),
        )
        for number in range(LIVES)
    ]
    talking = [
        replace(
            call,
            state=State.TALKING,
            agents=(str(200 + number % 50),),
            rung=(str(200 + number % 50),),
            answered_at=call.started_at + timedelta(seconds=5),
            waited_s=5.0,
        )
        for number, call in enumerate(waiting)
    ]
    ended = [
        replace(
            call,
            state=State.ENDED,
            ended_at=call.started_at + timedelta(seconds=100),
            result=Result.ANSWERED,
            talked_s=95.0,
            cause=16,
            ended_by="customer",
        )
        for call in talking
    ]
    return [*waiting, *talking, *ended]


def whose(call: Call) -> tuple[int | None, int | None]:
    return (int(call.agents[0]), 2) if call.agents else (None, 2)


async def customers(keys: set[str]) -> dict[str, int]:
    return {key: int(key[-6:]) for key in keys if int(key[-1]) < 8}


async def ours(path: Path, changes: list[Change], batch: int | None) -> float:
    """Changes a second; each waits for its batch to be committed, or all for the last (None)."""
    engine = engine_for(f"sqlite+aiosqlite:///{path}")
    await migrate(engine)
    journal = Journal(engine, zone=SAIGON, whose=whose, customers=customers, key_of=key_of)
    async with running(journal.write(), name="journal"):
        settle()
        began = time.perf_counter()
        for some in cut(changes, batch or len(changes)):
            for change in some:
                journal.note(change)
            await journal.drain()
        seconds = time.perf_counter() - began
    await engine.dispose()
    check(path, changes, sums=True)
    return len(changes) / seconds


async def reference(path: Path, changes: list[Change], batch: int) -> float:
    engine = engine_for(f"sqlite+aiosqlite:///{path}")
    await migrate(engine)
    upsert = Upsert(CALLS, engine.dialect)
    await engine.dispose()
    rows = [upsert.bound(await row(change.after)) for change in changes]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    settle()
    began = time.perf_counter()
    for some in cut(rows, batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(upsert.sql, some)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    check(path, changes, sums=False)
    return len(changes) / seconds


async def row(call: Call) -> tuple[Any, ...]:
    key = key_of(call.number or "")
    customer_id = (await customers({key})).get(key)
    return row_of(
        call,
        exchange="",
        number_key=key,
        whose=whose(call),
        customer_id=customer_id,
        before=None,
    )


def settle() -> None:
    """Nothing is remembered from the run before, and what it left behind is not measured."""
    key_of.cache_clear()
    sqlite_text.cache_clear()
    gc.collect()
    gc.freeze()


def cut(things: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


def check(path: Path, changes: list[Change], *, sums: bool) -> None:
    """Everything is there as it was last said: what is fast and wrong does not count."""
    last = {change.after.call_id: change.after.state.value for change in changes}
    connection = sqlite3.connect(path)
    assert dict(connection.execute("SELECT call_id, state FROM calls")) == last
    [mode] = connection.execute("PRAGMA journal_mode").fetchone()
    assert mode == "wal"
    if sums:
        [counted] = connection.execute("SELECT coalesce(sum(calls), 0) FROM call_days").fetchone()
        assert counted == list(last.values()).count("ended")
    connection.close()


async def measured() -> dict[str, list[float]]:
    changes = [Change(None, call) for call in lives()]
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="callcenter-bench-", dir=folder()) as name:
        for run in range(RUNS):
            rates = {"ours": await ours(Path(name, f"{run}.db"), changes, None)}
            for size in BATCHES:
                some = changes[: FEW.get(size, len(changes))]
                path = Path(name, f"{run}-{size}")
                rates[f"reference {size}"] = await reference(path.with_suffix(".ref"), some, size)
                rates[f"ours {size}"] = await ours(path.with_suffix(".db"), some, size)
            for key, rate in rates.items():
                found.setdefault(key, []).append(rate)
            print(f"run {run + 1} of {RUNS}: {rates['ours']:,.0f} changes a second")
    return found


def folder() -> Path:
    """On the service's disk: a temporary folder may be memory, where durable costs nothing."""
    path = home() / "bench"
    path.mkdir(parents=True, exist_ok=True)
    return path


def main() -> None:
    # The best run of each: whatever else the machine does can only take away.
    found = {key: max(rates) for key, rates in asyncio.run(measured()).items()}
    best = max(BATCHES, key=lambda size: found[f"reference {size}"])
    burst = max(BATCHES, key=lambda size: found[f"ours {size}"])
    ours_best = max(found["ours"], found[f"ours {burst}"])
    report = {
        "name": "journal",
        "unit": "changes committed per second",
        "ours": round(ours_best),
        "reference": round(found[f"reference {best}"]),
        "ratio": round(ours_best / found[f"reference {best}"], 3),
        "goal": 0.5,
        "reference_batch": best,
        "ours_at_once": round(found["ours"]),
        "by_batch": {
            str(size): {
                "ours": round(found[f"ours {size}"]),
                "reference": round(found[f"reference {size}"]),
                "ratio": round(found[f"ours {size}"] / found[f"reference {size}"], 3),
            }
            for size in BATCHES
        },
    }
    keep(report)


if __name__ == "__main__":
    main()
