"""From AMI bytes to the agent's screen: python -m tests.bench.bench_popup

The clock starts with the bytes that say that an agent's phone rings, and stops when the message
with the customer's name is on the agent's websocket. 1,000 agents are connected, the database has
1,000,000 customers. `ours` are callers whom nobody has asked for before, `reference` is the same
way with a customer who is in memory: no look-up. Both take turns.

The caller is known 5 ms before a phone rings (a real exchange takes 25 ms and more from the one to
the other). `all_at_once` is the same without that: the call's whole story in a single write.
"""

import asyncio
import gc
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from aiohttp import web

from callcenter import config
from callcenter.agents.presence import Presence
from callcenter.asterisk.link import Link
from callcenter.calls.board import Board
from callcenter.customers.cards import Cards
from callcenter.db import Sessions, database
from callcenter.explain.ear import Ear
from callcenter.explain.log import HopLog
from callcenter.keys import BOARD, CARDS, CONFIG, DESK, DIRECTORY, EAR, PRESENCE, SESSIONS
from callcenter.migrations import migrate
from callcenter.pages.setup import setup as set_up_pages
from callcenter.people.directory import Directory
from callcenter.people.session import digest
from callcenter.popups import views as popup_views
from callcenter.popups.desk import Desk
from callcenter.tasks import running
from tests.bench.report import found_by, judged, keep, load
from tests.fakes import SECRET, USER

AGENTS, CUSTOMERS = 1000, 1_000_000
GOALS = {"ratio": 2.0, "p99_ms": 5.0, "burst_ms": 200.0, "kb_an_agent": 16.0}
FIRST = 1000  # extension


def fill(path: Path, agents: int = AGENTS, many: int = CUSTOMERS) -> dict[str, str]:
    """Customers, agents and their sessions, as quickly as may be; cookies by extension."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cookies = {str(FIRST + i): token_urlsafe(32) for i in range(agents)}
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA synchronous=OFF")
        put_back = _bare(db)
        db.execute("INSERT INTO departments (id, name) VALUES (1, 'Sales')")
        db.execute("INSERT INTO queues (name, title, department_id) VALUES ('sales', 'Sales', 1)")
        db.executemany(
            "INSERT INTO users (id, username, name, password, role, department_id, extension,"
            " language, theme, active, rings, mobile)"
            " VALUES (?, ?, ?, '!', 'agent', 1, ?, 'vi', 'system', 1, 'browser', '')",
            ((i, f"a{i}", f"Nguyễn Văn {i}", str(FIRST + i - 1)) for i in range(1, agents + 1)),
        )
        db.executemany(
            "INSERT INTO sessions (id, user_id, csrf, created_at, seen_at, expires_at, address,"
            " device) VALUES (?, ?, ?, ?, ?, ?, '', '')",
            (
                (digest(cookie), i, f"csrf{i}", *map(str, (now, now, now + timedelta(days=1))))
                for i, cookie in enumerate(cookies.values(), 1)
            ),
        )
        db.executemany(
            "INSERT INTO customers (id, code, kind, name, search_key, company, email, address,"
            " note, owner_id, created_at, updated_at)"
            " VALUES (?, ?, 'person', ?, ?, 'An Phát', '', '', '', ?, ?, ?)",
            customers(str(now), agents, many),
        )
        db.executemany(
            "INSERT INTO customer_phones (customer_id, number_key, raw, reversed_digits, position)"
            " VALUES (?, ?, ?, ?, 0)",
            ((i, f"+849{i - 1:08}", f"09{i - 1:08}", f"{i - 1:08}"[::-1]) for i in ids(many)),
        )
        for statement in put_back:
            db.execute(statement)
    return cookies


def _bare(db: sqlite3.Connection) -> list[str]:
    """Take away what makes filling slow; how to put it back. Nobody searches here: the words and
    digits of search stay empty.
    """
    found = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND tbl_name IN ('customers', 'customer_phones') AND type IN ('index', 'trigger')"
    ).fetchall()
    for kind, name, _ in found:
        db.execute(f"DROP {kind} {name}")
    return [statement for _, _, statement in found]


def ids(many: int) -> Iterator[int]:
    yield from range(1, many + 1)


def customers(now: str, agents: int, many: int) -> Iterator[tuple[object, ...]]:
    for i in ids(many):
        name = f"Trần Thị Mỹ Hạnh {i}"
        yield i, f"KH{i}", name, f"tran thi my hanh {i}", i % agents + 1, now, now


@asynccontextmanager
async def service(url: str, ami_port: int) -> AsyncIterator[tuple[web.Application, int]]:
    """The live rooms as the product wires them: link, board, desk, presence, cards."""
    async with database(url) as (engine, sessions):
        app = await application(engine, sessions)
        link = Link(
            host="127.0.0.1",
            port=ami_port,
            user=USER,
            secret=SECRET,
            apply=app[BOARD].hear,
            settle=app[BOARD].settle,
            phone_changed=app[PRESENCE].phone_changed,
            ready=app[PRESENCE].after_login,
        )
        app[PRESENCE].exchange = link
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
        await site.start()
        # What an agent costs is what stays: before it looks, the load has us clear away the rest.
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, gc.collect)
        gc.collect()
        gc.freeze()  # as the service does once it is up
        async with (
            running(link.run(), "link"),
            running(app[PRESENCE].write(), "states"),
            running(app[EAR].run(lambda: link.connected), "hops"),
        ):
            yield app, runner.addresses[0][1]
            app[DESK].close()
        await runner.cleanup()
        await app[PRESENCE].close()
        await app[CARDS].close()


async def application(engine: Any, sessions: Sessions) -> web.Application:
    app = web.Application()
    settings = config.load(config.ROOT / "config.toml")
    directory, cards = Directory(), Cards(engine)
    await directory.load(sessions)
    presence = Presence(directory, sessions, zone=settings.zone)
    desk = Desk(directory, cards, presence)
    app[CONFIG], app[SESSIONS], app[DIRECTORY] = settings, sessions, directory
    app[CARDS], app[PRESENCE], app[DESK] = cards, presence, desk
    app[EAR] = ear = Ear(HopLog(engine), directory, presence, desk.has_page)
    desk.sent.append(ear.sent)
    desk.acknowledged.append(ear.acknowledged)
    desk.moved.append(ear.page_moved)
    app[BOARD] = Board(listeners=[desk.push, presence.push, ear.push])
    set_up_pages(app)
    app.add_routes(popup_views.routes)
    return app


async def measured(folder: Path) -> dict[str, Any]:
    path = folder / "callcenter.db"
    url = f"sqlite+aiosqlite:///{path}"
    async with database(url) as (engine, _):
        await migrate(engine)
    began = time.monotonic()
    cookies = await asyncio.to_thread(fill, path)
    print(f"{CUSTOMERS:,} customers written in {time.monotonic() - began:.0f} s", flush=True)
    async with load("popup_load") as agents, service(url, await agents.answer()) as (_, port):
        agents.ask({"port": port, "pid": _own_pid(), "cookies": cookies})
        found: dict[str, Any] = await agents.answer()
        await agents.ends()
        return found


def _own_pid() -> int:
    return int(Path("/proc/self").readlink().name)


def report(found: dict[str, Any]) -> dict[str, Any]:
    real, hard = found["as_it_happens"], found["all_at_once"]
    reached = {
        "ratio": round(real["cold"]["p50"] / real["warm"]["p50"], 2),
        "p99_ms": real["cold"]["p99"],
        "burst_ms": real["burst_ms"],
        "kb_an_agent": found["kb_an_agent"],
    }
    return {
        "name": "popup",
        "unit": "ms, p50 from AMI bytes to the agent's websocket",
        "ours": real["cold"]["p50"],
        "reference": real["warm"]["p50"],
        "reference_is": "the same way without look-up: the customer is in memory",
        "reference_p99_ms": real["warm"]["p99"],
        "bursts_ms": real["bursts_ms"],
        "all_at_once": hard | {"ratio": round(hard["cold"]["p50"] / hard["warm"]["p50"], 2)},
        "agents": AGENTS,
        "customers": CUSTOMERS,
        **judged(reached, GOALS),
    }


if __name__ == "__main__":
    keep(report(found_by(measured)))
