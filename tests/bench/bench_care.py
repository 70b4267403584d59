"""The reports about care over 13 months of a million interactions: python -m tests.bench.bench_care

On SQLite and PostgreSQL, in one run: from the sums of months and days and from the columns of whose
files they are, beside the same from the calls, activities and files themselves. A hundred thousand
customers, or as many as are said after it; 200 employees in 12 departments.
"""

import asyncio
import gc
import sys
from datetime import date, datetime
from functools import partial
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.care import daily, files, newcomers, owners, summing, sums, times, touched
from callcenter.db import database
from callcenter.migrations import migrate
from callcenter.people.directory import Directory
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Asker
from tests.bench.bench_reports import timed
from tests.bench.care_load import LAST, fill
from tests.bench.crowd import folder
from tests.bench.report import keep
from tests.postgres import postgres

CUSTOMERS = 100_000
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
GOAL = 50.0  # ms
YEAR = {"since": date(2025, 2, 1), "until": LAST}
ODD = {"since": date(2025, 2, 12), "until": date(2026, 2, 25)}
FORTNIGHT = {"since": date(2026, 2, 15), "until": LAST}
SUMMED: dict[str, Any] = {
    "care time": (times.answer, YEAR),
    "how many": (daily.interactions_count, YEAR),
    "interacted": (touched.answer, YEAR),
    "interacted in 13 months of odd days": (touched.answer, ODD),
    "interacted in 14 days": (touched.answer, FORTNIGHT),
    "new customers": (newcomers.answer, YEAR),
    "new customers by week": (newcomers.answer, YEAR | {"step": Step.WEEK}),
}
PLAIN: dict[str, Any] = {
    "files": files.answer,
    "first page": daily.interactions_cut,
}
WHO = {
    "superadmin": Scope(everything=True, user_id=0),
    "lead": Scope(everything=False, user_id=500, departments=frozenset({3, 7})),
    "agent": Scope(everything=False, user_id=17),
}


async def measured(url: str, customers: int) -> dict[str, Any]:
    found: dict[str, Any] = {"from sums": {}, "from rows": {}, "either way": {}}
    async with database(url) as (engine, _), async_sessionmaker(engine)() as session:
        await migrate(engine)
        await fill(engine, customers)
        now = datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=SAIGON)
        await summing.catch_up(engine, SAIGON, now=now)
        await owners.catch_up(engine, customers)
        gc.collect()
        for who in WHO:
            for name, (answer, period) in SUMMED.items():
                ask = partial(answer, session, asker(who), Asked(**period))
                found["from sums"][f"{name}, {who}"] = await timed(ask)
                with patch.object(sums, "known", unknown), patch.object(owners, "MANY", -1):
                    found["from rows"][f"{name}, {who}"] = await timed(ask, 3)
            for name, plain in PLAIN.items():
                ask = partial(plain, session, asker(who), Asked(**YEAR))
                found["either way"][f"{name}, {who}"] = await timed(ask, 5)
    found["slowest from sums"] = max(found["from sums"].values())
    return found


async def unknown(session: AsyncSession, zone: ZoneInfo) -> sums.Known:
    """As if no day were summed up."""
    return sums.Known(None, frozenset())


def asker(who: str) -> Asker:
    return Asker(WHO[who], Directory(), LAST, str(SAIGON))


async def main(customers: int) -> None:
    path = folder() / "care.db"
    path.unlink(missing_ok=True)
    report: dict[str, Any] = {"name": "care", "unit": "milliseconds", "goal": GOAL}
    report["customers"] = customers
    report["sqlite"] = await measured(f"sqlite+aiosqlite:///{path}", customers)
    path.unlink()
    with postgres() as server:
        report["postgresql"] = await measured(server.url(await server.create()), customers)
    kinds = ("sqlite", "postgresql")
    report["good"] = all(report[kind]["slowest from sums"] <= GOAL for kind in kinds)
    keep(report)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else CUSTOMERS))
