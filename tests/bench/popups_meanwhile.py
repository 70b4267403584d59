"""How long popups take alone, and while something else is done with the same database.

Callers whom nobody has asked for before ring at agents' phones, one after the other; the clock is
bench_popup's. Those before and after the work are the ones it is compared with.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from callcenter.db import database
from callcenter.migrations import migrate
from tests.bench.bench_popup import fill, service
from tests.bench.popup_load import percentiles

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
    load = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.popup_load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    assert load.stdin and load.stdout
    load_in, load_out = load.stdin, load.stdout

    async def some() -> list[float]:
        load_in.write(b"popups\n")
        seconds: list[float] = json.loads(await load_out.readline())
        return seconds

    try:
        async with service(url, int(await load_out.readline())) as (_, port):
            about = {"port": port, "cookies": cookies, "customers": CUSTOMERS}
            load_in.write(json.dumps(about).encode() + b"\n")
            for _ in range(WARM_UP):
                await some()
            alone = [seconds for _ in range(TIMES) for seconds in await some()]
            meanwhile, working = [], asyncio.ensure_future(work(url))
            while not working.done():
                meanwhile += await some()
            await working
            alone += [seconds for _ in range(TIMES) for seconds in await some()]
            load_in.close()
            await load.wait()
    finally:
        if load.returncode is None:
            load.kill()
            await load.wait()
    return {
        "alone": percentiles(alone),
        "meanwhile": percentiles(meanwhile),
        "popups": [len(alone), len(meanwhile)],
    }
