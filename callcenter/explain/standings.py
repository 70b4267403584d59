"""How everybody stands, kept as they change: a picture of a thousand agents is a copy, no work."""

import time
from collections.abc import Callable

from callcenter.agents.presence import Presence
from callcenter.explain.reasons import Looks, Reason, standing
from callcenter.people.directory import Directory

MANY = 200  # people
A_MOMENT = 0.02  # seconds


class Standings:
    """`has_page(user_id)`: a page of theirs is open. Whoever has changed is looked at anew when a
    picture is taken.
    """

    def __init__(
        self, directory: Directory, presence: Presence, has_page: Callable[[int], bool]
    ) -> None:
        self.breaks: dict[int, str] = {}
        self._directory = directory
        self._presence = presence
        self._has_page = has_page
        self._known: dict[int, Reason] = {}
        self._last: dict[int, Reason] = {}  # nobody changes it
        self._good_until = 0.0
        self._changed: set[int] = set()
        self._seen: object = None  # the directory's queues, which each reading replaces
        presence.listeners.append(self._changed.add)
        self.changed = self._changed.add

    def picture(self) -> dict[int, Reason]:
        """Everybody's, by user id. Of many agents one of a moment ago is good enough: whom a call
        rings at, and who let it ring, is told by the call itself.
        """
        now = time.monotonic()
        if len(self._known) > MANY and now < self._good_until:
            return self._last
        self._good_until = now + A_MOMENT
        if self._seen is not self._directory.queues:
            self._seen = self._directory.queues
            self._changed.update(each.id for each in self._directory.people())
        while self._changed:
            self.of(self._changed.pop())
        self._last = self._known.copy()
        return self._last

    def of(self, user_id: int) -> Reason:
        """One's, as they are now."""
        person, roll = self._directory.person(user_id), self._presence.roll
        agent = roll.of(user_id)
        looks = Looks(
            agent,
            person.extension if person else None,
            roll.cause_of(user_id),
            self._has_page(user_id),
        )
        self._known[user_id] = found = standing(looks)
        if found is Reason.BREAK:
            self.breaks[user_id] = agent.reason
        return found
