"""Rows become customers, many with few statements; and one writer at a time, held by a lock."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Dialect, FromClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.customers import search
from callcenter.customers.models import Customer, CustomerChange, CustomerGroup, CustomerPhone
from callcenter.customers.numbers import digits_of
from callcenter.customers.saving import LOCK
from callcenter.imports.lines import Line
from callcenter.imports.sharing import Place

Bound = tuple[Any, ...]  # a row in the order of its table's columns

_CACHE_KB: Final = 128 * 1024
_WAL_PAGES: Final = 8_000  # 32 MB
_PARAMETERS: Final = 32_000  # SQLite takes a few more in one statement


async def hold(connection: AsyncConnection) -> None:
    """Begin a transaction in which nobody else adds customers: what is found stays true.

    SQLite would let others write between our question and our first change, and refuse it then.
    """
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        await connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


async def prepare(connection: AsyncConnection) -> None:
    """Let SQLite keep the pages of its indexes in memory, and write them into their places less
    often: new numbers go everywhere in them."""
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KB}")
        await connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")


class Writing:
    """Writes the customers of one import; what SQLAlchemy has to compile is compiled once."""

    def __init__(self, dialect: Dialect, import_id: int, user_id: int) -> None:
        self._of_import = {"import_id": import_id, "created_by": user_id}
        self._customers = Insert(dialect, Customer.__table__)
        self._phones = Insert(dialect, CustomerPhone.__table__, without=("id",))
        self._groups = Insert(dialect, CustomerGroup.__table__)
        self._changes = Insert(dialect, CustomerChange.__table__, without=("id",))

    async def write(
        self,
        connection: AsyncConnection,
        lines: Sequence[Line],
        places: Sequence[Place],
        now: datetime,
    ) -> list[int]:
        """The ids of the new customers, in the order of the lines. The caller holds the lock."""
        if not lines:
            return []
        ids = await _reserve(connection, len(lines))
        codes = await _codes(connection, lines, ids)
        given = list(zip(ids, codes, lines, places, strict=True))
        customers = self._customers.bound(self._customer(*each, now=now) for each in given)
        # The database is busy for a while with these: time to make the others ready.
        _, others = await asyncio.gather(
            self._customers.put(connection, customers), self._others(ids, lines, now)
        )
        for insert, rows in others:
            await insert.put(connection, rows)
        return ids

    async def _others(
        self, ids: Sequence[int], lines: Sequence[Line], now: datetime
    ) -> list[tuple["Insert", list[Bound]]]:
        """What stands in other tables of these customers; only async to run beside something."""
        given, by = list(zip(ids, lines, strict=True)), self._of_import["created_by"]
        phones = (
            _phone(customer_id, key, raw, position)
            for customer_id, line in given
            for position, (key, raw) in enumerate(line.phones)
        )
        groups = (
            {"customer_id": customer_id, "group_id": group}
            for customer_id, line in given
            for group in line.groups
        )
        changes = (_created(customer_id, line, by, now) for customer_id, line in given)
        return [
            (self._phones, self._phones.bound(phones)),
            (self._groups, self._groups.bound(groups)),
            (self._changes, self._changes.bound(changes)),
        ]

    def _customer(
        self, customer_id: int, code: str, line: Line, place: Place, *, now: datetime
    ) -> dict[str, Any]:
        values = line.values
        return {
            **values,
            **self._of_import,
            "id": customer_id,
            "code": code,
            **(line.search_keys or keys_of(values)),
            "status_at": now if values["status_id"] else None,
            "owner_id": place.owner_id,
            "department_id": place.department_id,
            "assigned_at": now if place.owner_id else None,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }


def keys_of(values: Mapping[str, Any]) -> dict[str, str]:
    """What a customer with these values is searched by."""
    return {
        "search_key": search.key_of(values["name"], values["company"]),
        "address_key": search.key_of(values["address"]),
        "registered_key": search.key_of(values["registered_address"]),
    }


def _phone(customer_id: int, key: str, raw: str, position: int) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "number_key": key,
        "raw": raw,
        "reversed_digits": digits_of(key)[::-1],
        "position": position,
    }


def _created(customer_id: int, line: Line, user_id: int, now: datetime) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "version": 1,
        "user_id": user_id,
        "at": now,
        "field": "created",
        "old": "",
        "new": line.values["name"],
    }


class Insert:
    """INSERT of many rows: in statements of many rows each on SQLite, where each statement costs
    something for the full-text index; row by row in one message on PostgreSQL.

    A row is a dictionary; what is missing in it is NULL.
    """

    def __init__(self, dialect: Dialect, table: FromClause, without: Sequence[str] = ()) -> None:
        columns = [column for column in table.columns if column.name not in without]
        names = [column.name for column in columns]
        kinds = [column.type.dialect_impl(dialect) for column in columns]
        processors = [kind.bind_processor(dialect) for kind in kinds]
        self._processors = {n: p for n, p in zip(names, processors, strict=True) if p}
        self._empty = dict.fromkeys(names)
        self._in_order = itemgetter(*names)
        self._head = f"INSERT INTO {table} ({', '.join(names)}) VALUES "
        self._several = dialect.name == "sqlite"
        marks = ["?" if self._several else f"${n}" for n in range(1, len(names) + 1)]
        self._mark = f"({', '.join(marks)})"
        self._at_once = _PARAMETERS // len(names)

    def bound(self, rows: Iterable[dict[str, Any]]) -> list[Bound]:
        """The rows as the driver takes them."""
        return [self._bound(row) for row in rows]

    async def put(self, connection: AsyncConnection, bound: Sequence[Bound]) -> None:
        if not self._several:
            if bound:
                await connection.exec_driver_sql(self._head + self._mark, bound)
            return
        for start in range(0, len(bound), self._at_once):
            some = bound[start : start + self._at_once]
            statement = self._head + ", ".join([self._mark] * len(some))
            await connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))

    def _bound(self, row: dict[str, Any]) -> Bound:
        values = {**self._empty, **row}
        for name, processor in self._processors.items():
            if values[name] is not None:
                values[name] = processor(values[name])
        bound: Bound = self._in_order(values)
        return bound


async def _reserve(connection: AsyncConnection, n: int) -> list[int]:
    """Ids that nobody has had, and nobody else gets."""
    if connection.dialect.name == "sqlite":
        last = await connection.scalar(_LAST_ID)
        return list(range((last or 0) + 1, (last or 0) + 1 + n))
    rows = await connection.scalars(_NEXT_IDS, {"n": n})
    return list(rows)


_LAST_ID: Final = text(
    "SELECT max(coalesce((SELECT max(id) FROM customers), 0),"
    " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'customers'), 0))"
)
_NEXT_IDS: Final = text(
    "SELECT nextval(pg_get_serial_sequence('customers', 'id')) FROM generate_series(1, :n)"
)


async def _codes(
    connection: AsyncConnection, lines: Sequence[Line], ids: Sequence[int]
) -> list[str]:
    """The row's own code, else KH- and the id; with -2 where somebody was given that by hand."""
    codes = [
        line.values["code"] or f"KH-{customer_id:06}"
        for line, customer_id in zip(lines, ids, strict=True)
    ]
    ours = {f"KH-{customer_id:06}" for customer_id in ids}
    first, last = min(ours), max(ours)
    taken = set(
        await connection.scalars(
            select(Customer.code).where(Customer.code >= first, Customer.code <= last)
        )
    ) | {line.values["code"] for line in lines if line.values["code"] in ours}
    return [
        f"{code}-2" if code in taken and not line.values["code"] else code
        for code, line in zip(codes, lines, strict=True)
    ]
