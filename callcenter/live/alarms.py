"""What is wrong in queues and with providers: begins, ends, may be silenced. Pure: told the lines
and the time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from callcenter.errors import N_, Missing
from callcenter.live.lines import AlarmLine, PastLine, QueueLine
from callcenter.live.rules import LEAST_CALLS, Limits, Rules

TRUNK, WAIT, NOBODY, ABANDONED = "trunk", "wait", "nobody", "abandoned"
KINDS: Final = (NOBODY, WAIT, ABANDONED)  # of queues
QUIET: Final = timedelta(seconds=60)  # what begins again within it is the same, told once
MOST_PAST: Final = 30

Key = tuple[str, str]  # queue or trunk, kind


@dataclass(frozen=True, slots=True)
class Failing:
    """A trunk that carries no calls. `why`: refused, silent; "": it is being asked."""

    name: str
    title: str
    why: str


class Alarms:
    """`now` holds those that go on: providers', then queues' in the order of titles and KINDS.
    `past` are those that are over, the last first."""

    def __init__(self) -> None:
        self.now: tuple[AlarmLine, ...] = ()
        self.past: tuple[PastLine, ...] = ()
        self._nobody: dict[str, datetime] = {}  # since when somebody waits and nobody is ready

    def resume(self, now: Iterable[AlarmLine], past: Iterable[PastLine]) -> None:
        """Those of before a restart."""
        self.now, self.past = tuple(now), tuple(past)[:MOST_PAST]
        self._nobody = {
            each.queue: each.since - timedelta(seconds=each.limit)
            for each in self.now
            if each.kind == NOBODY
        }

    def look(
        self,
        queues: Iterable[QueueLine],
        rules: Rules,
        at: datetime,
        *,
        failing: Sequence[Failing] | None = (),
        sure: bool = True,
    ) -> bool:
        """Whether anything has begun or ended since the last look.

        `failing` None: not known yet. Not `sure` of queues, as before the exchange has told what
        is: nothing of theirs begins or ends.
        """
        before = {(each.queue, each.kind): each for each in self.now}
        asked = {each.name for each in failing or () if not each.why}
        stays = {
            key: each
            for key, each in before.items()
            if (failing is None or each.queue in asked if each.kind == TRUNK else not sure)
        }
        found: dict[Key, AlarmLine] = {}
        for line in self._wrong(failing or (), queues if sure else (), rules, at):
            key = line.queue, line.kind
            known = stays.pop(key, None) or before.get(key)
            found[key] = known if known and known.why == line.why else self._begun(line, known)
        found = {**stays, **found}
        over = [each for key, each in before.items() if key not in found]
        self.past = (*(ended(each, at) for each in over), *self.past)[:MOST_PAST]
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

    def _wrong(
        self, failing: Iterable[Failing], queues: Iterable[QueueLine], rules: Rules, at: datetime
    ) -> Iterator[AlarmLine]:
        """Everything beyond its limit, as if it began now."""
        for each in failing:
            if each.why:
                yield AlarmLine(
                    queue=each.name, title=each.title, kind=TRUNK, since=at, limit=0, why=each.why
                )
        for queue in sorted(queues, key=lambda each: each.title):
            limits = rules.of(queue.name)
            for kind in KINDS:
                if limit := self._exceeded(kind, queue, limits, at):
                    yield AlarmLine(
                        queue=queue.name, title=queue.title, kind=kind, since=at, limit=limit
                    )

    def _exceeded(self, kind: str, queue: QueueLine, limits: Limits, at: datetime) -> int:
        """The limit that this queue is beyond; 0: it is not."""
        if kind == WAIT:
            waited = (at - queue.longest).total_seconds() if queue.longest else 0.0
            return limits.wait_s if waited > limits.wait_s > 0 else 0
        if kind == NOBODY:
            return self._is_left_alone(queue, limits, at)
        counted = queue.offered - queue.short
        share = 100 * (queue.abandoned - queue.short) / counted if counted >= LEAST_CALLS else 0.0
        return limits.abandoned_percent if share > limits.abandoned_percent > 0 else 0

    def _is_left_alone(self, queue: QueueLine, limits: Limits, at: datetime) -> int:
        if not queue.waiting or queue.ready:
            self._nobody.pop(queue.name, None)
            return 0
        since = self._nobody.setdefault(queue.name, at)
        alone = (at - since).total_seconds() >= limits.nobody_s
        return limits.nobody_s if alone and limits.nobody_s else 0

    def _begun(self, line: AlarmLine, known: AlarmLine | None) -> AlarmLine:
        """`line`, or the one that goes on with another reason, or was over a moment ago."""
        if known:
            return msgspec.structs.replace(known, why=line.why)
        for each in self.past:
            if (each.queue, each.kind) != (line.queue, line.kind):
                continue
            if line.since - each.until >= QUIET:
                break
            self.past = tuple(other for other in self.past if other is not each)
            return msgspec.structs.replace(
                line, since=each.since, quiet=True, silenced=each.silenced
            )
        return line


def ended(alarm: AlarmLine, at: datetime) -> PastLine:
    return PastLine(
        queue=alarm.queue,
        title=alarm.title,
        kind=alarm.kind,
        since=alarm.since,
        until=at,
        limit=alarm.limit,
        why=alarm.why,
        silenced=alarm.silenced,
    )
