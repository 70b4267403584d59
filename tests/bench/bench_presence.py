"""A morning: python -m tests.bench.bench_presence

1,000 agents open their pages and become ready within 10 seconds, each in the queue of an exchange
that has to agree, each state a row; all the while calls pop up for those who are there already.
`ours` is the slowest of these popups, `reference` the slowest before the others came. The database
has 1,000,000 customers, callers are some whom nobody has asked for before, and the comparison with
the exchange runs every five seconds.
"""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from callcenter.agents.comparison import Comparison
from callcenter.api import setup as api
from callcenter.asterisk.link import Link
from callcenter.db import database
from callcenter.keys import BOARD, CARDS, DESK, DIRECTORY, LINK, PRESENCE
from callcenter.migrations import migrate
from callcenter.tasks import running
from tests.bench.bench_popup import AGENTS, CUSTOMERS, application, fill
from tests.bench.report import found_by, judged, keep, load
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
    async with load("presence_load") as agents, service(url, await agents.answer()) as port:
        agents.ask({"port": port, "cookies": cookies})
        found: dict[str, Any] = await agents.answer()
        await agents.ends()
        return found


def report(found: dict[str, Any]) -> dict[str, Any]:
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
        **found,
        "agents": AGENTS,
        "customers": CUSTOMERS,
        **judged(reached, GOALS),
    }


if __name__ == "__main__":
    keep(report(found_by(measured)))
