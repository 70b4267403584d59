"""A change of the switchboard, live: python -m tests.bench.bench_reload

200 queues with five agents each, 1,000 phones, a menu and hours for every tenth queue. Each change
gives ten queues the department of another ten, so that a hundred agents move, and rewrites all
menus. `ours` is the median from publishing to an exchange that has the dialplan, the queues and
all members where they belong; `reference` what the exchange itself takes to read the same files.
"""

import statistics
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from callcenter import config
from callcenter.agents.agent import Agent
from callcenter.agents.presence import Presence
from callcenter.asterisk import rootfs
from callcenter.asterisk.dialplan import USER, Ports, render_exchange
from callcenter.asterisk.link import Link
from callcenter.asterisk.process import Asterisk
from callcenter.asterisk.reload import COMMANDS, marked
from callcenter.db import Sessions, database
from callcenter.keys import DIRECTORY, PRESENCE, SESSIONS, SWITCH
from callcenter.migrations import migrate
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.secrets import load_secrets
from callcenter.switchboard import versions
from callcenter.switchboard.exchange import Switch
from callcenter.switchboard.plan import Hours, Kind, Menu, Number, Opening, Plan, Queue, Way
from callcenter.switchboard.publishing import publish
from callcenter.tasks import running
from tests.bench.report import found_by, judged, keep
from tests.stage import free_ports

QUEUES, EACH, FIRST = 200, 5, 1001
CHANGES, MOVED = 5, 10
READ = ("queues.conf", "extensions.conf")  # what the exchange reads at each change
GOALS = {"slowest_s": 3.0, "misplaced": 0}
DAY = Opening(days=frozenset(range(7)), begins=480, ends=1020)


def plan(turn: int) -> Plan:
    """The plan after so many changes."""
    first = MOVED * turn
    homes = {first + n: first + MOVED + n for n in range(MOVED)} if turn else {}
    homes |= {there: here for here, there in homes.items()}
    queues = tuple(
        Queue(name=f"queue_{n}", title=f"Queue {n}", department_id=homes.get(n, n) + 1)
        for n in range(QUEUES)
    )
    ways = [Way(kind=Kind.QUEUE, name=each.name) for each in queues]
    tens = range(0, QUEUES, 10)
    menus = tuple(
        Menu(
            name=f"menu_{n}",
            title=f"Menu {n}",
            keys={str(key): ways[n + (key + turn) % 10] for key in range(10)},
            otherwise=ways[n],
        )
        for n in tens
    )
    hours = tuple(
        Hours(
            name=f"hours_{n}",
            title=f"Hours {n}",
            openings=(DAY,),
            open=Way(kind=Kind.MENU, name=f"menu_{n}"),
            closed=ways[n],
        )
        for n in tens
    )
    numbers = tuple(
        Number(number=f"028{n:07}", way=Way(kind=Kind.HOURS, name=f"hours_{n}")) for n in tens
    )
    return Plan(numbers=numbers, hours=hours, menus=menus, queues=queues, default=ways[0])


async def fill(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        session.add_all(Department(id=n + 1, name=f"Department {n}") for n in range(QUEUES))
        await session.flush()
        session.add_all(
            User(
                id=n + 1,
                username=f"a{n}",
                name=f"Nguyễn Văn {n}",
                password="!",
                role="agent",
                department_id=n // EACH + 1,
                extension=str(FIRST + n),
            )
            for n in range(QUEUES * EACH)
        )


@asynccontextmanager
async def service(folder: Path, sessions: Sessions) -> AsyncIterator[tuple[web.Application, Any]]:
    """The parts of the service that a change goes through, an exchange of its own, and all agents
    ready."""
    settings = config.load(config.ROOT / "config.toml")
    last = FIRST + QUEUES * EACH - 1
    asterisk = msgspec.structs.replace(settings.asterisk, extensions=f"{FIRST}-{last}")
    ports, secrets = Ports(*free_ports(3)), load_secrets(folder)

    def files(of: Plan) -> dict[str, str]:
        return render_exchange(
            config=asterisk, ports=ports, secrets=secrets, plan=of, carrier="127.0.0.1:9"
        )

    exchange = Asterisk(
        "exchange", rootfs.folder(config.home()), folder / "exchange", marked(files(plan(0)))
    )
    app = web.Application()
    app[SESSIONS], app[DIRECTORY], app[SWITCH] = sessions, Directory(), Switch(exchange, files)
    presence = app[PRESENCE] = Presence(app[DIRECTORY], sessions, zone=settings.zone)
    for n in range(QUEUES * EACH):
        presence.roll.agents[n + 1] = Agent(user_id=n + 1, wish="ready", phone="reachable")

    async def ready() -> None:
        await presence.after_login()

    link = Link(
        host="127.0.0.1",
        port=ports.ami,
        user=USER,
        secret=secrets.ami,
        apply=lambda event: None,
        phone_changed=lambda endpoint, state: None,
        ready=ready,
    )
    presence.exchange = link
    try:
        await exchange.start()
        async with running(link.run(), "link"):
            await link.wait_connected(30)
            yield app, exchange
    finally:
        await presence.close()
        await exchange.stop()


async def change(app: web.Application, turn: int) -> float:
    """Seconds until that plan is live and everybody is where they should be."""
    async with app[SESSIONS].begin() as session:
        draft = await versions.change(session, 1, lambda _: plan(turn))
    began = time.monotonic()
    await publish(app, 1, draft.revision, "")
    places = app[PRESENCE].places
    for user_id in places.on_their_way:
        await places.settled(user_id)
    return time.monotonic() - began


async def misplaced(app: web.Application, turn: int) -> int:
    """How many of the places that should be are not at the exchange, and the other way round."""
    exchange = app[PRESENCE].exchange
    assert exchange
    there = {
        (member["Queue"], member["Location"].removeprefix("PJSIP/"))
        for member in await exchange.queue_members()
    }
    wanted = {
        (queue.name, str(FIRST + (queue.department_id - 1) * EACH + n))
        for queue in plan(turn).queues
        if queue.department_id
        for n in range(EACH)
    }
    return len(there ^ wanted)


async def timed(wish: Awaitable[object]) -> float:
    began = time.monotonic()
    await wish
    return time.monotonic() - began


async def measured(folder: Path) -> dict[str, Any]:
    async with database(f"sqlite+aiosqlite:///{folder}/callcenter.db") as (engine, sessions):
        await migrate(engine)
        await fill(sessions)
        async with service(folder, sessions) as (app, exchange):
            await change(app, 0)
            took, wrong = [], 0
            for turn in range(1, CHANGES + 1):
                took.append(await change(app, turn))
                wrong += await misplaced(app, turn)
            read = [
                sum([await timed(exchange.cli(COMMANDS[name])) for name in READ])
                for _ in range(CHANGES)
            ]
    ours, reference = statistics.median(took), statistics.median(read)
    return {
        "name": "reload",
        "unit": "s, p50 from publishing to an exchange with everybody in their queues",
        "ours": round(ours, 3),
        "reference": round(reference, 3),
        "reference_is": "the exchange alone, reading the same files",
        "ratio": round(ours / reference, 2),
        "queues": QUEUES,
        "agents": QUEUES * EACH,
        **judged({"slowest_s": round(max(took), 3), "misplaced": wrong}, GOALS),
    }


if __name__ == "__main__":
    keep(found_by(measured))
