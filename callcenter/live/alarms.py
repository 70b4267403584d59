"""What is wrong in queues: begins, ends, may be silenced. Pure: told the lines and the time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from callcenter.errors import N_, Missing
from callcenter.live.lines import AlarmLine, QueueLine
from callcenter.live.rules import LEAST_CALLS, Limits, Rules

WAIT, NOBODY, ABANDONED = "wait", "nobody", "abandoned"
KINDS: Final = (NOBODY, WAIT, ABANDONED)
QUIET: Final = timedelta(seconds=60)  # what begins again within it is the same, told once

Key = tuple[str, str]  # queue, kind


@dataclass(frozen=True, slots=True)
class Past:
    """An alarm that is over."""

    at: datetime
    silenced: str


class Alarms:
    """`now` holds those that go on, in the order of their queues' titles and KINDS."""

    def __init__(self) -> None:
        self.now: tuple[AlarmLine, ...] = ()
        self._past: dict[Key, Past] = {}
        self._nobody: dict[str, datetime] = {}  # since when somebody waits and nobody is ready

    def look(self, queues: Iterable[QueueLine], rules: Rules, at: datetime) -> bool:
        """Whether anything has begun or ended since the last look."""
        before = {(each.queue, each.kind): each for each in self.now}
        found: dict[Key, AlarmLine] = {}
        for queue in sorted(queues, key=lambda each: each.title):
            limits = rules.of(queue.name)
            for kind in KINDS:
                if limit := self._exceeded(kind, queue, limits, at):
                    key = queue.name, kind
                    found[key] = before.get(key) or self._begun(queue, kind, limit, at)
        for key in before.keys() - found.keys():
            self._past[key] = Past(at, before[key].silenced)
        self._past = {key: past for key, past in self._past.items() if at - past.at < QUIET}
        self.now = tuple(found.values())
        return found != before

    def silence(self, queue: str, kind: str, by: str) -> None:
        """Nobody is to be told of it any more until it ends. Raises Missing when it is over."""
        if not any((each.queue, each.kind) == (queue, kind) for each in self.now):
            raise Missing(N_("This alert is over."))
        self.now = tuple(
            msgspec.structs.replace(each, silenced=by)
            if (each.queue, each.kind) == (queue, kind)
            else each
            for each in self.now
        )

    def _exceeded(self, kind: str, queue: QueueLine, limits: Limits, at: datetime) -> int:
        """The limit that this queue is beyond; 0: it is not."""
        if kind == WAIT:
            waited = (at - queue.longest).total_seconds() if queue.longest else 0.0
            return limits.wait_s if waited > limits.wait_s > 0 else 0
        if kind == NOBODY:
            return self._is_left_alone(queue, limits, at)
        share = 100 * queue.abandoned / queue.offered if queue.offered >= LEAST_CALLS else 0.0
        return limits.abandoned_percent if share > limits.abandoned_percent > 0 else 0

    def _is_left_alone(self, queue: QueueLine, limits: Limits, at: datetime) -> int:
        if not queue.waiting or queue.ready:
            self._nobody.pop(queue.name, None)
            return 0
        since = self._nobody.setdefault(queue.name, at)
        alone = (at - since).total_seconds() >= limits.nobody_s
        return limits.nobody_s if alone and limits.nobody_s else 0

    def _begun(self, queue: QueueLine, kind: str, limit: int, at: datetime) -> AlarmLine:
        past = self._past.get((queue.name, kind))
        return AlarmLine(
            queue=queue.name,
            title=queue.title,
            kind=kind,
            since=at,
            limit=limit,
            quiet=past is not None,
            silenced=past.silenced if past else "",
        )
