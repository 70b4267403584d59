"""The reports about care over 13 months of a million interactions: python -m tests.bench.bench_care

On SQLite and PostgreSQL, in one run: from the sums of months and days, beside the same from the
calls and activities themselves. A hundred thousand customers, 200 employees in 12 departments.
"""

import asyncio
import gc
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from callcenter.activities.models import Activity
from callcenter.calls.models import CallRecord
from callcenter.care import daily, summing, sums, times, touched
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer
from callcenter.db import database
from callcenter.migrations import migrate
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from tests.bench.bench_reports import timed
from tests.bench.crowd import folder
from tests.bench.report import keep
from tests.postgres import postgres

CALLS, NOTES, CUSTOMERS = 900_000, 100_000, 100_000
AGENTS, DEPARTMENTS, TYPES = 200, 12, 5
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
LAST = date(2026, 2, 28)
DAYS = 400
GOAL = 50.0  # ms
YEAR = {"since": date(2025, 2, 1), "until": LAST}
WHO = {
    "superadmin": Scope(everything=True, user_id=0),
    "lead": Scope(everything=False, user_id=500, departments=frozenset({3, 7})),
    "agent": Scope(everything=False, user_id=17),
}
AT_ONCE = 20_000


def moment(chance: Random) -> datetime:
    day = LAST - timedelta(days=chance.randrange(DAYS))
    began = datetime(day.year, day.month, day.day, tzinfo=SAIGON).astimezone(UTC)
    return began + timedelta(seconds=27_000 + chance.randrange(46_800))


def call(chance: Random, number: int) -> dict[str, Any]:
    began, user_id = moment(chance), 1 + chance.randrange(AGENTS)
    answered = chance.random() < 0.8
    return {
        "call_id": f"1790.{number}",
        "direction": chance.choice(["inbound", "inbound", "outbound"]),
        "state": "ended",
        "customer_id": 1 + chance.randrange(CUSTOMERS),
        "user_id": user_id,
        "department_id": 1 + user_id % DEPARTMENTS,
        "started_at": began,
        "ended_at": began + timedelta(minutes=5),
        "result": "answered" if answered else "abandoned",
        "talked_s": 20.25 + chance.randrange(300) if answered else 0.0,
    }


def note(chance: Random, number: int) -> dict[str, Any]:
    at = moment(chance)
    return {
        "id": number,
        "customer_id": 1 + chance.randrange(CUSTOMERS),
        "type_id": 1 + chance.randrange(TYPES),
        "name": "Visit",
        "search_key": "visit",
        "user_id": 1 + chance.randrange(AGENTS),
        "at": at,
        "created_at": at,
        "minutes": chance.choice([None, 5, 30]),
    }


def customer(chance: Random, number: int) -> dict[str, Any]:
    owner, made = 1 + chance.randrange(AGENTS), moment(chance)
    return {
        "id": number,
        "code": f"K{number}",
        "name": "C",
        "search_key": "c",
        "owner_id": owner,
        "department_id": 1 + owner % DEPARTMENTS,
        "assigned_at": made,
        "created_at": made,
        "updated_at": made,
    }


async def fill(engine: AsyncEngine) -> None:
    chance = Random(7)
    people = [
        {"id": n, "username": f"u{n}", "name": f"U{n}", "password": "", "role": "agent"}
        | {"department_id": 1 + n % DEPARTMENTS}
        for n in range(1, AGENTS + 1)
    ]
    types = [
        {"id": n, "catalogue": "activity_type", "name": f"T{n}", "position": n}
        for n in range(1, TYPES + 1)
    ]
    async with engine.begin() as connection:
        departments = [{"id": n, "name": f"D{n}"} for n in range(1, DEPARTMENTS + 1)]
        await connection.execute(insert(Department), departments)
        await connection.execute(insert(CatalogueItem), types)
        await connection.execute(insert(User), people)
        for table, make, many in (
            (Customer, customer, CUSTOMERS),
            (CallRecord, call, CALLS),
            (Activity, note, NOTES),
        ):
            for first in range(1, many + 1, AT_ONCE):
                rows = [make(chance, n) for n in range(first, min(many + 1, first + AT_ONCE))]
                await connection.execute(insert(table), rows)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))


async def measured(url: str) -> dict[str, Any]:
    found: dict[str, Any] = {"from sums": {}, "from interactions": {}, "either way": {}}
    async with database(url) as (engine, _), async_sessionmaker(engine)() as session:
        await migrate(engine)
        await fill(engine)
        now = datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=SAIGON)
        await summing.catch_up(engine, SAIGON, now=now)
        gc.collect()
        for who in WHO:
            for name, answer in ("care time", times.answer), ("how many", daily.interactions_count):
                ask = partial(answer, session, asker(who), Asked(**YEAR))
                found["from sums"][f"{name}, {who}"] = await timed(ask)
                with patch.object(sums, "_known", unknown):
                    found["from interactions"][f"{name}, {who}"] = await timed(ask, 3)
            for name, slow in (
                ("first page", daily.interactions_cut),
                ("interacted", touched.answer),
            ):
                ask = partial(slow, session, asker(who), Asked(**YEAR))
                found["either way"][f"{name}, {who}"] = await timed(ask, 5)
    found["slowest from sums"] = max(found["from sums"].values())
    return found


async def unknown(session: AsyncSession, zone: ZoneInfo) -> sums.Known:
    """As if no day were summed up."""
    return sums.Known(None, frozenset())


def asker(who: str) -> Asker:
    return Asker(WHO[who], Directory(), LAST, str(SAIGON))


async def main() -> None:
    path = folder() / "care.db"
    path.unlink(missing_ok=True)
    report: dict[str, Any] = {"name": "care", "unit": "milliseconds", "goal": GOAL}
    report["sqlite"] = await measured(f"sqlite+aiosqlite:///{path}")
    path.unlink()
    with postgres() as server:
        report["postgresql"] = await measured(server.url(await server.create()))
    kinds = ("sqlite", "postgresql")
    report["good"] = all(report[kind]["slowest from sums"] <= GOAL for kind in kinds)
    keep(report)


if __name__ == "__main__":
    asyncio.run(main())
