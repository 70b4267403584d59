"""Tells the pages of those who may see a queue that an alert of it, or of a provider, begins,
ends or is silenced."""

from typing import Any

from callcenter.live.sight import sight_now
from callcenter.live.team import Team
from callcenter.people.directory import Directory
from callcenter.popups.desk import Desk


class AlarmNews:
    """A listener of the team; `state` is part of the first message of every page."""

    def __init__(self, directory: Directory, desk: Desk, team: Team) -> None:
        self._directory, self._desk, self._team = directory, desk, team
        team.alarms_changed.append(self._tell)
        desk.also.append(self.state)

    def state(self, user_id: int) -> dict[str, Any]:
        """What that user may know of."""
        sight = sight_now(self._directory, user_id)
        return {"alarms": self._team.alarms(sight) if sight else []}

    def _tell(self) -> None:
        for user_id in self._desk.present:
            if sight_now(self._directory, user_id):
                self._desk.tell(user_id, {"type": "alarms", **self.state(user_id)})
