"""Reports over ten million calls: python -m tests.bench.bench_reports

On SQLite and PostgreSQL, in one run: what reports ask of the sums, over thirteen months and of
today, in milliseconds until the sums are there as Python objects. Beside it some of the same
questions asked of the calls themselves, as one would write them first; and of DuckDB on a file of
its own, which is made for such questions. All calls, their sums and DuckDB's file are made once
(minutes) and kept in var/bench for as long as the tables stay as they are.
"""

import asyncio
import gc
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import duckdb
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.calls.summing import TABLES
from callcenter.db import database
from callcenter.migrations import migrate
from callcenter.people.directory import Directory
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked
from callcenter.reports.calls import SHOWN
from callcenter.reports.frame import Asker
from callcenter.sums.queries import by, slots
from callcenter.sums.rebuild import rebuild
from callcenter.sums.terms import Sum
from tests.bench.crowd import folder
from tests.bench.report import keep
from tests.bench.reports_load import CALLS, COLUMNS, EMPTY, LAST, select
from tests.postgres import postgres

TIMES, RAW_TIMES = 9, 1
INDEXES = ("ix_calls_started_at_call_id", "ix_calls_user_id_started_at")
GOALS = {"13 months": 50.0, "today": 30.0}  # ms
SAIGON = "Asia/Ho_Chi_Minh"
YEAR = {"since": LAST.replace(year=2025, day=1), "until": LAST}
ODD = {"since": LAST.replace(year=2025, month=1, day=19), "until": LAST.replace(day=18)}
TODAY = {"since": LAST, "until": LAST}
WHO = {
    "superadmin": Scope(everything=True, user_id=0),
    "lead": Scope(everything=False, user_id=500, departments=frozenset({3, 7})),
    "agent": Scope(everything=False, user_id=17),
}
INBOUND = {"direction": "inbound"}
QUESTIONS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "by day": ("superadmin", YEAR, ("day",)),
    "by day and result": ("superadmin", YEAR, ("day", "result")),
    "by week": ("superadmin", YEAR, ("week",)),
    "by month": ("superadmin", YEAR, ("month",)),
    "by hour": ("superadmin", YEAR, ("hour",)),
    "by agent": ("superadmin", YEAR, ("user",)),
    "by department": ("superadmin", YEAR, ("department",)),
    "by queue": ("superadmin", YEAR | INBOUND, ("queue",)),
    "by number": ("superadmin", YEAR | INBOUND, ("did",)),
    "by direction": ("superadmin", YEAR, ("direction",)),
    "by result": ("superadmin", YEAR, ("result",)),
    "of one queue by day": ("superadmin", YEAR | {"queues": ("queue7",)}, ("day",)),
    "heat map of the week": ("superadmin", YEAR | INBOUND, ("weekday", "hour")),
    "all together": ("superadmin", YEAR, ()),
    "a lead's by agent": ("lead", YEAR, ("user",)),
    "a lead's by day": ("lead", YEAR, ("day",)),
    "an agent's by day": ("agent", YEAR, ("day",)),
}
OF_TODAY: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "by hour": ("superadmin", TODAY, ("hour",)),
    "by agent": ("superadmin", TODAY, ("user",)),
    "by queue": ("superadmin", TODAY | INBOUND, ("queue",)),
    "by number": ("superadmin", TODAY | INBOUND, ("did",)),
    "by result": ("superadmin", TODAY, ("result",)),
    "a lead's by agent": ("lead", TODAY, ("user",)),
}
QUARTERS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "service by 15 minutes": (INBOUND, ()),
    "calls by 15 minutes, result and direction": ({}, ("result", "direction")),
}
ALSO = {  # told, not judged
    "13 months of odd days by agent": ("superadmin", ODD, ("user",)),
    "13 months of odd days by queue": ("superadmin", ODD | INBOUND, ("queue",)),
    "13 months by queue and day": ("superadmin", YEAR | INBOUND, ("queue", "day")),
    "13 months by agent and result": ("superadmin", YEAR, ("user", "result")),
}
DAY_OF = {
    "sqlite": "date(started_at, '+7 hours')",
    "postgresql": "(started_at AT TIME ZONE 'UTC' + interval '7 hours')::date",
    "duckdb": "CAST(started_at + INTERVAL 7 HOUR AS DATE)",
}
FIGURES = (
    "count(*), sum(CASE WHEN result = 'answered' THEN 1 ELSE 0 END), sum(CASE WHEN result = "
    "'answered' AND waited_s <= within_s THEN 1 ELSE 0 END), sum(talked_s), sum(waited_s)"
)
BETWEEN = "started_at >= '{since}' AND started_at < '{until}'"
PLAIN = {  # the same of the calls themselves
    "by day": "SELECT {day}, {figures} FROM calls WHERE {between} GROUP BY 1",
    "by agent": "SELECT user_id, {figures} FROM calls WHERE {between} GROUP BY 1",
    "by queue": (
        "SELECT queue, {figures} FROM calls WHERE {between} AND direction = 'inbound' GROUP BY 1"
    ),
}


def plain(question: str, kind: str) -> str:
    since, until = YEAR["since"], YEAR["until"]
    between = BETWEEN.format(since=f"{since} 00:00:00", until=f"{until} 17:00:00")
    if kind == "postgresql":
        between = between.replace(":00'", ":00+00'")
    return PLAIN[question].format(day=DAY_OF[kind], figures=FIGURES, between=between)


async def timed(ask: Callable[[], Awaitable[Any]], times: int = TIMES) -> float:
    """The median, in milliseconds; what is asked several times is asked once before it counts."""
    taken: list[float] = []
    if times > 1:
        await ask()
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 2)


async def measured(url: str, kind: str) -> dict[str, Any]:
    gc.collect()
    gc.freeze()  # as the service does
    async with database(url) as (engine, _), async_sessionmaker(engine)() as session:
        found: dict[str, Any] = {"13 months": {}, "today": {}, "also": {}, "of the calls": {}}
        for part, questions in ("13 months", QUESTIONS), ("today", OF_TODAY), ("also", ALSO):
            for name, (who, period, keys) in questions.items():
                asked = Asked(**period)
                ask = partial(by, session, asker(who), asked, *keys, only=figures(asked))
                found[part][name] = await timed(ask)
        for name, (filters, keys) in QUARTERS.items():
            asked = Asked(**TODAY | filters)
            quarters = partial(slots, session, asker("superadmin"), asked, 15, *keys)
            found["today"][name] = await timed(partial(quarters, only=figures(asked)))
        for name in PLAIN:
            asking = partial(session.execute, text(plain(name, kind)))
            found["of the calls"][name] = await timed(asking, RAW_TIMES)
    for part in GOALS:
        found[f"slowest of {part}"] = max(found[part].values())
    return found


def figures(asked: Asked) -> Sequence[str]:
    """The report of service, which is of incoming calls, shows most of them; that of calls few."""
    return Sum._fields if asked.direction else SHOWN


def asker(who: str) -> Asker:
    return Asker(WHO[who], Directory(), LAST, SAIGON)


async def sqlite_calls() -> Path:
    """The database's file; made when it is not there."""
    path = folder() / "reports.db"
    if path.exists():
        return path
    print("making ten million calls and their sums …", flush=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    url = f"sqlite+aiosqlite:///{unfinished}"
    async with database(url) as (engine, _):
        await migrate(engine)
    await asyncio.to_thread(_fill_sqlite, unfinished)
    async with database(url) as (engine, _):
        began = time.perf_counter()
        await rebuild(engine, ZoneInfo(SAIGON))
        print(f"summed up in {time.perf_counter() - began:.0f} s", flush=True)
    unfinished.rename(path)
    return path


def _fill_sqlite(path: Path) -> None:
    series = (
        "(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s"
        f" WHERE n < {CALLS - 1}) SELECT n FROM s)"
    )
    calls = select(series, lambda s: f"strftime('%Y-%m-%d %H:%M:%S.000000', {s}, 'unixepoch')")
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in "journal_mode=OFF", "synchronous=OFF", "cache_size=-400000":
        connection.execute(f"PRAGMA {pragma}")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master"
        " WHERE tbl_name = 'calls' AND type = 'index' AND sql > ''"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    empty = "".join(f", {name}" for name in EMPTY), ", ''" * len(EMPTY)
    connection.execute(
        f"INSERT INTO calls ({', '.join(COLUMNS)}{empty[0]}) SELECT *{empty[1]} FROM ({calls})"
    )
    for name, sql in indexes:
        if name in INDEXES:
            connection.execute(sql)
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


async def postgres_calls(url: str, path: Path) -> None:
    """The same calls made there, the sums copied from SQLite's."""
    async with database(url) as (engine, _):
        await migrate(engine)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    # Without what no report reads; and the rows first, then their indexes, which is quicker.
    await connection.execute("ALTER TABLE calls SET UNLOGGED; SET maintenance_work_mem = '500MB'")
    indexes = await connection.fetch("SELECT * FROM pg_indexes WHERE tablename = 'calls'")
    await connection.execute("ALTER TABLE calls DROP CONSTRAINT pk_calls")
    for each in indexes:
        await connection.execute(f"DROP INDEX IF EXISTS {each['indexname']}")
    calls = select(f"generate_series(0, {CALLS - 1}::bigint) AS n", lambda s: f"to_timestamp({s})")
    empty = "".join(f", {name}" for name in EMPTY), ", ''" * len(EMPTY)
    await connection.execute(
        f"INSERT INTO calls ({', '.join(COLUMNS)}{empty[0]}) SELECT *{empty[1]} FROM ({calls}) c",
        timeout=900,
    )
    for each in indexes:
        if each["indexname"] in INDEXES:
            await connection.execute(each["indexdef"], timeout=900)
    source = sqlite3.connect(path)
    for name, table in TABLES.items():
        dates = [n for n, column in enumerate(table.columns) if column.name in ("day", "month")]
        rows = (_dated(row, dates) for row in source.execute(f"SELECT * FROM {name}"))
        await connection.copy_records_to_table(name, records=rows, timeout=300)
    source.close()
    await connection.execute("VACUUM ANALYZE", timeout=900)
    await connection.close()


def _dated(row: tuple[Any, ...], places: list[int]) -> tuple[Any, ...]:
    values = list(row)
    for place in places:
        values[place] = LAST.fromisoformat(values[place])
    return tuple(values)


def duckdb_measured() -> dict[str, float]:
    path = folder() / "reports.duckdb"
    connection = duckdb.connect(str(path), config={"threads": 1})
    if not connection.execute("SELECT 1 FROM information_schema.tables").fetchall():
        series = f"(SELECT range AS n FROM range({CALLS}))"
        calls = select(series, lambda s: f"epoch_ms(({s}) * 1000)::TIMESTAMP")
        connection.execute(f"CREATE TABLE calls AS {calls.replace(' / ', ' // ')}")
    found = {}
    for name in PLAIN:
        taken = []
        for _ in range(TIMES):
            began = time.perf_counter()
            connection.execute(plain(name, "duckdb")).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
        found[name] = round(statistics.median(taken), 2)
    connection.close()
    return found


async def main() -> None:
    path = await sqlite_calls()
    report: dict[str, Any] = {"name": "reports", "unit": "milliseconds", "goals": GOALS}
    report["sqlite"] = await measured(f"sqlite+aiosqlite:///{path}", "sqlite")
    report["duckdb, of the calls, one core"] = duck = await asyncio.to_thread(duckdb_measured)
    with postgres() as server:
        url = server.url(await server.create())
        await postgres_calls(url, path)
        report["postgresql"] = await measured(url, "postgresql")
    for kind in "sqlite", "postgresql":
        ours = report[kind]["13 months"]
        report[f"{kind}, times the calls' time"] = {
            name: round(report[kind]["of the calls"][name] / ours[name], 1) for name in PLAIN
        }
        report[f"{kind}, times DuckDB's time"] = {
            name: round(duck[name] / ours[name], 2) for name in PLAIN
        }
    report["good"] = all(
        report[kind][f"slowest of {part}"] <= goal
        for kind in ("sqlite", "postgresql")
        for part, goal in GOALS.items()
    )
    keep(report)


if __name__ == "__main__":
    asyncio.run(main())
