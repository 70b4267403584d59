"""Rings that nobody answered: how many are borne, and who rests after one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.calls.board import Change
from callcenter.db import Sessions
from callcenter.settings.parameters import parameters


@dataclass(frozen=True, slots=True)
class RingRules:
    """After `most` in a row (0: never) it is a break; after each no call comes for `pause_s`."""

    most: int = 2
    pause_s: float = 10.0


async def ring_rules(sessions: Sessions) -> RingRules:
    """As the company has set them."""
    async with sessions() as session:
        now = await parameters(session)
    return RingRules(now.missed_in_a_row, float(now.missed_pause_s))


def in_vain(change: Change) -> dict[str, tuple[int, int]]:
    """By extension: how often it has rung in vain since the change before, (missed, declined)."""
    before, after = change.before, change.after
    found = {}
    for extension in {*after.missed, *after.declined}:
        missed, declined = (
            now.count(extension) - (then.count(extension) if then else 0)
            for now, then in (
                (after.missed, before and before.missed),
                (after.declined, before and before.declined),
            )
        )
        if missed > 0 or declined > 0:
            found[extension] = (max(missed, 0), max(declined, 0))
    return found


class Resting:
    """`over(user_id)` is called when that agent may be asked again; `now()` is UTC."""

    def __init__(self, over: Callable[[int], None], now: Callable[[], datetime]) -> None:
        self._over = over
        self._now = now
        self._until: dict[int, tuple[datetime, asyncio.TimerHandle]] = {}

    def begin(self, user_id: int, seconds: float) -> None:
        """From now on; a rest that goes on already begins again."""
        self._stop(user_id)
        timer = asyncio.get_running_loop().call_later(seconds, self._end, user_id)
        self._until[user_id] = self._now() + timedelta(seconds=seconds), timer

    def until(self, user_id: int) -> datetime | None:
        return self._until[user_id][0] if user_id in self._until else None

    def close(self) -> None:
        for user_id in list(self._until):
            self._stop(user_id)

    def _stop(self, user_id: int) -> None:
        if user_id in self._until:
            self._until.pop(user_id)[1].cancel()

    def _end(self, user_id: int) -> None:
        del self._until[user_id]
        self._over(user_id)
