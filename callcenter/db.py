"""The engine, the base class of all tables, and the one rule about time: UTC or nothing.

SQLite by default (WAL, every commit durable), PostgreSQL through asyncpg for larger sites. Tables
are made by alembic (callcenter/migrations), never by create_all.
"""

import asyncio
import ctypes
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import (
    DateTime,
    Dialect,
    Float,
    FromClause,
    MetaData,
    TypeDecorator,
    event,
    func,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from callcenter.turns import TURN_S, show_wishes

log = logging.getLogger(__name__)

Sessions = async_sessionmaker[AsyncSession]
Result = TypeVar("Result")

RETRY_S = 1.0  # between attempts while the database is away
# Of mallopt: free memory that is kept in each arena, and what is too large for one (which would
# no longer adapt by itself to what is asked for).
TRIM_THRESHOLD, KEPT_BYTES = -1, 16 << 20
MMAP_THRESHOLD, LARGE_BYTES = -3, 4 << 20


class Utc(TypeDecorator[datetime]):
    """SQLite forgets time zones. Refuse naive times going in, restore UTC coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        # The same text as SQLAlchemy's own, in a quarter of the time: each call has three.
        return sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return _in_utc(value) if value is not None else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        # In a fifth of the time as well: a file of calls has a million.
        if dialect.name == "sqlite":
            return _of_sqlite
        return super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"naive datetime {value}")
    return value.astimezone(UTC)


@lru_cache(20_000)  # a call's times are written again at each of its changes
def sqlite_text(value: datetime | None) -> str | None:
    """ "2026-03-02 05:00:00.000000" """
    return None if value is None else _in_utc(value).isoformat(" ", "microseconds")[:26]


def _of_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Utc}  # noqa: RUF012 - SQLAlchemy's own spelling
    metadata = MetaData(
        naming_convention={  # so that a migration can name what it drops
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def engine_for(url: str) -> AsyncEngine:
    """An engine for a SQLAlchemy URL (sqlite+aiosqlite or postgresql+asyncpg)."""
    engine = create_async_engine(
        url,
        pool_pre_ping=not url.startswith("sqlite"),
        hide_parameters=True,  # passwords and customers, in the log with a statement that fails
    )
    if url.startswith("sqlite"):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        show_wishes(engine)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what a person typed survives a power cut
        "busy_timeout=10000",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _map_sqlite(connection: Any, _: object) -> None:
    """Read the file where the system keeps it, which takes a third off most questions. Not for
    jobs: their memory is limited, and these pages would count."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA mmap_size=2000000000")  # bytes; addresses, not memory
    cursor.close()


def _keep_memory() -> None:
    """Have the C library keep what SQLite gives back: each question's tables took it from the
    system anew, a page at a time, which was half of what some questions took."""
    with suppress(OSError, AttributeError):  # another C library than Linux's has no such thing
        library = ctypes.CDLL(None)
        library.mallopt(TRIM_THRESHOLD, KEPT_BYTES)
        library.mallopt(MMAP_THRESHOLD, LARGE_BYTES)


# What is raised when the database cannot be used, or cannot use what we gave it: see is_away.
# asyncpg raises its own while connecting, before SQLAlchemy can wrap them.
DATABASE_ERRORS = (
    DBAPIError,
    PoolTimeout,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
)
# Classes of PostgreSQL's SQLSTATE that pass: connection, conflict, resources (disk full), lock,
# operator (shutdown, restart), system, internal; and a standby's read-only.
PASSING = ("08", "40", "53", "55", "57", "58", "XX", "25006")


def is_away(error: BaseException) -> bool:
    """Whether one of them means: not now (not there, restarting, cut off, locked, disk full).

    It may come back; a mistake of ours will not get better by trying again.
    """
    if isinstance(error, DBAPIError) and not error.connection_invalidated:
        if state := getattr(error.orig, "sqlstate", None):
            return str(state).startswith(PASSING)
        wrong = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        return isinstance(error, OperationalError | InterfaceError) and not wrong
    return isinstance(error, DATABASE_ERRORS)


async def steadily(job: Callable[[], Awaitable[Result]], waits: str) -> Result:
    """What `job` answers; while the database is away, asked again and again. `waits` is for the
    log: what stands still meanwhile."""
    while True:
        try:
            return await job()
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.error("the database is away, %s: %s", waits, error)
            await asyncio.sleep(RETRY_S)


def complaint(error: BaseException) -> str:
    """One of them as a sentence, in the driver's own words."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"The database cannot be used: {said[0] if said else type(error).__name__}."


class Upsert:
    """INSERT .. ON CONFLICT DO UPDATE of many rows, compiled once and handed to the driver as is.

    Compiling and binding each time would cost more than the writing itself. A row is a tuple in the
    order of the table's columns. Where a row is there already, columns named in `adding` are added
    to, `highest` keep the higher of both, those in `keeping` left alone (and the indexes over them,
    which is most of the work), all others replaced.
    """

    def __init__(
        self,
        table: FromClause,
        dialect: Dialect,
        *,
        adding: Collection[str] = (),
        highest: Collection[str] = (),
        keeping: Collection[str] = (),
    ) -> None:
        is_sqlite = dialect.name == "sqlite"
        insert = sqlite.insert if is_sqlite else postgresql.insert
        higher = func.max if is_sqlite else func.greatest  # SQLite's max of two is no aggregate
        statement: Any = insert(table)  # type: ignore[arg-type]  # a mapped class's __table__ is one
        keys = [column.name for column in table.primary_key]
        changed = {
            column.name: column + new
            if column.name in adding
            else higher(column, new)
            if column.name in highest
            else new
            for column, new in zip(table.columns, statement.excluded, strict=True)
            if column.name not in (*keys, *keeping)
        }
        compiled = statement.on_conflict_do_update(index_elements=keys, set_=changed).compile(
            dialect=dialect
        )
        self.sql = str(compiled)
        types = [column.type.dialect_impl(dialect) for column in table.columns]
        found = [
            (index, kind.bind_processor(dialect))
            for index, kind in enumerate(types)
            if not isinstance(kind, Float)  # would turn floats into floats
        ]
        self._processors = [(index, processor) for index, processor in found if processor]

    async def execute(self, connection: AsyncConnection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write the rows, in the connection's transaction."""
        bound = [self.bound(row) for row in rows]
        if bound:
            await connection.exec_driver_sql(self.sql, bound)

    def bound(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row as the driver takes it for `sql`."""
        values = list(row)
        for index, processor in self._processors:
            values[index] = processor(values[index])
        return tuple(values)


@asynccontextmanager
async def in_turn(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction of somebody who has many, one after the other, of up to half a second: after it
    others may write. PostgreSQL's wait in a queue."""
    began = time.monotonic()
    async with engine.begin() as connection:
        yield connection
    if engine.dialect.name == "sqlite":
        await asyncio.sleep(min(2 * TURN_S, time.monotonic() - began))


async def plan_each(session: AsyncSession) -> None:
    """Let PostgreSQL plan the questions of this transaction for what is asked.

    From the sixth time on it takes one plan for all values, which knows not how many rows they
    have: to sum up a year of hours took 58 ms with it, and takes 21.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


@asynccontextmanager
async def database(url: str) -> AsyncIterator[tuple[AsyncEngine, Sessions]]:
    """An engine and its sessions, disposed of at the end (aiosqlite's threads keep us alive)."""
    engine = engine_for(url)
    if url.startswith("sqlite"):
        event.listen(engine.sync_engine, "connect", _map_sqlite)
        _keep_memory()
    try:
        yield engine, async_sessionmaker(engine, expire_on_commit=False)
    finally:
        await engine.dispose()
