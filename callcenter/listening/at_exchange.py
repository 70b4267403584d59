"""What leads do in calls, asked of the exchange."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from callcenter.calls.endpoints import LeadPhone
from callcenter.errors import N_, CallcenterError, ExchangeUnavailable
from callcenter.listening.visits import Heard, Visit

log = logging.getLogger(__name__)

OPENING_S: Final = 3.0  # at most, until the exchange has the customer in the room


class Exchange(Protocol):
    """asterisk.leads; each may raise a CallcenterError."""

    async def call(self, phone: LeadPhone, call_id: str, agent: str, shows: str) -> None: ...
    async def hear(self, lead: str, agent: str, *, whispers: bool) -> None: ...
    async def has_room(self, call_id: str) -> bool: ...
    async def open_room(self, customer: str, other: str, by: str) -> None: ...
    async def join(self, customer: str, other: str) -> None: ...
    async def give(self, customer: str, extension: str) -> None: ...
    async def hang_up(self, channel: str) -> None: ...


class AtExchange:
    """`exchange` is set once the link is there. Everything but `quietly` raises as it does."""

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self._opened: dict[str, float] = {}  # by call_id: when its room was opened, by loop.time()

    @property
    def _asked(self) -> Exchange:
        if self.exchange is None:
            raise ExchangeUnavailable(N_("The exchange does not answer. Please try again soon."))
        return self.exchange

    async def call(self, visit: Visit) -> None:
        """The lead's own phone."""
        lead = visit.lead
        phone = LeadPhone(visit.channel_id, lead.endpoint or visit.extension, lead.mobile)
        await self._asked.call(phone, visit.call_id, visit.channel, visit.heard)

    async def hear(self, visit: Visit, agent: Heard, *, whispers: bool) -> None:
        await self._asked.hear(visit.channel_id, agent.channel, whispers=whispers)

    async def join(self, visit: Visit, customer: str, agent: Heard) -> None:
        if not await self._has_room(visit.call_id):
            await self._open(visit.call_id, customer, agent.channel, agent.extension)
        await self._asked.join(customer, visit.channel_id)

    async def take(self, visit: Visit, customer: str, agents: list[str]) -> None:
        """`agents`: the channels of those who leave."""
        if not await self._has_room(visit.call_id):  # the dialplan hangs up on the agent
            return await self._open(visit.call_id, customer, visit.channel_id, visit.extension)
        if visit.way != "join":
            await self._asked.join(customer, visit.channel_id)
        await self._asked.give(customer, visit.extension)
        for channel in agents:
            await self.quietly(self._asked.hang_up(channel))

    async def give(self, customer: str | None, extension: str) -> None:
        if customer:
            await self._asked.give(customer, extension)

    async def hang_up(self, channel: str) -> None:
        await self._asked.hang_up(channel)

    async def quietly(self, wish: Coroutine[Any, Any, None]) -> bool:
        """Whether the exchange has agreed; who has hung up meanwhile is told by the board."""
        try:
            await wish
        except CallcenterError as error:
            log.info("a lead's wish was not carried out: %s", error)
            return False
        return True

    def has_settled(self, call_id: str) -> None:
        """The exchange has the customer in the room, or the call is over."""
        self._opened.pop(call_id, None)

    async def _has_room(self, call_id: str) -> bool:
        now = asyncio.get_running_loop().time()
        opening = now - self._opened.get(call_id, now - OPENING_S) < OPENING_S
        return opening or await self._asked.has_room(call_id)

    async def _open(self, call_id: str, customer: str, other: str, by: str) -> None:
        await self._asked.open_room(customer, other, by)
        self._opened[call_id] = asyncio.get_running_loop().time()
