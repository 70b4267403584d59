"""Asks the database for customers by number, past the pool and the ORM: a phone is ringing.

The statement is compiled once. SQLite has a connection and a thread of its own, which begins while
the loop is still busy with what the exchange said; PostgreSQL has a connection of its own.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.customers.models import Contact, Customer, CustomerPhone
from callcenter.people.models import User
from callcenter.priority import comes_first

# (number key, position, customer id, name, code, company, owner id, owner's name, contact's name)
Rows = Iterable[Any]

SIZES = (1, 8, 64, 512)  # how many numbers one statement asks for; keys are filled up to the next
MOST = SIZES[-1]
AWAY = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, OSError)


class Lookup(Protocol):
    """`ask` may raise any of AWAY; the next one connects again."""

    at_once: bool  # whether the question is under way as soon as `ask` returns

    def ask(self, keys: Sequence[str]) -> Awaitable[Rows]: ...

    async def close(self) -> None: ...


def lookup_for(engine: AsyncEngine) -> Lookup:
    return SqliteLookup(engine) if engine.dialect.name == "sqlite" else PostgresLookup(engine)


class SqliteLookup:
    at_once = True

    def __init__(self, engine: AsyncEngine) -> None:
        self._path = str(engine.url.database)
        self._statements = _statements(engine)
        self._thread = ThreadPoolExecutor(1, "customers by number", initializer=comes_first)
        self._connection: sqlite3.Connection | None = None

    def ask(self, keys: Sequence[str]) -> Awaitable[Rows]:
        return asyncio.get_running_loop().run_in_executor(self._thread, self._rows, keys)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()  # it has nothing left to do, so nobody waits

    def _rows(self, keys: Sequence[str]) -> Rows:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
                self._connection.execute("PRAGMA query_only=ON")
            return self._connection.execute(*_filled(self._statements, keys)).fetchall()
        except sqlite3.Error:
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class PostgresLookup:
    at_once = False

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._statements = _statements(engine)
        self._connection: AsyncConnection | None = None
        self._driver: Any = None  # that connection as asyncpg knows it

    async def ask(self, keys: Sequence[str]) -> Rows:
        try:
            if self._connection is None:
                self._connection = await self._engine.connect()
                self._driver = (await self._connection.get_raw_connection()).driver_connection
            statement, filled = _filled(self._statements, keys)
            rows: Rows = await self._driver.fetch(statement, *filled)
        except AWAY:
            await self.close()
            raise
        return rows

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*AWAY):  # it may be broken: that is why we let it go
                await connection.invalidate()
                await connection.close()


def _filled(statements: dict[int, str], keys: Sequence[str]) -> tuple[str, list[str]]:
    size = next(size for size in SIZES if size >= len(keys))
    return statements[size], [*keys, *[keys[0]] * (size - len(keys))]


def _statements(engine: AsyncEngine) -> dict[int, str]:
    # All parameters are alike, so the order in which the dialect numbers them does not matter.
    return {size: str(_question(size).compile(dialect=engine.dialect)) for size in SIZES}


def _question(size: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CustomerPhone.number_key,
            CustomerPhone.position,
            Customer.id,
            Customer.name,
            Customer.code,
            Customer.company,
            Customer.owner_id,
            User.name,
            Contact.name,
        )
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .join(User, User.id == Customer.owner_id, isouter=True)
        .join(Contact, Contact.id == CustomerPhone.contact_id, isouter=True)
        .where(Customer.deleted_at.is_(None))
        .where(CustomerPhone.number_key.in_([bindparam(f"k{i}") for i in range(size)]))
    )
