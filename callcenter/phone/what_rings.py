"""Tells the exchange which of an agent's phones rings when their extension is called.

The queues call a phone by its name (agents/places.py); everything else in the dialplan calls the
extension, and looks for the phone in a global variable, which an exchange forgets when it restarts.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from callcenter.errors import CallcenterError
from callcenter.people.directory import Directory
from callcenter.tasks import Group

log = logging.getLogger(__name__)


class Exchange(Protocol):
    """What we ask of asterisk.moves; it may raise a CallcenterError."""

    async def rings(self, extension: str, desk: bool) -> None: ...


class WhatRings:
    """`exchange` is set once the link is there."""

    def __init__(self, directory: Directory) -> None:
        self.exchange: Exchange | None = None
        self._directory = directory
        self._told: dict[str, bool] = {}  # extension -> whether its desk phone rings
        self._one_at_a_time = asyncio.Lock()
        self._group = Group()

    async def close(self) -> None:
        await self._group.close()

    async def after_login(self) -> None:
        """The exchange may have restarted; before our own start, anything may have been said."""
        known, self._told = self._told, {}
        wanted = self._wanted()
        plain = [each for each, desk in wanted.items() if not desk]
        if known:
            self._told = {each: False for each in plain if not known.get(each)}
        await self._tell({**dict.fromkeys(known.keys() - wanted.keys(), False), **wanted})

    def people_changed(self) -> None:
        """Somebody has chosen another phone, or has another extension, or has left."""
        gone = self._told.keys() - self._wanted().keys()
        wishes = {**dict.fromkeys(gone, False), **self._wanted()}
        self._group.start(self._tell(wishes), name="which phones ring")

    def _wanted(self) -> dict[str, bool]:
        people = self._directory.people()
        return {each.extension: each.rings == "desk" for each in people if each.extension}

    async def _tell(self, wishes: dict[str, bool]) -> None:
        async with self._one_at_a_time:
            await self._tell_all(wishes.items())

    async def _tell_all(self, wishes: Iterable[tuple[str, bool]]) -> None:
        if self.exchange is None:
            return
        try:
            for extension, desk in wishes:
                if self._told.get(extension) is not desk:
                    await self.exchange.rings(extension, desk)
                    self._told[extension] = desk
        except CallcenterError as error:  # away: the next login says it all
            log.warning("the exchange does not know which phones ring: %s", error)
