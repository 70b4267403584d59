"""From a number to the customer's card while a phone rings: memory first, then one question."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.customers.lookup import AWAY, MOST, Rows, lookup_for
from callcenter.customers.numbers import key_of
from callcenter.tasks import Group

log = logging.getLogger(__name__)

KEPT = 50_000  # cards in memory, "nobody has this number" included: about 15 MB when full


@dataclass(frozen=True, slots=True)
class Card:
    """What a popup shows of a customer."""

    customer_id: int
    name: str
    code: str
    company: str
    owner_id: int | None
    owner_name: str
    contact: str = ""  # whose number it is at that customer's


class Miss(Enum):
    """Not in memory: the database must be asked."""

    MISS = "miss"


MISS: Final = Miss.MISS


Waiting = list[asyncio.Future[Card | None]]
Question = tuple[dict[str, Waiting], Awaitable[Rows]]  # who waits for which key, and the answer


class Cards:
    """Cards by number. `find` waits for the database, `peek` never does.

    A number that several customers share goes to who has it as first number, then the oldest file.
    A database that does not answer makes a number unknown that one time: the call pops up anyway.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._lookup = lookup_for(engine)
        self._cards: OrderedDict[str, Card | None] = OrderedDict()
        self._wanted: dict[str, Waiting] = {}  # not asked yet
        self._asked: dict[str, Waiting] = {}  # the database is thinking
        self._busy = False
        self._group = Group()
        self.listeners: list[Callable[[Collection[str] | None], None]] = []  # of forget; None: all

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
        self._tell(number_keys)

    def forget_all(self) -> None:
        """Many customers have changed."""
        self._cards.clear()
        self._asked.clear()
        self._tell(None)

    def _tell(self, number_keys: Collection[str] | None) -> None:
        for listener in self.listeners:
            listener(number_keys)

    async def close(self) -> None:
        await self._group.close()
        for waiting in (*self._wanted.values(), *self._asked.values()):
            _tell(waiting, None)
        await self._lookup.close()

    def _wait(self, key: str) -> Waiting:
        """The list of those who wait for this key; the first to ask for it starts the question."""
        for under_way in self._asked, self._wanted:
            if key in under_way:
                return under_way[key]
        waiting: Waiting = []
        self._wanted[key] = waiting
        if not self._busy:
            # Either it begins this moment, and other misses go together in the next one; or the
            # task begins it in the next tick, and all misses of this tick go together.
            self._busy = True
            first = self._question() if self._lookup.at_once else None
            self._group.start(self._ask_all(first), name="cards")
        return waiting

    def _question(self) -> Question:
        keys = list(self._wanted)[:MOST]
        batch = {key: self._wanted.pop(key) for key in keys}
        self._asked.update(batch)
        return batch, self._lookup.ask(keys)

    async def _ask_all(self, question: Question | None) -> None:
        try:
            while question or self._wanted:
                batch, asked = question or self._question()
                question = None
                try:
                    self._answer(batch, _cards_in(await asked))
                except AWAY:
                    log.exception("could not look %d numbers up", len(batch))
                    self._answer(batch, None)
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


def _tell(waiting: Waiting, card: Card | None) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(card)


def _cards_in(rows: Rows) -> dict[str, Card]:
    best: dict[str, Any] = {}
    for row in rows:
        key = row[0]
        if key not in best or _rank(row) < _rank(best[key]):
            best[key] = row
    return {
        key: Card(row[2], row[3], row[4], row[5], row[6], row[7] or "", row[8] or "")
        for key, row in best.items()
    }


def _rank(row: Any) -> tuple[bool, int, int]:
    """A customer's own number before that of a contact, then as Cards says."""
    return row[8] is not None, row[1], row[2]
