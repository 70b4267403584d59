"""Who has a page open; whoever has had none for a while has left."""

import asyncio
from collections.abc import Callable


class Leaving:
    """`left(user_id)` is called `grace` seconds after that user's last page was closed."""

    def __init__(self, grace: float, left: Callable[[int], None]) -> None:
        self.timers: dict[int, asyncio.TimerHandle] = {}
        self._grace = grace
        self._left = left
        self._pages: dict[int, int] = {}

    @property
    def here(self) -> list[int]:
        """The users with a page open."""
        return list(self._pages)

    def opened(self, user_id: int) -> None:
        self._pages[user_id] = self._pages.get(user_id, 0) + 1
        if timer := self.timers.pop(user_id, None):
            timer.cancel()

    def closed(self, user_id: int) -> None:
        self._pages[user_id] -= 1
        if not self._pages[user_id]:
            del self._pages[user_id]
            self.later(user_id)

    def later(self, user_id: int) -> None:
        """They have no page now; one may come in time."""
        loop = asyncio.get_running_loop()
        self.timers[user_id] = loop.call_later(self._grace, self._leave, user_id)

    def close(self) -> None:
        for timer in self.timers.values():
            timer.cancel()

    def _leave(self, user_id: int) -> None:
        del self.timers[user_id]
        self._left(user_id)
