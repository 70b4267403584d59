"""Tells the pages of those who set the switchboard how its trunks are, and when one fails."""

from typing import Any

from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.popups.desk import Desk
from callcenter.trunks.watch import Watch


def told(watch: Watch) -> list[dict[str, Any]]:
    """How each trunk is, as pages hear it."""
    return [
        {"name": each.name, "title": each.title, "kind": each.kind, "bad": each.is_bad}
        for each in watch.now.values()
    ]


class TrunkNews:
    """A listener of the watch; `state` is part of the first message of every page."""

    def __init__(self, directory: Directory, desk: Desk, watch: Watch) -> None:
        self._directory, self._desk, self._watch = directory, desk, watch
        watch.listeners.append(self._tell)
        desk.also.append(self.state)

    def state(self, user_id: int) -> dict[str, Any]:
        """What that user may know of."""
        return {"trunks": told(self._watch) if self._may(user_id) else []}

    def _may(self, user_id: int) -> bool:
        person = self._directory.person(user_id)
        return person is not None and self._directory.rights_of(person).may(Permission.SWITCHBOARD)

    def _tell(self) -> None:
        for user_id in self._desk.present:
            if self._may(user_id):
                self._desk.tell(user_id, {"type": "trunks", **self.state(user_id)})
