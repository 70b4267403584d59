"""How often each person has called within the last hour, to the second. Pure, in memory."""

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

HOUR = timedelta(hours=1)
MOST = 20_000  # calls of one person that are remembered: more than any limit


class One(NamedTuple):
    """A call that was placed."""

    at: datetime
    number: str
    call_id: str


class Placed:
    """The calls of the last hour, by user id. An hour after it was placed a call counts no more."""

    def __init__(self) -> None:
        self._of: defaultdict[int, deque[One]] = defaultdict(lambda: deque(maxlen=MOST))

    def note(self, user_id: int, one: One) -> None:
        """Calls are noted in the order in which they were placed."""
        self._of[user_id].append(one)

    def forget(self, user_id: int, one: One) -> None:
        """It was not placed after all."""
        if one in self._of[user_id]:
            self._of[user_id].remove(one)

    def forget_call(self, call_id: str) -> None:
        """Nobody outside was called in it."""
        for calls in self._of.values():
            for one in [each for each in calls if each.call_id == call_id]:
                calls.remove(one)

    def within(self, user_id: int, now: datetime, counts: Callable[[str], bool]) -> list[datetime]:
        """When that person has called numbers that count, the oldest first."""
        calls = self._of.get(user_id)
        if not calls:
            return []
        while calls and calls[0].at <= now - HOUR:
            calls.popleft()
        return [one.at for one in calls if counts(one.number)]

    def next_at(
        self, user_id: int, now: datetime, limit: int, counts: Callable[[str], bool]
    ) -> datetime | None:
        """From when on one more is within `limit` an hour; None: now."""
        ats = self.within(user_id, now, counts)
        return ats[-limit] + HOUR if len(ats) >= limit else None
