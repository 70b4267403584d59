"""From a number to the customer's card while a phone rings: memory first, one query for the rest.

No ORM and no SQLAlchemy execution here: the statement is compiled once and handed to the driver on
a connection of its own, because this stands between a ringing phone and the name on the screen.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import asyncpg
from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import key_of
from callcenter.people.models import User
from callcenter.tasks import Group

log = logging.getLogger(__name__)

KEPT = 50_000  # cards in memory, "nobody has this number" included: about 15 MB when full
BATCHES = (
    1,
    8,
    64,
    512,
)  # how many numbers one statement asks for; a batch is filled up to the next size
AWAY = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, OSError)


@dataclass(frozen=True, slots=True)
class Card:
    """What a popup shows of a customer."""

    customer_id: int
    name: str
    code: str
    company: str
    owner_id: int | None
    owner_name: str


class Miss(Enum):
    """Not in memory: the database must be asked."""

    MISS = "miss"


MISS: Final = Miss.MISS


Waiting = list[asyncio.Future[Card | None]]


class Cards:
    """Cards by number. `find` waits for the database, `peek` never does.

    A number that several customers share goes to who has it as first number, then the oldest file.
    A database that does not answer makes a number unknown that one time: the call pops up anyway.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._cards: OrderedDict[str, Card | None] = OrderedDict()
        self._wanted: dict[str, Waiting] = {}  # not asked yet
        self._asked: dict[str, Waiting] = {}  # the database is thinking
        self._busy = False
        self._group = Group()
        self._connection: AsyncConnection | None = None
        self._driver: Any = None  # that connection as aiosqlite or asyncpg knows it
        self._statements = {size: _compiled(engine, size) for size in BATCHES}

    def peek(self, number: str | None) -> Card | Miss | None:
        """The card of `number`, None for nobody's, MISS when memory does not know."""
        key = key_of(number) if number else ""
        if not key:
            return None
        if key in self._cards:
            self._cards.move_to_end(key)
            return self._cards[key]
        return MISS

    def ask_ahead(self, number: str | None) -> None:
        """Start looking `number` up, so that the card is there when a phone rings."""
        if self.peek(number) is MISS:
            self._wait(key_of(number or ""))

    async def find(self, numbers: Iterable[str | None]) -> dict[str, Card | None]:
        """The card of each number, by the number as it was given; withheld numbers are left out."""
        found: dict[str, Card | None] = {}
        waiting: dict[str, asyncio.Future[Card | None]] = {}
        for number in {number for number in numbers if number}:
            card = self.peek(number)
            if isinstance(card, Miss):
                # One of our own, so that whoever gives up waiting takes it from nobody else.
                waiting[number] = asyncio.get_running_loop().create_future()
                self._wait(key_of(number)).append(waiting[number])
            else:
                found[number] = card
        for number, future in waiting.items():
            found[number] = await future
        return found

    def forget(self, *number_keys: str) -> None:
        """A customer with these keys has changed; answers already under way are not kept."""
        for key in number_keys:
            self._cards.pop(key, None)
            self._asked.pop(key, None)

    def forget_all(self) -> None:
        """Many customers have changed."""
        self._cards.clear()
        self._asked.clear()

    async def close(self) -> None:
        await self._group.close()
        for waiting in (*self._wanted.values(), *self._asked.values()):
            _tell(waiting, None)
        await self._disconnect()

    def _wait(self, key: str) -> Waiting:
        """The list of those who wait for this key; the first to ask for it starts the question."""
        for under_way in self._asked, self._wanted:
            if key in under_way:
                return under_way[key]
        waiting: Waiting = []
        self._wanted[key] = waiting
        if not self._busy:  # the task begins in the next tick: all misses of this one go together
            self._busy = True
            self._group.start(self._ask_all(), name="cards")
        return waiting

    async def _ask_all(self) -> None:
        try:
            while self._wanted:
                keys = list(self._wanted)[: BATCHES[-1]]
                batch = {key: self._wanted.pop(key) for key in keys}
                self._asked.update(batch)
                self._answer(batch, await self._ask(keys))
        finally:
            self._busy = False

    def _answer(self, batch: dict[str, Waiting], cards: dict[str, Card] | None) -> None:
        for key, waiting in batch.items():
            card = cards.get(key) if cards is not None else None
            if self._asked.get(key) is waiting:  # else forgotten meanwhile
                del self._asked[key]
                if cards is not None:
                    self._cards[key] = card
            _tell(waiting, card)
        while len(self._cards) > KEPT:
            self._cards.popitem(last=False)

    async def _ask(self, keys: Sequence[str]) -> dict[str, Card] | None:
        """The cards there are; None when the database does not answer."""
        size = next(size for size in BATCHES if size >= len(keys))
        filled = [*keys, *[keys[0]] * (size - len(keys))]
        try:
            rows = await self._fetch(self._statements[size], filled)
        except AWAY:
            log.exception("could not look %d numbers up", len(keys))
            await self._disconnect()
            return None
        best: dict[str, tuple[Any, ...]] = {}
        for row in rows:
            key = row[0]
            if key not in best or (row[1], row[2]) < (best[key][1], best[key][2]):
                best[key] = tuple(row)
        return {
            key: Card(row[2], row[3], row[4], row[5], row[6], row[7] or "")
            for key, row in best.items()
        }

    async def _fetch(self, statement: str, keys: list[str]) -> Iterable[Any]:
        if self._connection is None:
            self._connection = await self._engine.connect()
            self._driver = (await self._connection.get_raw_connection()).driver_connection
        driver = self._driver
        if self._engine.dialect.name == "sqlite":
            rows: Iterable[Any] = await driver.execute_fetchall(statement, keys)
        else:
            rows = await driver.fetch(statement, *keys)
        return rows

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*AWAY):  # it may be broken: that is why we let it go
                await connection.invalidate()
                await connection.close()


def _tell(waiting: Waiting, card: Card | None) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(card)


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
        )
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .join(User, User.id == Customer.owner_id, isouter=True)
        .where(CustomerPhone.number_key.in_([bindparam(f"k{i}") for i in range(size)]))
    )


def _compiled(engine: AsyncEngine, size: int) -> str:
    # All parameters are alike, so the order in which the dialect numbers them does not matter.
    return str(_question(size).compile(dialect=engine.dialect))
