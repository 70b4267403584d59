"""The way that one call takes through a plan. Pure; the exchange's files (dialplan/switchboard) do
the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callcenter.errors import Missing
from callcenter.switchboard.editing import FIELDS, KINDS, part_of
from callcenter.switchboard.plan import Hours, Kind, Menu, Part, Plan, Way
from callcenter.switchboard.times import is_open
from callcenter.switchboard.ways import Leg, legs

MOST_HOPS: Final = 50  # parts that a call comes by before it is ended


@dataclass(frozen=True, slots=True)
class Hop:
    """A part that a call comes by (its field of the plan, "" for the plan's own default; its name
    there), and by which of its legs it goes on: None where it stays, or ends."""

    part: str
    name: str
    leg: int | None


@dataclass(frozen=True, slots=True)
class Walk:
    """`end` is where the call stays (a queue, a message, a voicemail) or hangs up; None when the
    parts lead to each other without end. `lacking`: a way led to what is not there, so that the
    call took the default one."""

    hops: tuple[Hop, ...]
    end: Way | None
    lacking: bool = False


def walk(plan: Plan, number: str, at: datetime, keys: str = "") -> Walk:
    """What becomes of a call to `number` at that moment of the company's zone, when the caller
    presses `keys`, one after the other, as soon as a menu wants one, and then nothing more."""
    pressed, lacking = iter(keys), False
    hops: list[Hop] = []
    known = next((each for each in plan.numbers if each.number == number), None)
    hops.append(Hop("numbers", number, 0) if known else Hop("", "", 0))
    way = known.way if known else plan.default
    for _ in range(MOST_HOPS):
        if way.kind is Kind.HANG_UP:
            return Walk(tuple(hops), way, lacking)
        field = FIELDS[KINDS[way.kind]]
        try:
            part: Part = part_of(plan, KINDS[way.kind], way.name)
        except Missing:
            hops.append(Hop("", "", 0))
            way, lacking = plan.default, True
            continue
        leg = _leg(plan, part, at, pressed)
        hops.append(Hop(field, way.name, leg))
        if leg is None:
            return Walk(tuple(hops), way, lacking)
        way = legs(part)[leg].way
    return Walk(tuple(hops), None, lacking)


def _leg(plan: Plan, part: Part, at: datetime, keys: Iterator[str]) -> int | None:
    """By which of the part's legs the call goes on; None when it stays."""
    match part:
        case Hours():
            return 0 if is_open(plan, part, at) else 1
        case Menu():
            ways = legs(part)
            for _ in range(part.tries):
                key = next(keys, None)
                if key is not None and key in part.keys:
                    return next(i for i, each in enumerate(ways) if _is_key(each, key))
            return len(ways) - 1
        case _:
            return None  # somebody answers there, or it is the end


def _is_key(leg: Leg, key: str) -> bool:
    return leg.values.get("key") == key
