"""Rows become customers, many with few statements; and one writer at a time, held by a lock."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Dialect, FromClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.customers import search
from callcenter.customers.models import Customer, CustomerChange, CustomerGroup, CustomerPhone
from callcenter.customers.numbers import digits_of
from callcenter.customers.saving import LOCK
from callcenter.imports.lines import Line
from callcenter.imports.sharing import Place

Columns = Mapping[str, Sequence[Any]]  # the values of all rows, by the column's name

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


class Bound(NamedTuple):
    """What one statement gets again and again: values that all rows share, and columns of others.

    Most fields of most files are empty: what stands in each row is told to SQLite once.
    """

    names: tuple[str, ...]  # those shared first
    shared: tuple[Any, ...]
    others: list[Sequence[Any]]


class Writing:
    """Writes the customers of one import; what SQLAlchemy has to compile is compiled once."""

    def __init__(self, dialect: Dialect, import_id: int, user_id: int) -> None:
        self._of_import = {"import_id": import_id, "created_by": user_id}
        self._customers = Insert(dialect, Customer.__table__)
        self._phones = Insert(dialect, CustomerPhone.__table__)
        self._groups = Insert(dialect, CustomerGroup.__table__)
        self._changes = Insert(dialect, CustomerChange.__table__)

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
        customers = self._customers.bound(self._of_customers(ids, codes, lines, places, now))
        # The database is busy for a while with these: time to make the others ready.
        _, others = await asyncio.gather(
            self._customers.put(connection, customers), self._others(ids, lines, now)
        )
        for insert, columns in others:
            await insert.put(connection, columns)
        return ids

    def _of_customers(
        self,
        ids: Sequence[int],
        codes: Sequence[str],
        lines: Sequence[Line],
        places: Sequence[Place],
        now: datetime,
    ) -> Columns:
        names = tuple(lines[0].values)  # every line has all of them
        values = zip(*map(itemgetter(*names), (line.values for line in lines)), strict=True)
        keys = zip(*(line.search_keys or keys_of(line.values) for line in lines), strict=True)
        owners, departments = zip(*places, strict=True)
        columns: dict[str, Sequence[Any]] = {"id": ids, **dict(zip(names, values, strict=True))}
        always = self._of_import | {"version": 1} | dict.fromkeys(_NOW, now)
        return (
            columns
            | dict(zip(_KEYS, keys, strict=True))
            | {name: [value] * len(ids) for name, value in always.items()}
            | {
                "code": codes,
                "owner_id": owners,
                "department_id": departments,
                "assigned_at": [now if each else None for each in owners],
            }
        )

    async def _others(
        self, ids: Sequence[int], lines: Sequence[Line], now: datetime
    ) -> list[tuple["Insert", Bound]]:
        """What stands in other tables of these customers; only async to run beside something."""
        given, by = list(zip(ids, lines, strict=True)), self._of_import["created_by"]
        phones = (
            (customer_id, key, raw, digits_of(key)[::-1], position)
            for customer_id, line in given
            for position, (key, raw) in enumerate(line.phones)
        )
        groups = ((customer_id, group) for customer_id, line in given for group in line.groups)
        names = [line.values["name"] for line in lines]
        changes = {"customer_id": ids, "new": names} | {
            name: [value] * len(ids)
            for name, value in {
                "version": 1,
                "user_id": by,
                "at": now,
                "field": "created",
                "old": "",
            }.items()
        }
        return [
            (self._phones, self._phones.bound(_columns(_PHONE, phones))),
            (self._groups, self._groups.bound(_columns(_GROUP, groups))),
            (self._changes, self._changes.bound(changes)),
        ]


def keys_of(values: Mapping[str, Any]) -> tuple[str, str, str]:
    """What a customer with these values is searched by: _KEYS."""
    return (
        search.key_of(values["name"], values["company"]),
        search.key_of(address) if (address := values["address"]) else "",
        search.key_of(registered) if (registered := values["registered_address"]) else "",
    )


_NOW: Final = ("created_at", "updated_at", "status_at")
_KEYS: Final = ("search_key", "address_key", "registered_key")
_PHONE: Final = ("customer_id", "number_key", "raw", "reversed_digits", "position")
_GROUP: Final = ("customer_id", "group_id")


def _columns(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> Columns:
    return dict(zip(names, zip(*rows, strict=True), strict=False))


class Insert:
    """INSERT of many rows: in statements of many rows each on SQLite, where each statement costs
    something for the full-text index; row by row in one message on PostgreSQL.

    Columns that are not given are NULL.
    """

    def __init__(self, dialect: Dialect, table: FromClause) -> None:
        kinds = {column.name: column.type.dialect_impl(dialect) for column in table.columns}
        processors = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        self._processors = {name: each for name, each in processors.items() if each}
        self._table = table
        self._several = dialect.name == "sqlite"

    def bound(self, columns: Columns) -> Bound:
        """The columns as the driver takes their values; the first is never shared."""
        shared: dict[str, Any] = {}
        others: dict[str, Sequence[Any]] = {}
        for name, column in columns.items():
            process = self._processors.get(name)
            if self._several and others and column.count(column[0]) == len(column):
                value = column[0]
                shared[name] = process(value) if process and value is not None else value
            elif process:
                others[name] = [None if each is None else process(each) for each in column]
            else:
                others[name] = column
        return Bound((*shared, *others), tuple(shared.values()), list(others.values()))

    async def put(self, connection: AsyncConnection, bound: Bound) -> None:
        names, shared, others = bound
        head = f"INSERT INTO {self._table} ({', '.join(names)})"
        rows = list(zip(*others, strict=True))
        if not self._several:
            if rows:
                marks = ", ".join(f"${n}" for n in range(1, len(names) + 1))
                await connection.exec_driver_sql(f"{head} VALUES ({marks})", rows)
            return
        head += f" SELECT {'?, ' * len(shared)}* FROM (VALUES "
        mark = f"({', '.join('?' * len(others))})"
        at_once = (_PARAMETERS - len(shared)) // max(1, len(others))
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            statement = f"{head}{', '.join([mark] * len(some))})"
            await connection.exec_driver_sql(statement, (*shared, *chain.from_iterable(some)))


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
