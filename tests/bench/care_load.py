"""A million interactions of 13 months for the benchmark of reports about care, made by the database
itself: everything follows from a row's number, in both databases alike (reports_load.chance).

200 employees in 12 departments own all customers; nine interactions in ten are calls.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.catalogues.models import CatalogueItem
from callcenter.people.models import Department, User
from tests.bench.reports_load import EMPTY, chance

CALLS, NOTES = 900_000, 100_000
AGENTS, DEPARTMENTS, TYPES = 200, 12, 5
FIRST, LAST, DAYS = date(2025, 1, 25), date(2026, 2, 28), 400  # of Saigon


async def fill(engine: AsyncEngine, customers: int) -> None:
    """A database that is migrated and empty. Rows first, then their indexes, which is quicker."""
    people = [
        {"id": n, "username": f"u{n}", "name": f"U{n}", "password": "", "role": "agent"}
        | {"department_id": 1 + n % DEPARTMENTS}
        for n in range(1, AGENTS + 1)
    ]
    types = [
        {"id": n, "catalogue": "activity_type", "name": f"T{n}", "position": n}
        for n in range(1, TYPES + 1)
    ]
    is_sqlite = engine.dialect.name == "sqlite"
    moment = _of_sqlite if is_sqlite else "to_timestamp({})".format
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if is_sqlite:
            for pragma in "synchronous=OFF", "cache_size=-200000":
                await connection.execute(text(f"PRAGMA {pragma}"))
        else:
            await connection.execute(text("SET maintenance_work_mem = '300MB'"))
        departments = [{"id": n, "name": f"D{n}"} for n in range(1, DEPARTMENTS + 1)]
        await connection.execute(insert(Department), departments)
        await connection.execute(insert(CatalogueItem), types)
        await connection.execute(insert(User), people)
        for statement in _rows(customers, moment):
            indexes = await _indexes(connection, is_sqlite, statement.split()[2])
            for name, _ in indexes:
                await connection.execute(text(f"DROP INDEX {name}"))
            await connection.execute(text(statement))
            for _, sql in indexes:
                await connection.exec_driver_sql(sql)
        await connection.execute(text("ANALYZE" if is_sqlite else "VACUUM ANALYZE"))


def _of_sqlite(seconds: str) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"


async def _indexes(connection: AsyncConnection, is_sqlite: bool, table: str) -> list[Any]:
    """Those that are no constraints: names, and how they are made."""
    there = (
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}'"
        " AND sql > ''"
        if is_sqlite
        else f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{table}'"
        " AND indexname LIKE 'ix!_%' ESCAPE '!'"
    )
    return list(await connection.execute(text(there)))


def _rows(customers: int, moment: Callable[[str], str]) -> Iterator[str]:
    first = (FIRST - date(1970, 1, 1)).days * 86400 - 7 * 3600
    began = f"({first} + {chance(1, DAYS)} * 86400 + 27000 + {chance(2, 46_800)})"
    at, who = moment(began), f"(1 + {chance(3, AGENTS)})"
    answered = f"{chance(4, 100)} < 80"
    yield (
        "INSERT INTO customers (id, code, kind, name, search_key, company, email, fax, website,"
        " tax_code, address, address_key, registered_address, registered_key, note, status_at,"
        " owner_id, department_id, assigned_at, created_at, updated_at, version)"
        " SELECT n, 'K' || n, 'person', 'C', 'c', '', '', '', '', '', '', '', '', '', '',"
        f" {at}, {who}, 1 + {who} % {DEPARTMENTS}, {at}, {at}, {at}, 1 FROM {_series(customers)}"
    )
    empty = "".join(f", {name}" for name in EMPTY)
    yield (
        "INSERT INTO calls (call_id, exchange, direction, state, customer_id, user_id,"
        " department_id, started_at, ended_at, result, waited_s, talked_s, held_s, wrapped_s"
        f"{empty})"
        " SELECT '1790.' || n, '',"
        f" CASE WHEN {chance(5, 3)} < 2 THEN 'inbound' ELSE 'outbound' END, 'ended',"
        f" 1 + n * 7919 % {customers}, {who}, 1 + {who} % {DEPARTMENTS}, {at},"
        f" {moment(f'{began} + 300')},"
        f" CASE WHEN {answered} THEN 'answered' ELSE 'abandoned' END, 0e0,"
        f" CASE WHEN {answered} THEN 20.25e0 + {chance(7, 300)} ELSE 0e0 END, 0e0, 0e0"
        + ", ''" * len(EMPTY)
        + f" FROM {_series(CALLS)}"
    )
    yield (
        "INSERT INTO activities (id, customer_id, type_id, name, search_key, description, user_id,"
        f" at, minutes, created_at) SELECT n, 1 + n * 7919 % {customers}, 1 + {chance(7, TYPES)},"
        f" 'Visit', 'visit', '', {who}, {at},"
        f" CASE {chance(8, 3)} WHEN 0 THEN NULL WHEN 1 THEN 5 ELSE 30 END, {at}"
        f" FROM {_series(NOTES)}"
    )


def _series(many: int) -> str:
    """The numbers from 1 to that one."""
    return (
        "(WITH RECURSIVE s(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM s"
        f" WHERE n < {many}) SELECT n FROM s) AS numbers"
    )
