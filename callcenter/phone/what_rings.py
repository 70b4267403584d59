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

PAGE = "browser"  # rings unless something else is said


class Exchange(Protocol):
    """What we ask of asterisk.moves; it may raise a CallcenterError."""

    async def rings(self, extension: str, where: str) -> None: ...


class WhatRings:
    """`exchange` is set once the link is there."""

    def __init__(self, directory: Directory) -> None:
        self.exchange: Exchange | None = None
        self._directory = directory
        self._told: dict[str, str] = {}  # extension -> "browser", "desk", or a number
        self._one_at_a_time = asyncio.Lock()
        self._group = Group()

    async def close(self) -> None:
        await self._group.close()

    async def after_login(self) -> None:
        """The exchange may have restarted; before our own start, anything may have been said."""
        known, self._told = self._told, {}
        wanted = self._wanted()
        plain = [each for each, where in wanted.items() if where == PAGE]
        if known:
            self._told = {each: PAGE for each in plain if known.get(each, PAGE) == PAGE}
        await self._tell({**dict.fromkeys(known.keys() - wanted.keys(), PAGE), **wanted})

    def people_changed(self) -> None:
        """Somebody has chosen another phone, or has another extension, or has left."""
        gone = self._told.keys() - self._wanted().keys()
        wishes = {**dict.fromkeys(gone, PAGE), **self._wanted()}
        self._group.start(self._tell(wishes), name="which phones ring")

    def _wanted(self) -> dict[str, str]:
        people = self._directory.people()
        return {
            each.extension: each.mobile if each.rings == "mobile" else each.rings
            for each in people
            if each.extension
        }

    async def _tell(self, wishes: dict[str, str]) -> None:
        async with self._one_at_a_time:
            await self._tell_all(wishes.items())

    async def _tell_all(self, wishes: Iterable[tuple[str, str]]) -> None:
        if self.exchange is None:
            return
        try:
            for extension, where in wishes:
                if self._told.get(extension) != where:
                    await self.exchange.rings(extension, where)
                    self._told[extension] = where
        except CallcenterError as error:  # away: the next login says it all
            log.warning("the exchange does not know which phones ring: %s", error)
