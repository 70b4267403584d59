"""Whose turn it is when an agent is free: of those who wait at the phone, or of one who hung up and
keeps a place in the line.

Pure. A kept place counts from when its caller came into the queue, so that nobody is overtaken by
it and nobody overtakes it. Who waits at the phone is handed out by the exchange itself: it only has
to be let.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class KeptPlace:
    """`since` when they came into the queue, `due` from when on they may be called (again)."""

    since: datetime
    id: str
    queue: str
    due: datetime


def turn(
    queues: Collection[str],
    waiting: Mapping[str, Iterable[datetime]],
    kept: Iterable[KeptPlace],
    now: datetime,
) -> KeptPlace | None:
    """Whom an agent of those queues calls now; None: nobody, or somebody at the phone came first.

    `waiting`: queue -> when those who wait there and ring nobody yet came into it.
    """
    first = min(
        (place for place in kept if place.queue in queues and place.due <= now), default=None
    )
    if first is None:
        return None
    before = (since <= first.since for queue in queues for since in waiting.get(queue, ()))
    return None if any(before) else first


def ahead(place: KeptPlace, waiting: Iterable[datetime], kept: Iterable[KeptPlace]) -> int:
    """How many of the same queue come before that place."""
    others = [each for each in kept if each.queue == place.queue and each < place]
    return len(others) + sum(since <= place.since for since in waiting)
