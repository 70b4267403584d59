"""The inbox of missed calls over a year of calls: python -m tests.bench.bench_callbacks

On SQLite and PostgreSQL, with a million calls: everything read at a start, for 14 days, and the
lines of one number, as after each call. Both should depend on the days alone: `ours` is the year,
`reference` a tenth of the calls over a tenth of the time.
"""

import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from callcenter.callbacks.missed import missed_lines
from callcenter.db import engine_for
from callcenter.migrations import migrate
from tests.bench.report import found_by, judged, keep
from tests.postgres import postgres

CALLS = 1_000_000
DAYS, TIMES = 14, 5
GOALS = {"ratio_all": 2.0, "ratio_one": 2.0}
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

# One call in twenty-five comes in and is missed; numbers repeat, and many are reached afterwards.
SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})",
    "postgresql": "WITH n(i) AS (SELECT generate_series(CAST(0 AS bigint), {last}))",
}
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '{begin}', '+' || (i * {step}) || ' seconds')"
    " || '.000000'",
    "postgresql": "TIMESTAMPTZ '{begin}+00' + (i * {step}) * INTERVAL '1 second'",
}
FILL = """
{series}
INSERT INTO calls (call_id, exchange, direction, state, number, number_key, caller_name, agents,
  rung, started_at, answered_at, ended_at, result, waited_s, talked_s, held_s, transfers, digits,
  queue, user_id, department_id)
SELECT 'c' || i, '', CASE WHEN i % 2 = 0 THEN 'inbound' ELSE 'outbound' END, 'ended',
  '09' || (10000000 + (i * 7919) % {numbers}), '+849' || (10000000 + (i * 7919) % {numbers}),
  '', '', '', {at}, CASE WHEN i % 50 IN (0, 2) THEN NULL ELSE {at} END, {at},
  CASE WHEN i % 50 IN (0, 2) THEN 'abandoned' ELSE 'answered' END, 5, 60, 0, '[]', '', 'sales',
  i % 200, i % 10
FROM n
"""


async def filled(engine: AsyncEngine, calls: int, days: float) -> None:
    """`calls` calls, evenly over the `days` before NOW."""
    await migrate(engine)
    begin = (NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")
    kind = engine.dialect.name
    at = AT[kind].format(begin=begin, step=days * 86_400 / calls)
    statement = FILL.format(
        series=SERIES[kind].format(last=calls - 1), at=at, numbers=max(1000, calls // 50) + 1
    )
    async with engine.begin() as connection:
        await connection.execute(text(statement.replace(":", "\\:")))
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


async def measured(engine: AsyncEngine) -> dict[str, Any]:
    sessions = async_sessionmaker(engine)
    since = NOW - timedelta(days=DAYS)
    async with sessions() as session:
        lines = await missed_lines(session, since)
    some = [line.number_key for line in lines[:: max(1, len(lines) // 50)]]
    whole, one = [], []
    for _ in range(TIMES):
        async with sessions() as session:
            began = time.perf_counter()
            await missed_lines(session, since)
            whole.append((time.perf_counter() - began) * 1000)
    for key in some:
        async with sessions() as session:
            began = time.perf_counter()
            await missed_lines(session, since, [key])
            one.append((time.perf_counter() - began) * 1000)
    return {
        "lines": len(lines),
        "all_ms": round(statistics.median(whole), 1),
        "one_ms": round(statistics.median(one), 2),
    }


@asynccontextmanager
async def databases(folder: Path) -> AsyncIterator[dict[str, list[str]]]:
    with postgres() as server:
        names = [await server.create(), await server.create()]
        yield {
            "sqlite": [f"sqlite+aiosqlite:///{folder / f'{n}.db'}" for n in range(2)],
            "postgresql": [server.url(name) for name in names],
        }


async def compared(folder: Path) -> dict[str, Any]:
    """By database, what `measured` finds: of the year, and of its tenth."""
    found: dict[str, Any] = {}
    async with databases(folder) as urls:
        for kind, pair in urls.items():
            found[kind] = {}
            for url, name, share in zip(pair, ("ours", "reference"), (1, 10), strict=True):
                engine = engine_for(url)
                await filled(engine, CALLS // share, 365 / share)
                found[kind][name] = await measured(engine)
                await engine.dispose()
    return found


def report(found: dict[str, Any]) -> dict[str, Any]:
    worst = max(found.values(), key=lambda each: each["ours"]["all_ms"])
    ratios = {
        f"ratio_{what}": max(
            round(each["ours"][f"{what}_ms"] / each["reference"][f"{what}_ms"], 2)
            for each in found.values()
        )
        for what in ("all", "one")
    }
    return {
        "name": "callbacks",
        "unit": "ms, all lines of 14 days, the slower database",
        "ours": worst["ours"]["all_ms"],
        "reference": worst["reference"]["all_ms"],
        "reference_is": "a tenth of the calls over a tenth of the time",
        "one_ms": max(each["ours"]["one_ms"] for each in found.values()),
        **found,
        "calls": CALLS,
        **judged(ratios, GOALS),
    }


if __name__ == "__main__":
    keep(report(found_by(compared)))
