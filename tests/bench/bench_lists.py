"""Page 20,000 of a million customers against page 1: python -m tests.bench.bench_lists

On SQLite and PostgreSQL, in one run: a page of 50 by the cursor of the page before it, for a
superadmin, by each sort; the same page with OFFSET, as one would write first; and how long each
role waits for the first page and for the numbers on the tabs.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.customers.models import Customer
from callcenter.db import engine_for
from callcenter.keyset import _written
from callcenter.lists.queries import FEW, SORTS, count, page
from callcenter.people.rights import Scope
from tests.bench.bench_search import WHO
from tests.bench.crowd import postgres_crowd, sqlite_crowd
from tests.bench.report import keep

FAR, SIZE, TIMES, OFFSETS = 20_000, 50, 40, 3
BY = ("name", "code", "created")
GOAL = 2.0  # page 20,000 in at most so many times the time of page 1


async def cursor_of(session: AsyncSession, sort: str) -> str:
    """Of the row before page 20,000, found the slow way."""
    place = select(Customer).where(Customer.deleted_at.is_(None))
    ordered = place.order_by(*SORTS[sort]).offset((FAR - 1) * SIZE - 1).limit(1)
    row = (await session.scalars(ordered)).one()
    return _written(False, row, SORTS[sort])


async def timed(ask: Callable[[], Awaitable[Any]], times: int = TIMES) -> float:
    """The median, in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 3)


async def skipped(session: AsyncSession, sort: str) -> None:
    statement = select(Customer).where(Customer.deleted_at.is_(None)).order_by(*SORTS[sort])
    (await session.execute(statement.offset((FAR - 1) * SIZE).limit(SIZE + 1))).all()


async def unassigned(session: AsyncSession, scope: Scope) -> None:
    """As lists.views asks."""
    many = await count(session, scope, [], unassigned=True) > FEW
    await page(session, scope, [], unassigned=True, walked=many)


async def measured(url: str) -> dict[str, Any]:
    engine, everything = engine_for(url), WHO["superadmin"]
    found: dict[str, Any] = {}
    async with async_sessionmaker(engine)() as session:
        for sort in BY:
            cursor = await cursor_of(session, sort)
            asked = {"page 1": "", "page 20,000": cursor}
            for at in asked.values():  # once before it counts
                await page(session, everything, [], sort=sort, cursor=at)
            times = {}
            for name, at in asked.items():
                times[name] = await timed(
                    partial(page, session, everything, [], sort=sort, cursor=at)
                )
            times["with OFFSET"] = await timed(partial(skipped, session, sort), OFFSETS)
            times["ratio"] = round(times["page 20,000"] / times["page 1"], 2)
            found[sort] = times
        assigned = [Customer.owner_id.is_not(None)]
        for who, scope in WHO.items():
            found[who] = {
                "first page": await timed(partial(page, session, scope, assigned)),
                "assigned": await timed(partial(count, session, scope, assigned)),
                "unassigned": await timed(partial(count, session, scope, [], unassigned=True)),
                "first page of unassigned": await timed(partial(unassigned, session, scope)),
            }
    await engine.dispose()
    return found


async def main() -> None:
    path = await sqlite_crowd()
    report: dict[str, Any] = {"name": "lists", "unit": "milliseconds", "goal": GOAL}
    report["sqlite"] = await measured(f"sqlite+aiosqlite:///{path}")
    async with postgres_crowd(path) as url:
        report["postgresql"] = await measured(url)
    keep(report)


if __name__ == "__main__":
    asyncio.run(main())
