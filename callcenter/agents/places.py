"""Keeps each agent's places in the queues as they should be, in whatever order things happen.

Nothing here is a list of steps to repeat: there is what should be and what the exchange last agreed
to, and somebody who makes the second like the first for as long as they differ. An exchange that is
away leaves a doubt about the second, and the next login starts from there.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from callcenter.agents.agent import Place
from callcenter.errors import Conflict, ExchangeUnavailable, Invalid
from callcenter.tasks import Group

log = logging.getLogger(__name__)

Kind = Literal["gone", "surplus", "paused", "unpaused"]
AGAIN = 5.0  # seconds until an exchange that is there but did not answer is asked again


class Exchange(Protocol):
    """What we ask of asterisk.link; each may raise ExchangeUnavailable or Conflict (refused)."""

    @property
    def connected(self) -> bool: ...

    async def queue_add(self, queue: str, extension: str, name: str, *, paused: bool) -> object: ...

    async def queue_remove(self, queue: str, extension: str) -> object: ...

    async def queue_pause(self, extension: str, *, paused: bool, reason: str) -> object: ...

    async def queue_members(self) -> list[dict[str, Any]]: ...


@dataclass(slots=True)
class Standing:
    """What we know of one agent at the exchange, as (queue, extension) pairs."""

    perhaps: set[tuple[str, str]] = field(
        default_factory=set
    )  # an addition was sent, or they were seen
    surely: set[tuple[str, str]] = field(
        default_factory=set
    )  # and it was agreed to since the last login
    pause: tuple[bool, str] | None = None  # None: not known

    def is_at(self, place: Place | None) -> bool:
        if place is None:
            return not self.perhaps
        pairs = place.pairs
        return self.perhaps == self.surely == pairs and self.pause == (place.paused, place.reason)


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind`: gone or surplus in these queues, paused or unpaused in them against our word."""

    user_id: int
    kind: Kind
    queues: tuple[str, ...]


class Places:
    """`should(user_id)` says where an agent belongs, `name(user_id)` what to call them there."""

    def __init__(self, should: Callable[[int], Place | None], name: Callable[[int], str]) -> None:
        self.exchange: Exchange | None = None  # the link is built after us
        self._should = should
        self._name = name
        self._standing: defaultdict[int, Standing] = defaultdict(Standing)
        self._moving: dict[int, asyncio.Event] = {}  # set when nobody moves that agent any more
        self._again: dict[int, asyncio.TimerHandle] = {}
        self._touched: set[int] = set()  # since the last comparison began
        self._group = Group()

    def move(self, user_id: int) -> None:
        """See to it soon that the agent stands where they should."""
        self._touched.add(user_id)
        if user_id in self._moving or self._standing[user_id].is_at(self._should(user_id)):
            return
        if self.exchange is None or not self.exchange.connected:
            return  # the next login sees to it
        self._moving[user_id] = asyncio.Event()
        if timer := self._again.pop(user_id, None):
            timer.cancel()
        self._group.start(self._move(user_id, self.exchange), name=f"places of user {user_id}")

    async def settled(self, user_id: int) -> None:
        """Wait until the exchange has agreed, or is known to be away."""
        while moving := self._moving.get(user_id):
            await moving.wait()

    async def after_login(
        self, user_ids: Iterable[int], extensions: Mapping[str, int]
    ) -> list["Difference"]:
        """Put everybody where they should be. `extensions`: extension -> user id.

        What was otherwise than agreed before is returned. Raises ExchangeUnavailable. Members that
        are none of our agents are left alone.
        """
        differences = await self.compare(extensions)
        users = {
            *user_ids,
            *(user_id for user_id in extensions.values() if self._is_known(user_id)),
        }
        for user_id in users:
            standing = self._standing[user_id]
            standing.surely.clear()
            standing.pause = None
            self.move(user_id)
        for user_id in users:
            await self.settled(user_id)
        return differences

    async def compare(self, extensions: Mapping[str, int]) -> list["Difference"]:
        """Where the exchange has it otherwise than it last agreed to; `move` puts it right.

        Raises ExchangeUnavailable. Nothing is said of whoever is on their way just now.
        """
        if self.exchange is None:
            return []
        self._touched = set(self._moving)
        there: dict[int, dict[tuple[str, str], bool]] = {}
        for member in await self.exchange.queue_members():
            extension = extension_of(member)
            if extension in extensions:
                pair = (str(member.get("Queue", "")), extension)
                paused = str(member.get("Paused", "0")) == "1"
                there.setdefault(extensions[extension], {})[pair] = paused
        found: list[Difference] = []
        for user_id in {*there, *self._standing}:
            members = there.get(user_id, {})
            if user_id in self._touched:
                self._standing[user_id].perhaps |= members.keys()
            else:
                found += self._learn(user_id, members)
        return found

    @property
    def on_their_way(self) -> frozenset[int]:
        """Who is being put where they should be, or waits for that."""
        return frozenset((*self._moving, *self._again))

    def behind(self) -> list[int]:
        """Who is not where they should be, as far as we know, and not on their way."""
        return [
            user_id
            for user_id, standing in self._standing.items()
            if user_id not in self._moving and not standing.is_at(self._should(user_id))
        ]

    def _learn(self, user_id: int, there: dict[tuple[str, str], bool]) -> list["Difference"]:
        """Where that agent really stands: pair -> paused."""
        standing, place = self._standing[user_id], self._should(user_id)
        pairs = place.pairs if place else set()
        gone = standing.surely - there.keys()
        surplus = there.keys() - standing.perhaps
        standing.surely -= gone
        standing.perhaps = set(there)
        pause = standing.pause
        wrong = {pair for pair in standing.surely if pause and there[pair] != pause[0]}
        if wrong:
            standing.pause = None
        kinds: dict[Kind, set[tuple[str, str]]] = {
            "gone": gone & pairs,
            "surplus": surplus - pairs,
            "unpaused" if pause and pause[0] else "paused": wrong & pairs,
        }
        return [
            Difference(user_id, kind, tuple(sorted(queue for queue, _ in which)))
            for kind, which in kinds.items()
            if which
        ]

    def _is_known(self, user_id: int) -> bool:
        return user_id in self._standing and bool(self._standing[user_id].perhaps)

    async def close(self) -> None:
        for timer in self._again.values():
            timer.cancel()
        await self._group.close()

    async def _move(self, user_id: int, exchange: Exchange) -> None:
        standing = self._standing[user_id]
        try:
            # Again from the top after each round: what should be may have changed meanwhile.
            while not standing.is_at(place := self._should(user_id)):
                await self._step(user_id, standing, place, exchange)
        except ExchangeUnavailable as error:
            log.warning("user %d is not where they should be in the queues: %s", user_id, error)
            if exchange.connected:  # it was only slow: no login will come to put it right
                loop = asyncio.get_running_loop()
                self._again[user_id] = loop.call_later(AGAIN, self.move, user_id)
        finally:
            self._moving.pop(user_id).set()

    async def _step(
        self, user_id: int, standing: Standing, place: Place | None, exchange: Exchange
    ) -> None:
        pairs = place.pairs if place else set()
        for queue, extension in sorted(standing.perhaps - pairs):
            standing.surely.discard((queue, extension))
            await _so_be_it(exchange.queue_remove(queue, extension), user_id)
            standing.perhaps.discard((queue, extension))
        if place is None:
            return
        for queue, extension in sorted(pairs - standing.surely):
            standing.perhaps.add((queue, extension))
            name = self._name(user_id)
            await _so_be_it(
                exchange.queue_add(queue, extension, name, paused=place.paused), user_id
            )
            standing.surely.add((queue, extension))
        standing.pause = None
        await _so_be_it(
            exchange.queue_pause(place.extension, paused=place.paused, reason=place.reason),
            user_id,
        )
        standing.pause = (place.paused, place.reason)


async def _so_be_it(wish: Awaitable[object], user_id: int) -> None:
    """Carry a wish out. "Already there" and "not there" mean that it is as we want it."""
    try:
        await wish
    except Conflict as error:
        log.info("user %d: the exchange says: %s", user_id, error)
    except Invalid as error:  # a name that no exchange takes: it stays so
        log.error("user %d: %s", user_id, error)


def extension_of(member: Mapping[str, Any]) -> str:
    """The extension of a queue's member: "PJSIP/201" in one of three headers."""
    for header in ("StateInterface", "Interface", "Location"):
        if value := member.get(header):
            return str(value).rpartition("/")[2]
    return ""
