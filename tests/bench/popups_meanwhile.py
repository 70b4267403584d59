"""How long popups take alone, and while something else is done with the same database.

Callers whom nobody has asked for before ring at agents' phones, one after the other; the clock is
bench_popup's. Those before and after the work are the ones it is compared with.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from callcenter.db import database
from callcenter.migrations import migrate
from tests.bench.bench_popup import fill, service
from tests.bench.popup_load import percentiles
from tests.bench.report import load

AGENTS, CUSTOMERS = 200, 100_000
TIMES = 20  # that some popups are asked for, before and after the work
WARM_UP = 4  # times


async def popups_meanwhile(folder: Path, work: Callable[[str], Awaitable[Any]]) -> dict[str, Any]:
    """p50 and p99 in ms, `alone` and `meanwhile`; `work` is given the database's URL."""
    path = folder / "popups.db"
    url = f"sqlite+aiosqlite:///{path}"
    async with database(url) as (engine, _):
        await migrate(engine)
    cookies = await asyncio.to_thread(fill, path, AGENTS, CUSTOMERS)
    async with load("popup_load") as callers, service(url, await callers.answer()) as (_, port):

        async def some() -> list[float]:
            callers.ask("popups")
            seconds: list[float] = await callers.answer()
            return seconds

        callers.ask({"port": port, "cookies": cookies, "customers": CUSTOMERS})
        for _ in range(WARM_UP):
            await some()
        alone = [seconds for _ in range(TIMES) for seconds in await some()]
        meanwhile, working = [], asyncio.ensure_future(work(url))
        while not working.done():
            meanwhile += await some()
        await working
        alone += [seconds for _ in range(TIMES) for seconds in await some()]
        await callers.ends()
    return {
        "alone": percentiles(alone),
        "meanwhile": percentiles(meanwhile),
        "popups": [len(alone), len(meanwhile)],
    }
