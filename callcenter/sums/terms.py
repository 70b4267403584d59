"""What is worked out from sums. The definitions are in this room's `__init__`."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from callcenter.calls.counting import ADDED, LONGEST

KeyValue = date | int | str


class Sum(NamedTuple):
    """Calls and seconds of what `key` says: a value for each key that was asked, in that order.

    day, week (its Monday), month (its first): dates; hour 0 to 23; weekday 0 (Monday) to 6; user,
    department: ids, 0 for none; queue, did: "" for none; direction, result: words of calls.call.
    """

    key: tuple[KeyValue, ...] = ()
    calls: int = 0
    answered: int = 0
    offered: int = 0
    offered_answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_short: int = 0
    waited_s: float = 0.0
    waited_answered_s: float = 0.0
    waited_abandoned_s: float = 0.0
    talked_s: float = 0.0
    held_s: float = 0.0
    wrapped_s: float = 0.0
    longest_wait_s: float = 0.0

    @property
    def handled_s(self) -> float:
        return self.talked_s + self.held_s + self.wrapped_s


def total(sums: Iterable[Sum], key: tuple[KeyValue, ...] = ()) -> Sum:
    """Of all together, under that key."""
    figures: dict[str, Any] = dict.fromkeys((*ADDED, LONGEST), 0)
    for each in sums:
        for name in ADDED:
            figures[name] += getattr(each, name)
        figures[LONGEST] = max(figures[LONGEST], each.longest_wait_s)
    return Sum(key=key, **figures)


def service_level(of: Sum) -> float | None:
    return _share(of.answered_in_time, of.offered - of.abandoned_short)


def answer_rate(of: Sum) -> float | None:
    return _share(of.answered, of.calls)


def average_speed_of_answer(of: Sum) -> float | None:
    """Seconds."""
    return _share(of.waited_answered_s, of.offered_answered)


def average_talk(of: Sum) -> float | None:
    """Seconds an answered call."""
    return _share(of.talked_s, of.answered)


def handling_time(of: Sum) -> float | None:
    """Seconds an answered call."""
    return _share(of.handled_s, of.answered)


def abandonment(of: Sum) -> float | None:
    return _share(of.abandoned - of.abandoned_short, of.offered - of.abandoned_short)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
