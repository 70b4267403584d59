"""Customers whose agent's phone has gone in the middle of a call: they wait with music, and the
call goes on under its id as soon as the phone is there again.

The exchange keeps the customer (dialplan: callcenter-wait, and after a while the queue); here is
noticed that a page has gone, and that it is back. What should be follows from the board and the
phones' states alone, so the order in which things happen does not matter.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from callcenter.calls.board import Board, Change
from callcenter.calls.legs import endpoint_of
from callcenter.errors import CallcenterError
from callcenter.tasks import Group

log = logging.getLogger(__name__)

GRACE = 3.0  # seconds for a page that only lost its connection: its sound may go on meanwhile
PATIENCE = 30  # seconds that a customer hears music before others are asked


class Exchange(Protocol):
    """What we ask of asterisk.moves; each may raise a CallcenterError."""

    async def wait(self, customer: str, extension: str, patience_s: int) -> None: ...

    async def bring_back(self, customer: str, extension: str) -> None: ...

    async def to_queue(self, customer: str) -> None: ...

    async def hang_up(self, channel: str) -> None: ...

    async def patience(self, seconds: int) -> None: ...


class Rescue:
    """`push` listens to the board, `phone_changed` to the link; `exchange` is set once it is there.

    `lost` is told by Phones: a page's connection has ended, and not by our wish.
    """

    def __init__(
        self,
        board: Board,
        *,
        grace: float = GRACE,
        patience_s: Callable[[], int] = lambda: PATIENCE,
    ) -> None:
        self.exchange: Exchange | None = None
        self._board = board
        self._grace = grace
        self._patience_s = patience_s
        self._phones: dict[str, str] = {}  # extension -> state, as the exchange tells it
        self._waiting: dict[str, tuple[str, asyncio.TimerHandle]] = {}  # call_id -> for whom
        self._coming: set[str] = set()  # calls that are on their way back
        self._group = Group()

    async def close(self) -> None:
        for _, timer in self._waiting.values():
            timer.cancel()
        await self._group.close()

    async def tell_patience(self) -> None:
        """After each login and each change: the exchange keeps to it also when we are away."""
        await self._ask("patience", self._patience_s())

    # ------------------------------------------------------------------ the page has gone

    def lost(self, extension: str, at_once: bool, is_back: Callable[[], bool]) -> None:
        """A phone's page has gone: surely (`at_once`), or unless it `is_back` within the grace."""
        if any(extension in call.agents for call in self._board.calls_of(extension)):
            grace = 0.0 if at_once else self._grace
            self._start(self._keep(extension, grace, is_back), extension)

    async def _keep(self, extension: str, grace: float, is_back: Callable[[], bool]) -> None:
        if grace:
            await asyncio.sleep(grace)
            if is_back():
                return
        for call in self._board.calls_of(extension):
            there = self._board.channels(call.call_id)
            if there and there.asked and endpoint_of(there.asked) == extension:
                await self._ask("hang_up", there.asked)  # whoever asks is back with the customer
                continue
            if there is None or endpoint_of(there.agents.get(extension, "")) != extension:
                continue  # not in it, or at another phone than the page's
            if there.customer is None or call.consult or call.conference:
                # The others are not alone: the dialplan joins whoever was asked with the customer.
                await self._ask("hang_up", there.agents[extension])
            else:
                log.info(
                    "call %s: the phone %s has gone, the customer waits", call.call_id, extension
                )
                await self._ask("wait", there.customer, extension, self._patience_s())

    # ------------------------------------------------------------------ and is back

    def phone_changed(self, extension: str, state: str) -> None:
        self._phones[extension] = state
        for call_id, (agent, _) in list(self._waiting.items()):
            if agent == extension:
                if state == "unreachable":  # what was rung was the old page's: the next is another
                    self._coming.discard(call_id)
                self._consider(call_id)

    def push(self, change: Change) -> None:
        call = change.after
        known = self._waiting.get(call.call_id)
        if call.waits_for and not (known and known[0] == call.waits_for):
            loop = asyncio.get_running_loop()
            timer = loop.call_later(self._patience_s() + 1, self._too_long, call.call_id)
            self._waiting[call.call_id] = call.waits_for, timer
            self._consider(call.call_id)
        elif known and not call.waits_for:
            known[1].cancel()
            del self._waiting[call.call_id]
            self._coming.discard(call.call_id)

    def _consider(self, call_id: str) -> None:
        agent, _ = self._waiting[call_id]
        there = self._board.channels(call_id)
        if call_id in self._coming or self._phones.get(agent) != "reachable":
            return
        if there and there.customer:
            self._coming.add(call_id)
            log.info("call %s: the phone %s is back", call_id, agent)
            self._start(self._bring_back(call_id, there.customer, agent), call_id)

    async def _bring_back(self, call_id: str, customer: str, agent: str) -> None:
        if not await self._ask("bring_back", customer, agent):
            self._coming.discard(call_id)  # and in the end the queue has the customer

    def _too_long(self, call_id: str) -> None:
        """The dialplan has given the customer to the queue by now, if it knows our patience."""
        there = self._board.channels(call_id)
        if call_id not in self._coming and there and there.customer:
            self._start(self._ask("to_queue", there.customer), call_id)

    def _start(self, job: Coroutine[Any, Any, object], about: str) -> None:
        self._group.start(job, name=f"rescue {about}")

    async def _ask(self, wish: str, *about: Any) -> bool:
        """Whether the exchange has agreed."""
        if self.exchange is None:
            return False
        try:
            await getattr(self.exchange, wish)(*about)
        except CallcenterError as error:  # hung up meanwhile, or the exchange is away
            log.warning("rescue: %s %s: %s", wish, about, error)
            return False
        return True
