"""Tells the pages of team leads that something was out of step, or was put right.

Only that: what it is they ask for where they show it. At most twice a second, whatever happens.
"""

import asyncio
from typing import Final

from callcenter.agents.comparison import Comparison
from callcenter.agents.lines import Lines
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.popups.desk import Desk

PAUSE: Final = 0.5  # seconds
NEWS: Final = {"type": "put-right"}


class TeamNews:
    def __init__(
        self, directory: Directory, desk: Desk, lines: Lines, comparison: Comparison
    ) -> None:
        self._directory = directory
        self._desk = desk
        self._something = asyncio.Event()
        lines.listeners.append(self._something.set)
        comparison.listeners.append(self._something.set)

    async def run(self) -> None:
        """Tell for as long as the application lives."""
        while True:
            await self._something.wait()
            self._something.clear()
            for user_id in self._desk.present:
                if self._sees(user_id):
                    self._desk.tell(user_id, NEWS)
            await asyncio.sleep(PAUSE)

    def _sees(self, user_id: int) -> bool:
        person = self._directory.person(user_id)
        return person is not None and self._directory.rights_of(person).may(Permission.LIVE)
