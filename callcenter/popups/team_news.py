"""Tells the pages of team leads that something about their people's states is new.

Only that: what it is they ask for where they show it. At most twice a second, whatever happens.
"""

import asyncio
from typing import Final

from callcenter.agents.comparison import Comparison
from callcenter.agents.presence import Presence
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.popups.desk import Desk

PAUSE: Final = 0.5  # seconds
NEWS: Final = {"type": "team"}


class TeamNews:
    def __init__(
        self, directory: Directory, desk: Desk, presence: Presence, comparison: Comparison
    ) -> None:
        self._directory = directory
        self._desk = desk
        self._changed: set[int] = set()
        self._for_all = False
        self._something = asyncio.Event()
        presence.listeners.append(self._agent_changed)
        presence.lines.listeners.append(self._all_changed)
        comparison.listeners.append(self._all_changed)

    async def run(self) -> None:
        """Tell for as long as the application lives."""
        while True:
            await self._something.wait()
            self._something.clear()
            changed, self._changed = self._changed, set()
            for_all, self._for_all = self._for_all, False
            for user_id in self._desk.present:
                if self._sees(user_id, changed, for_all):
                    self._desk.tell(user_id, NEWS)
            await asyncio.sleep(PAUSE)

    def _sees(self, user_id: int, changed: set[int], for_all: bool) -> bool:
        person = self._directory.person(user_id)
        if person is None or not self._directory.rights_of(person).may(Permission.EMPLOYEES):
            return False
        if for_all:
            return True
        within = self._directory.within(self._directory.scope_of(person, Permission.EMPLOYEES))
        return any(each.id in changed for each in within)

    def _agent_changed(self, user_id: int) -> None:
        self._changed.add(user_id)
        self._something.set()

    def _all_changed(self) -> None:
        self._for_all = True
        self._something.set()
