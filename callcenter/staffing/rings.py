"""Writes down each phone that rang in vain; a listener of the board."""

from collections.abc import Callable
from datetime import UTC, datetime

from callcenter.agents.diary import Diary
from callcenter.agents.rings import in_vain
from callcenter.calls.board import Change
from callcenter.db import Sessions
from callcenter.people.directory import Directory
from callcenter.staffing.models import VainRing


class Rings:
    """Of agents of the directory; `diary` writes them."""

    def __init__(
        self,
        sessions: Sessions,
        directory: Directory,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.diary = Diary(sessions, VainRing)
        self._directory = directory
        self._now = now

    def push(self, change: Change) -> None:
        """A call has changed."""
        for extension, (missed, declined) in in_vain(change).items():
            person = self._directory.of_extension(extension)
            for kind in [False] * missed + [True] * declined:
                if person:
                    ring = {"call_id": change.after.call_id, "declined": kind}
                    self.diary.note(user_id=person.id, at=self._now(), **ring)
