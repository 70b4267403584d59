"""Each agent's sums of the company's day, counted in memory as calls end."""

from collections.abc import Callable
from datetime import date

from callcenter.agents.queries import Today, sums_of_day
from callcenter.calls.call import Call, Direction, Result
from callcenter.db import Sessions


class Sums:
    """Begins again by itself when `day()` changes."""

    def __init__(self, day: Callable[[], date]) -> None:
        self._day = day
        self._begun = day()
        self._sums: dict[int, Today] = {}

    def load(self, sums: dict[int, Today]) -> None:
        """What the database knows of this day, before any call of ours ends."""
        self._begun, self._sums = self._day(), sums

    async def recount(self, sessions: Sessions) -> None:
        """From the database, where every call that has ended is by now."""
        async with sessions() as session:
            self.load(await sums_of_day(session, self._day()))

    def of(self, user_id: int) -> Today:
        if self._begun != self._day():
            self.load({})
        return self._sums.get(user_id, Today())

    def count(self, user_id: int, call: Call) -> None:
        """`call` was that agent's and has ended."""
        before = self.of(user_id)
        missed = call.direction is Direction.INBOUND and call.result is not Result.ANSWERED
        self._sums[user_id] = Today(
            calls=before.calls + 1,
            talked_s=before.talked_s + call.talked_s,
            missed=before.missed + missed,
        )
