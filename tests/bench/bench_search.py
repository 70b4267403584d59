"""Finding customers among a million, against a scan with LIKE: python -m tests.bench.bench_search

On SQLite and PostgreSQL, in one run. Words: what is typed into the search box until the answer is
there, by a superadmin (who may see all), a lead and an agent; names and pieces of names as they
occur, in any order. Last digits: four to six of the number of somebody whom that person may see,
and of anybody; what the box shows at once. Any digits: with those in the middle of numbers, which
the box asks for next. The list: the first page of all whom the same words find, by name. The
reference is what one would write first: LIKE '%word%' for each word, and LIKE '%digits', for as
many rows, in no order.
"""

import asyncio
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import search
from callcenter.customers.box import best
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.queries import CustomerFilters, customers_cut
from callcenter.db import database
from callcenter.people.rights import Scope
from tests.bench.crowd import CUSTOMERS, folder, number, postgres_crowd, sqlite_crowd

TIMES, SCANS = 300, 20
FIRST = ("nguyen", "an", "5678", "0912", "56789", "09123", "567890", "091234")
PLANNED = 6  # times that PostgreSQL is asked something before it keeps how to answer
WHO = {
    "superadmin": Scope(everything=True, user_id=1),
    "lead": Scope(everything=False, user_id=1, departments=frozenset({1}), department_id=1),
    "agent": Scope(everything=False, user_id=1, department_id=1),
}
GOALS = {"words": 10.0, "last digits": 1.0}  # milliseconds, 95 times of 100
Ask = Callable[[AsyncSession, str], Awaitable[Any]]


async def texts(session: AsyncSession, scope: Scope) -> dict[str, list[str]]:
    """What people type: part of somebody's name; the end, or any piece, of somebody's number."""
    chance = Random(7)
    ids = [chance.randrange(1, CUSTOMERS) for _ in range(TIMES)]
    found = await session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    names = dict(tuple(row) for row in found)
    seen = list(await session.scalars(scope.customers(select(Customer.id))))
    return {
        "words": [_piece(chance, search.key_of(names[id]).split()) for id in ids],
        "one common word": ["nguyen", "tran", "thi", "van", "ngu", "anh"] * (TIMES // 30),
        "last digits": [_end(chance, chance.choice(seen)) for _ in range(TIMES)],
        "anybody's last digits": [_end(chance, id) for id in ids],
        "any digits": [number(id)[2 : 2 + chance.choice((4, 5, 6))] for id in ids],
        "the number": ["0" + number(id) for id in ids],
    }


def _end(chance: Random, customer_id: int) -> str:
    return number(customer_id)[-chance.choice((4, 5, 6)) :]


def _piece(chance: Random, words: list[str]) -> str:
    kept = chance.sample(words, min(len(words), chance.choice((1, 2, 2, 3, 3))))
    if chance.random() < 0.7:
        kept.sort(key=words.index)
    last = kept[-1]
    return " ".join((*kept[:-1], last[: max(2, len(last) - chance.choice((0, 0, 1, 2)))]))


async def asked_in(session: AsyncSession, asked: list[str], ask: Ask) -> dict[str, float]:
    """Milliseconds."""
    taken = []
    for text in asked:
        began = time.perf_counter()
        await ask(session, text)
        taken.append((time.perf_counter() - began) * 1000)
    return {
        "p50": round(statistics.median(taken), 3),
        "p95": round(sorted(taken)[int(len(taken) * 0.95)], 3),
    }


def box(scope: Scope, *, pieces: bool) -> Ask:
    return lambda session, text: best(session, scope, text, 8, pieces=pieces)


def listed(scope: Scope) -> Ask:
    return lambda session, text: customers_cut(session, scope, CustomerFilters(text=text))


async def scanned(session: AsyncSession, text: str) -> None:
    """Also for "lan" in "Hoàng Lan": pieces of words, which is more than is asked of us."""
    words = search.key_of(text).split()
    like = (Customer.search_key.contains(word) for word in words)
    (await session.execute(select(Customer).where(*like).limit(8))).all()


async def scanned_digits(session: AsyncSession, text: str) -> None:
    ends = CustomerPhone.number_key.endswith(text)
    asked = select(Customer).join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
    (await session.execute(asked.where(ends).limit(8))).all()


async def measured(url: str) -> dict[str, Any]:
    async with database(url) as (_, sessions), sessions() as session:
        for text in FIRST * PLANNED:  # statements are compiled, the first pages are read
            for scope in WHO.values():
                await best(session, scope, text, 8)
        found: dict[str, Any] = defaultdict(dict)
        for who, scope in WHO.items():
            typed = await texts(session, scope)
            for kind, asked in typed.items():
                ask = box(scope, pieces=kind == "any digits")
                found[kind][who] = await asked_in(session, asked, ask)
            found[f"list of {who}"] = await asked_in(session, typed["words"], listed(scope))
        found["scan of words"] = await asked_in(session, typed["words"][:SCANS], scanned)
        digits = typed["last digits"][:SCANS]
        found["scan of last digits"] = await asked_in(session, digits, scanned_digits)
    return found


async def main() -> None:
    path = await sqlite_crowd()
    report: dict[str, Any] = {"name": "search", "unit": "milliseconds", "goal": GOALS}
    report["sqlite"] = await measured(f"sqlite+aiosqlite:///{path}")
    async with postgres_crowd(path) as url:
        report["postgresql"] = await measured(url)
    for found in (report["sqlite"], report["postgresql"]):
        found["times quicker than a scan"] = {
            kind: round(found[f"scan of {kind}"]["p50"] / found[kind]["superadmin"]["p50"], 1)
            for kind in GOALS
        }
    (folder() / "search.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
