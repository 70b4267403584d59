"""What is remembered beyond the calls alive: ids of what has ended, and facts that came too early.

Both are bounded: the oldest is forgotten first.
"""

from .events import ChannelEvent

MOST_ENDED = 50_000
MOST_EARLY = 1_000


class Memory:
    def __init__(self) -> None:
        self._ended: dict[str, None] = {}
        self._early: dict[str, list[ChannelEvent]] = {}

    def add(self, name: str) -> None:
        """This channel or call has ended: whatever is still said about it comes late."""
        self._ended[name] = None
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def __contains__(self, name: str) -> bool:
        return name in self._ended

    def park(self, event: ChannelEvent) -> None:
        """Keep a fact about a channel that we have not heard of, until we do."""
        waiting = self._early.setdefault(event.channel_id, [])
        if len(waiting) < 10:
            waiting.append(event)
        if len(self._early) > MOST_EARLY:
            del self._early[next(iter(self._early))]

    def parked(self, channel_id: str) -> list[ChannelEvent]:
        return self._early.pop(channel_id, [])
