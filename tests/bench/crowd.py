"""A large company for the benchmarks: a million customers as one finds them in Vietnam.

A thousand agents in fifty departments; five customers in six have an owner; a million calls. Made
once (a minute) and kept in var/bench for as long as the tables stay as they are.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import asyncpg

from callcenter.config import home
from callcenter.customers import search
from callcenter.db import engine_for, sqlite_text
from callcenter.migrations import migrate
from callcenter.settings import demo_people as people
from tests.postgres import Postgres, postgres

CUSTOMERS, CALLS = 1_000_000, 1_000_000
AGENTS, DEPARTMENTS = 1000, 50
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
EMPTY = "0003"  # filled before the indexes of search are made, which is quicker
TABLES = ("departments", "users", "customers", "customer_phones", "customer_shares", "calls")


def folder() -> Path:
    """On the service's disk: a temporary folder may be memory."""
    path = home() / "bench"
    path.mkdir(parents=True, exist_ok=True)
    return path


async def sqlite_crowd() -> Path:
    """The database's file; made when it is not there."""
    path = folder() / "crowd.db"
    if not path.exists():
        print("making a million customers …", flush=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        await _migrated(f"sqlite+aiosqlite:///{unfinished}", EMPTY)
        await asyncio.to_thread(_fill, unfinished)
        await _migrated(f"sqlite+aiosqlite:///{unfinished}")
        unfinished.rename(path)
    await _migrated(f"sqlite+aiosqlite:///{path}")
    return path


@asynccontextmanager
async def postgres_crowd(path: Path) -> AsyncIterator[str]:
    """The URL of a PostgreSQL with the same rows, for as long as the block lasts."""
    with postgres() as server:
        name = await server.create()
        await _migrated(server.url(name), EMPTY)
        await _copy(server, name, path)
        await _migrated(server.url(name))
        connection = await _connected(server, name)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()
        yield server.url(name)


async def _migrated(url: str, revision: str = "head") -> None:
    engine = engine_for(url)
    await migrate(engine, revision)
    await engine.dispose()


def _fill(path: Path) -> None:
    chance = Random(1)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")

    def insert(table: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
        places = ", ".join("?" for _ in columns.split(","))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)

    insert("departments", "id, name", ((i, f"Phòng {i}") for i in range(1, DEPARTMENTS + 1)))
    insert(
        "users",
        "id, username, name, password, role, department_id, extension, language, theme, active",
        (
            (i, f"u{i}", f"Nhân viên {i}", "x", "agent", _department(i), str(1000 + i), "vi", "", 1)
            for i in range(1, AGENTS + 1)
        ),
    )
    owners = [chance.randrange(1, AGENTS + 1) if chance.random() < 0.85 else None for _ in _ids()]
    insert(
        "customers",
        "id, code, kind, name, search_key, company, email, address, note, owner_id, department_id,"
        " created_at, updated_at",
        _customers(chance, owners),
    )
    insert("customer_phones", "customer_id, number_key, raw, reversed_digits, position", _phones())
    insert(
        "customer_shares",
        "customer_id, user_id, department_id, at",
        (
            (chance.randrange(1, CUSTOMERS), chance.randrange(1, AGENTS), None, _at(i))
            for i in range(20_000)
        ),
    )
    insert(
        "calls",
        "call_id, exchange, direction, state, number, number_key, caller_name, user_id,"
        " department_id, customer_id, agents, rung, started_at, ended_at, result, waited_s,"
        " talked_s, held_s, transfers, digits",
        _calls(chance, owners),
    )
    connection.execute("COMMIT")
    connection.close()


def _ids() -> range:
    return range(1, CUSTOMERS + 1)


def _department(user_id: int) -> int:
    return (user_id - 1) % DEPARTMENTS + 1


def _at(minutes: int) -> str:
    return str(sqlite_text(NOW - timedelta(minutes=minutes)))


def number(customer_id: int) -> str:
    """The national digits of their number, without the 0; each has another."""
    prefix = list(people.MOBILE)[customer_id % len(people.MOBILE)][1:]
    return f"{prefix}{customer_id * 7919 % 10**7:07}"


def _customers(chance: Random, owners: list[int | None]) -> Iterator[tuple[Any, ...]]:
    keys: dict[tuple[str, str], str] = {}
    for id, owner_id in zip(_ids(), owners, strict=True):
        is_firm = chance.random() < 0.07
        name = people._firm(chance) if is_firm else people.person(chance)
        company = people._firm(chance) if not is_firm and chance.random() < 0.12 else ""
        if (name, company) not in keys:
            keys[name, company] = search.key_of(name, company)
        at = _at(chance.randrange(1_000_000))
        department_id = _department(owner_id) if owner_id else None
        yield (
            *(id, f"KH-{id:06}", "organisation" if is_firm else "person", name),
            *(keys[name, company], company, "", "12 Nguyễn Trãi, Quận 1, TP.HCM", ""),
            *(owner_id, department_id, at, at),
        )


def _phones() -> Iterator[tuple[Any, ...]]:
    for id in _ids():
        digits = number(id)
        yield id, f"+84{digits}", f"0{digits}", f"84{digits}"[::-1], 0


def _calls(chance: Random, owners: list[int | None]) -> Iterator[tuple[Any, ...]]:
    for place in range(CALLS):
        customer_id = chance.randrange(1, CUSTOMERS + 1)
        owner_id = owners[customer_id - 1]
        user_id = owner_id if owner_id and chance.random() < 0.8 else chance.randrange(1, AGENTS)
        key = f"+84{number(customer_id)}"
        known = customer_id if chance.random() < 0.95 else None
        yield (
            *(f"c{place}", "", "inbound", "ended", key, key, "", user_id, _department(user_id)),
            *(
                known,
                "",
                "",
                _at(place // 2),
                _at(place // 2),
                "answered",
                5.0,
                60.0,
                0.0,
                "[]",
                "",
            ),
        )


async def _copy(server: Postgres, name: str, path: Path) -> None:
    source = sqlite3.connect(path)
    connection = await _connected(server, name)
    for table in TABLES:
        there = await connection.fetch(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1",
            table,
        )
        known = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
        kinds = {row[0]: row[1] for row in there if row[0] in known}
        readers = [_reader(kind) for kind in kinds.values()]
        rows = source.execute(f"SELECT {', '.join(kinds)} FROM {table}")
        await connection.copy_records_to_table(
            table,
            columns=list(kinds),
            records=(
                tuple(read(value) for read, value in zip(readers, row, strict=True)) for row in rows
            ),
        )
    source.close()
    await connection.close()


def _reader(kind: str) -> Callable[[Any], Any]:
    if kind.startswith("timestamp"):
        return lambda value: value and datetime.fromisoformat(value).replace(tzinfo=UTC)
    if kind == "boolean":
        return lambda value: value if value is None else bool(value)
    return lambda value: value


async def _connected(server: Postgres, name: str) -> Any:
    return await asyncpg.connect(host=str(server.folder), user="postgres", database=name)
