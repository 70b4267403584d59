"""Counts the time after a call down: kept here, so that a page that comes back finds it going on.

When it is over the agent's wrap-up ends by itself; what was not finished waits in "to finish".
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.calls.call import Call
from callcenter.errors import N_, Conflict
from callcenter.settings.wrap_up import STEP, WrapUpRules


@dataclass(slots=True)
class Countdown:
    """Of one agent. `ends` is UTC, None: without end; `more` is seconds that may still be added."""

    call_id: str
    ends: datetime | None
    more: float
    timer: asyncio.TimerHandle | None = None


class WrapUps:
    """`over(user_id)` is called when that agent's time has run out; `now()` is UTC."""

    def __init__(self, over: Callable[[int], None], now: Callable[[], datetime]) -> None:
        self.rules = WrapUpRules()
        self._over = over
        self._now = now
        self._running: dict[int, Countdown] = {}

    def follow(self, user_id: int, call: Call | None) -> None:
        """The agent is in the wrap-up of that call now; None: in none. Repeating it is nothing."""
        running = self._running.get(user_id)
        if running and call and running.call_id == call.call_id:
            return
        self._stop(user_id)
        if call is None:
            return
        seconds = self.rules.after(call.queue)
        ends = self._now() + timedelta(seconds=seconds) if seconds else None
        self._running[user_id] = countdown = Countdown(call.call_id, ends, self.rules.more)
        self._start(user_id, countdown)

    def more(self, user_id: int) -> None:
        """A step longer. Raises Conflict, in words, when there is nothing to make longer."""
        countdown = self._running.get(user_id)
        if countdown is None or countdown.ends is None:
            raise Conflict(N_("No time is running that could be made longer."))
        if not countdown.more:
            raise Conflict(N_("You have had all the time that may be added to this call."))
        step = min(STEP, countdown.more)
        countdown.more -= step
        countdown.ends += timedelta(seconds=step)
        if countdown.timer:
            countdown.timer.cancel()
        self._start(user_id, countdown)

    def ends(self, user_id: int) -> datetime | None:
        countdown = self._running.get(user_id)
        return countdown.ends if countdown else None

    def may_add(self, user_id: int) -> float:
        """The seconds that this agent may still add."""
        countdown = self._running.get(user_id)
        return countdown.more if countdown and countdown.ends else 0

    def close(self) -> None:
        for user_id in list(self._running):
            self._stop(user_id)

    def _start(self, user_id: int, countdown: Countdown) -> None:
        if countdown.ends is None:
            return
        left = (countdown.ends - self._now()).total_seconds()
        loop = asyncio.get_running_loop()
        countdown.timer = loop.call_later(left, self._end, user_id, countdown)

    def _end(self, user_id: int, countdown: Countdown) -> None:
        if self._running.get(user_id) is countdown:
            del self._running[user_id]
            self._over(user_id)

    def _stop(self, user_id: int) -> None:
        countdown = self._running.pop(user_id, None)
        if countdown and countdown.timer:
            countdown.timer.cancel()
