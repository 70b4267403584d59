"""Rows become customers, many with few statements; and one writer at a time, held by a lock."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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


class Statement(NamedTuple):
    """SQL as the driver takes it. `values` are of one row after the other, or, on PostgreSQL, one
    tuple for each."""

    sql: str
    values: Sequence[Any]


class Writing:
    """Writes the customers of one import; what SQLAlchemy has to compile is compiled once."""

    def __init__(self, dialect: Dialect, import_id: int, user_id: int) -> None:
        self._of_import = {"import_id": import_id, "created_by": user_id}
        self._customers = Insert(dialect, Customer.__table__)
        self._phones = Insert(dialect, CustomerPhone.__table__)
        self._groups = Insert(dialect, CustomerGroup.__table__)
        self._changes = Insert(dialect, CustomerChange.__table__)

    def statements(
        self,
        ids: Sequence[int],
        taken: Collection[str],
        lines: Sequence[Line],
        places: Sequence[Place],
        now: datetime,
    ) -> list[Statement]:
        """What makes customers with these ids of the lines. `taken`: codes that are somebody's."""
        if not lines:
            return []
        return [
            *self._customers.of(self._of_customers(ids, taken, lines, places, now)),
            *self._of_others(ids, lines, now),
        ]

    def _of_customers(
        self,
        ids: Sequence[int],
        taken: Collection[str],
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
                "code": _codes(ids, taken, lines),
                "owner_id": owners,
                "department_id": departments,
                "assigned_at": [now if each else None for each in owners],
            }
        )

    def _of_others(
        self, ids: Sequence[int], lines: Sequence[Line], now: datetime
    ) -> Iterator[Statement]:
        """What stands in other tables of these customers."""
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
        yield from self._phones.of(_columns(_PHONE, phones))
        yield from self._groups.of(_columns(_GROUP, groups))
        yield from self._changes.of(changes)


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

    def of(self, columns: Columns) -> Iterator[Statement]:
        """What writes these rows. Most fields of most files are empty: what stands in each row is
        told to SQLite once."""
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
        head = f"INSERT INTO {self._table} ({', '.join((*shared, *others))})"
        rows = list(zip(*others.values(), strict=True))
        if not self._several:
            if rows:
                marks = ", ".join(f"${n}" for n in range(1, len(others) + 1))
                yield Statement(f"{head} VALUES ({marks})", rows)
            return
        head += f" SELECT {'?, ' * len(shared)}* FROM (VALUES "
        mark = f"({', '.join('?' * len(others))})"
        at_once = (_PARAMETERS - len(shared)) // max(1, len(others))
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            values = (*shared.values(), *chain.from_iterable(some))
            yield Statement(f"{head}{', '.join([mark] * len(some))})", values)


async def put(connection: AsyncConnection, statements: Iterable[Statement]) -> None:
    for statement in statements:
        await connection.exec_driver_sql(*statement)


async def reserve(connection: AsyncConnection, n: int, after: int = 0) -> list[int]:
    """Ids that nobody has had, on SQLite above `after`: there `free` tells whether they still are
    when the lock is held."""
    if connection.dialect.name == "sqlite":
        first = max(after, await _last_id(connection)) + 1
        return list(range(first, first + n))
    rows = await connection.scalars(_NEXT_IDS, {"n": n})
    return list(rows)


async def free(connection: AsyncConnection, ids: Sequence[int]) -> bool:
    """Whether nobody has had one of these ids, that were reserved."""
    if connection.dialect.name != "sqlite" or not ids:
        return True
    return await _last_id(connection) < ids[0]


async def _last_id(connection: AsyncConnection) -> int:
    return await connection.scalar(_LAST_ID) or 0


_LAST_ID: Final = text(
    "SELECT max(coalesce((SELECT max(id) FROM customers), 0),"
    " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'customers'), 0))"
)
_NEXT_IDS: Final = text(
    "SELECT nextval(pg_get_serial_sequence('customers', 'id')) FROM generate_series(1, :n)"
)


def own_code(customer_id: int) -> str:
    """What a customer is called who was given no code."""
    return f"KH-{customer_id:06}"


async def codes_taken(connection: AsyncConnection, ids: Sequence[int]) -> set[str]:
    """Those of customers which lie among the codes that these ids would give."""
    ours = [own_code(each) for each in ids]
    if not ours:
        return set()
    between = Customer.code >= min(ours), Customer.code <= max(ours)
    return set(await connection.scalars(select(Customer.code).where(*between)))


def _codes(ids: Sequence[int], taken: Collection[str], lines: Sequence[Line]) -> list[str]:
    """The row's own code, else KH- and the id; with -2 where somebody was given that by hand."""
    return [
        line.values["code"] or (f"{code}-2" if (code := own_code(each)) in taken else code)
        for line, each in zip(lines, ids, strict=True)
    ]
