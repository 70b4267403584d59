"""A morning: python -m tests.bench.bench_presence

1,000 agents open their pages and become ready within 10 seconds, each in the queue of an exchange
that has to agree, each state a row; all the while calls pop up for those who are there already.
`ours` is the slowest of these popups, `reference` the slowest before the others came. The database
has 1,000,000 customers, callers are some whom nobody has asked for before, and the comparison with
the exchange runs every five seconds.
"""

import asyncio
import gc
import json
import platform
import resource
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from callcenter import config
from callcenter.agents.comparison import Comparison
from callcenter.api import setup as api
from callcenter.asterisk.link import Link
from callcenter.db import database
from callcenter.keys import BOARD, CARDS, DESK, DIRECTORY, LINK, PRESENCE
from callcenter.migrations import migrate
from callcenter.tasks import running
from tests.bench.bench_popup import AGENTS, CUSTOMERS, application, fill
from tests.fakes import SECRET, USER

GOALS = {"popup_max_ms": 200.0, "ready_max_ms": 1000.0}


@asynccontextmanager
async def service(url: str, ami_port: int) -> AsyncIterator[int]:
    """The live rooms as the product wires them, the API and the comparison; its port."""
    async with database(url) as (engine, sessions):
        app = await application(engine, sessions)
        presence = app[PRESENCE]
        await presence.load_rules()
        comparison = Comparison(presence, app[DIRECTORY], app[BOARD])
        comparison.every = 5.0

        async def after_login() -> None:
            await presence.after_login()
            comparison.soon()

        link = Link(
            host="127.0.0.1",
            port=ami_port,
            user=USER,
            secret=SECRET,
            apply=app[BOARD].hear,
            settle=app[BOARD].settle,
            phone_changed=presence.phone_changed,
            ready=after_login,
        )
        app[LINK] = presence.exchange = comparison.link = link
        api.setup(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
        await site.start()
        gc.collect()
        gc.freeze()  # as the service does once it is up
        async with (
            running(link.run(), "link"),
            running(presence.write(), "states"),
            running(comparison.run(), "comparison"),
        ):
            yield runner.addresses[0][1]
            app[DESK].close()
            await presence.drain()
        await runner.cleanup()
        await presence.close()
        await app[CARDS].close()


async def measured(folder: Path) -> dict[str, Any]:
    path = folder / "callcenter.db"
    url = f"sqlite+aiosqlite:///{path}"
    async with database(url) as (engine, _):
        await migrate(engine)
    cookies = await asyncio.to_thread(fill, path)
    load = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.presence_load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    assert load.stdin and load.stdout
    try:
        async with service(url, int(await load.stdout.readline())) as port:
            load.stdin.write(json.dumps({"port": port, "cookies": cookies}).encode() + b"\n")
            found: dict[str, Any] = json.loads(await load.stdout.readline())
            await load.wait()
            return found
    finally:
        if load.returncode is None:
            load.kill()
            await load.wait()


def judged(found: dict[str, Any]) -> dict[str, Any]:
    ours, reference = found["morning"]["max"], found["quiet"]["max"]
    reached = {"popup_max_ms": ours, "ready_max_ms": found["ready"]["max"]}
    return {
        "name": "presence",
        "unit": "ms, the slowest popup, from AMI bytes to the agent's websocket",
        "ours": ours,
        "reference": reference,
        "reference_is": "the slowest popup with a hundred agents at work and nobody signing in",
        "ratio": round(ours / reference, 2),
        "ratio_p50": round(found["morning"]["p50"] / found["quiet"]["p50"], 2),
        **reached,
        **found,
        "agents": AGENTS,
        "customers": CUSTOMERS,
        "goals": GOALS,
        "good": all(reached[name] <= goal for name, goal in GOALS.items()),
        "python": platform.python_version(),
    }


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="presence-") as folder:
        result = judged(asyncio.run(measured(Path(folder))))
    path = config.home() / "bench" / "presence.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
