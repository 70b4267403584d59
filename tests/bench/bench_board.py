"""The board of the team, live: python -m tests.bench.bench_board

1,000 agents, 1,000 pages that show them all. `ours` is the median from a call that changes to a
page that has been told; `reference` the same with one page open. Then 1,000 changes a second: no
page is told more than four times a second, and what all see is written once.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from callcenter.agents.comparison import Comparison
from callcenter.calls.board import Board
from callcenter.calls.events import CallPlaced
from callcenter.calls.journal import Journal
from callcenter.customers.numbers import key_of
from callcenter.db import database
from callcenter.keys import BOARD, CARDS, COMPARISON, DESK, DIRECTORY, JOURNAL, KEPT, PRESENCE, TEAM
from callcenter.live import team as live
from callcenter.live import views
from callcenter.migrations import migrate
from callcenter.parts import customer_ids
from callcenter.people.models import User
from callcenter.tasks import running
from callcenter.team_parts import team
from tests.bench.bench_popup import AGENTS, FIRST, application, fill
from tests.bench.report import found_by, judged, keep, load
from tests.callbacks.nobody import no_kept_places

PAGES = 1000
CHANGES = 60  # one by one, then
STORM_S, A_SECOND = 5.0, 1000
APART = 0.4  # seconds: each finds the pages quiet
GOALS = {"p99_ms": 40.0, "updates_a_second": 4, "written_an_update": 1.0, "not_heard": 0}


class Written:
    """Counts how often something is made into bytes."""

    def __init__(self) -> None:
        self.times, self._frame = 0, live.frame
        live.frame = self

    def __call__(self, message: dict[str, Any]) -> bytes:
        self.times += 1
        return self._frame(message)


@asynccontextmanager
async def service(url: str) -> AsyncIterator[tuple[web.Application, int]]:
    """Board, agents and team as the product wires them."""
    async with database(url) as (engine, sessions):
        async with sessions.begin() as session:
            (await session.get_one(User, 1)).role = "superadmin"
        app = await application(engine, sessions)
        app[JOURNAL] = Journal(
            engine,
            zone=UTC,
            whose=app[DIRECTORY].whose,
            customers=lambda keys: customer_ids(app[CARDS], keys),
            key_of=key_of,
        )
        listeners = [app[DESK].push, app[PRESENCE].push, app[JOURNAL].note]
        app[BOARD] = Board([*listeners, lambda change: app[TEAM].push(change)])
        app[COMPARISON] = Comparison(app[PRESENCE], app[DIRECTORY], app[BOARD])
        app[KEPT] = no_kept_places(sessions, app[DIRECTORY])
        app[TEAM] = team(app)
        app.add_routes(views.routes)
        await app[TEAM].load(sessions)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
        await site.start()
        async with (
            running(app[TEAM].run(), "team"),
            running(app[JOURNAL].write(), "journal"),
            running(app[PRESENCE].write(), "states"),
        ):
            yield app, runner.addresses[0][1]
            app[TEAM].send_away()
            app[DESK].close()
        await runner.cleanup()
        await app[TEAM].close()
        await app[PRESENCE].close()
        await app[CARDS].close()


def change(app: web.Application, number: int) -> None:
    """An agent calls a customer."""
    at, extension = datetime.now(UTC), str(FIRST + number % AGENTS)
    app[BOARD].apply(CallPlaced(at=at, call_id=f"b{number}", extension=extension, number="0912"))


async def told(app: web.Application, port: int, cookie: str, pages: int) -> dict[str, Any]:
    async with load("board_load") as looking:
        looking.ask({"port": port, "cookie": cookie, "pages": pages})
        await looking.answer()
        sent, first = {}, pages * 100_000
        for number in range(first, first + CHANGES):
            await asyncio.sleep(APART)
            sent[f"b{number}"] = time.monotonic()
            change(app, number)
        await asyncio.sleep(1)
        written, published, begin = Written(), app[TEAM].published, time.monotonic()
        for number in range(first + CHANGES, first + CHANGES + round(STORM_S * A_SECOND)):
            change(app, number)
            await asyncio.sleep(
                max(0.0, begin + (number - first - CHANGES) / A_SECOND - time.monotonic())
            )
        end = time.monotonic()
        storm = {"written_an_update": written.times / max(1, app[TEAM].published - published)}
        looking.ask({"sent": sent, "storm": [begin, end]})
        return (
            await looking.answer()
            | storm
            | {"changes_a_second": round(A_SECOND * STORM_S / (end - begin))}
        )


async def measured(folder: Path) -> dict[str, Any]:
    path = folder / "callcenter.db"
    url = f"sqlite+aiosqlite:///{path}"
    async with database(url) as (engine, _):
        await migrate(engine)
    cookies = await asyncio.to_thread(fill, path, AGENTS, 1000)
    async with service(url) as (app, port):
        cookie = cookies[str(FIRST)]
        return {
            "one": await told(app, port, cookie, 1),
            "all": await told(app, port, cookie, PAGES),
        }


def report(found: dict[str, Any]) -> dict[str, Any]:
    one, many = found["one"], found["all"]
    names = ("updates_a_second", "written_an_update", "not_heard")
    reached = {"p99_ms": round(many["p99"], 1), **{name: many[name] for name in names}}
    return {
        "name": "board",
        "unit": "ms, p50 from a call that changes to a page that has been told",
        "ours": many["p50"],
        "reference": one["p50"],
        "reference_is": "the same with one page open",
        "ratio": round(many["p50"] / one["p50"], 2),
        "reference_p99_ms": one["p99"],
        "changes_a_second": many["changes_a_second"],
        "pages": PAGES,
        "agents": AGENTS,
        **judged(reached, GOALS),
    }


if __name__ == "__main__":
    keep(report(found_by(measured)))
