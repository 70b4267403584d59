"""Says of each call that comes in whom it rings before its queue: own agent, then their team.

The dialplan looks for the answer for less than half a second, so every call is answered at once,
also when there is nothing to say. Nothing here holds up the board.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, State
from callcenter.calls.journal import CALLS
from callcenter.customers.cards import Card, Cards, Miss
from callcenter.customers.lookup import AWAY
from callcenter.customers.numbers import key_of
from callcenter.errors import CallcenterError
from callcenter.people.directory import Directory, Person
from callcenter.routing.decision import QUEUE_AT_ONCE, Route, decide
from callcenter.settings.parameters import Parameters
from callcenter.tasks import Group

log = logging.getLogger(__name__)

PATIENCE = 0.25  # seconds for the database: then the queue is the better answer
PROMISED = 2.0  # seconds in which somebody who was given a call is given no second one


class Exchange(Protocol):
    """What we ask of asterisk.moves; it may raise a CallcenterError."""

    async def route(
        self, customer: str, owner: str, owner_s: int, team: Sequence[str], team_s: int
    ) -> None: ...


class OwnerFirst:
    """`push` listens to the board; `exchange` is set once the link is there.

    `is_ready(user_id)`: an active agent waits for calls, and has none. `rules()`: as they are now.
    """

    def __init__(
        self,
        board: Board,
        cards: Cards,
        directory: Directory,
        engine: AsyncEngine,
        *,
        is_ready: Callable[[int], bool],
        rules: Callable[[], Parameters],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.exchange: Exchange | None = None
        # Told of each call of somebody's customer: the call's id, whose, whether it rings them
        # first, and the ids of their team who are rung then.
        self.listeners: list[Callable[[str, Person, bool, list[int]], None]] = []
        self._board = board
        self._cards = cards
        self._directory = directory
        self._engine = engine
        self._is_ready = is_ready
        self._rules = rules
        self._clock = clock
        self._promised: dict[int, float] = {}  # user id -> until when
        self._group = Group()

    async def close(self) -> None:
        await self._group.close()

    def push(self, change: Change) -> None:
        """The dialplan has just announced a call: it names the queue, and waits for us."""
        call, before = change.after, change.before
        if call.queue is None or (before and before.queue is not None):
            return
        if call.direction is Direction.INBOUND and call.state is State.WAITING and self.exchange:
            self._group.start(self._answer(call, self.exchange), name=f"route {call.call_id}")

    async def _answer(self, call: Call, exchange: Exchange) -> None:
        own = await self._own_agent(call.number) if call.number else None
        there = self._board.channels(call.call_id)
        if there is None or there.customer is None:
            return  # hung up meanwhile
        rules = self._rules()
        route = self._decide(own, call, rules)
        if own:
            for listener in self.listeners:
                listener(call.call_id, own, route.owner is not None, [p.id for p in route.team])
        if route.people:
            names = ", ".join(each.username for each in route.people)
            log.info("call %s rings first: %s", call.call_id, names)
        try:
            await exchange.route(
                there.customer,
                (route.owner.extension or "") if route.owner else "",
                rules.owner_rings_s,
                [each.endpoint for each in route.team if each.endpoint],
                rules.team_rings_s,
            )
        except CallcenterError as error:  # hung up meanwhile, or the exchange is away
            log.info("call %s goes to its queue: %s", call.call_id, error)

    def _decide(self, own: Person | None, call: Call, rules: Parameters) -> Route:
        if own is None:
            return QUEUE_AT_ONCE
        _, queue_department = self._directory.queues.get(call.queue or "", ("", None))
        now = self._clock()
        self._promised = {each: until for each, until in self._promised.items() if until > now}
        route = decide(own, self._directory.people(), queue_department, self._is_free, rules)
        self._promised |= {each.id: now + PROMISED for each in route.people}
        return route

    def _is_free(self, user_id: int) -> bool:
        return user_id not in self._promised and self._is_ready(user_id)

    async def _own_agent(self, number: str) -> Person | None:
        """Who is in charge of the customer with that number, else who last talked with it.

        None: it is no customer's, nobody is left who knows them, or the database is too slow.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                card = await self._card(number)
                if card is None:
                    return None
                owner = self._directory.person(card.owner_id) if card.owner_id else None
                return owner or await self._who_talked_with(number)
        except (TimeoutError, *AWAY) as error:
            log.warning("a call is not offered to the customer's agent first: %r", error)
            return None

    async def _card(self, number: str) -> Card | None:
        card = self._cards.peek(number)
        return (await self._cards.find([number]))[number] if isinstance(card, Miss) else card

    async def _who_talked_with(self, number: str) -> Person | None:
        question = (
            select(CALLS.c.user_id)
            .where(
                CALLS.c.number_key == key_of(number),
                CALLS.c.answered_at.is_not(None),
                CALLS.c.user_id.is_not(None),
            )
            .order_by(CALLS.c.started_at.desc())
            .limit(1)
        )
        async with self._engine.connect() as connection:
            user_id = await connection.scalar(question)
        return self._directory.person(user_id) if user_id else None
