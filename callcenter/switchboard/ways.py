"""Ways between the parts of a plan: which there are, what leads where, leading elsewhere. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from callcenter.errors import N_, Invalid
from callcenter.switchboard.editing import FIELDS, KINDS, titled
from callcenter.switchboard.plan import (
    HANG_UP,
    KEYS,
    Hours,
    Kind,
    Menu,
    Number,
    Part,
    Plan,
    Queue,
    Way,
)

KIND_TITLES: Final[Mapping[Kind, str]] = {
    Kind.HOURS: N_("Opening hours"),
    Kind.MENU: N_("Menu"),
    Kind.QUEUE: N_("Queue"),
    Kind.MESSAGE: N_("Announcement"),
    Kind.VOICEMAIL: N_("Voicemail"),
    Kind.HANG_UP: N_("Hang up"),
}
ADDRESSES: Final[Mapping[str, str]] = {  # field of a plan -> where its parts are edited
    **{field: f"/switchboard/{field}" for field in (*FIELDS.values(), "numbers", "holidays")},
    **{"dialling": "/switchboard/dialling", "shown": "/switchboard/shown"},
}


@dataclass(frozen=True, slots=True)
class Leg:
    """A way out of a part. `label` is a message id: when calls take it; {key} is in `values`."""

    label: str
    values: Mapping[str, str]
    way: Way


@dataclass(frozen=True, slots=True)
class Use:
    """A part with a way to the one that is asked for: its field in the plan ("" for the plan's own
    default), what it is called there, and how people call it."""

    part: str
    name: str
    title: str
    leg: Leg


def address_of(part: str, name: str) -> str:
    """Where it is edited; of what belongs to the plan itself, the numbers' page."""
    if not part:
        return ADDRESSES["numbers"]
    return f"{ADDRESSES[part]}/{name}" if name else ADDRESSES[part]


def address_of_way(way: Way) -> str:
    """Where what it leads to is edited; "" for hanging up."""
    return address_of(FIELDS[KINDS[way.kind]], way.name) if way.kind in KINDS else ""


def legs(part: Part) -> tuple[Leg, ...]:
    """All ways out of it, in the order in which people think of them."""
    match part:
        case Number():
            return (Leg("", {}, part.way),)
        case Hours():
            return (Leg(N_("open"), {}, part.open), Leg(N_("closed"), {}, part.closed))
        case Menu():
            keys = sorted(part.keys.items(), key=lambda each: KEYS.index(each[0]))
            return (
                *(Leg(N_("key {key}"), {"key": key}, way) for key, way in keys),
                Leg(N_("otherwise"), {}, part.otherwise),
            )
        case Queue() if part.goes_on:
            return (Leg(N_("overflow"), {}, part.overflow),)
        case _:
            return ()


def parts_with_ways(plan: Plan) -> Iterator[tuple[str, str, str, Part]]:
    """(field of the plan, name there, title, part) of all that can lead somewhere."""
    for number in plan.numbers:
        yield "numbers", number.number, number.title or number.number, number
    for kind in (Hours, Menu, Queue):
        for part in getattr(plan, FIELDS[kind]):
            yield FIELDS[kind], part.name, part.title, part


def uses(plan: Plan, way: Way) -> list[Use]:
    """What leads there, the part itself left out."""
    found = [each for each in _all_uses(plan) if each.leg.way == way]
    if plan.default == way:
        found.append(Use("", "", "", Leg("", {}, way)))
    return found


def used(plan: Plan) -> set[Way]:
    """The ways to all that something leads to, the part itself left out."""
    return {plan.default, *(each.leg.way for each in _all_uses(plan))}


def _all_uses(plan: Plan) -> Iterator[Use]:
    """Without those of a part by itself, and of the plan's default."""
    for field, name, title, part in parts_with_ways(plan):
        for leg in legs(part):
            if (field, name) != (_field_of(leg.way), leg.way.name):
                yield Use(field, name, title, leg)


def led_elsewhere(plan: Plan, old: Way, new: Way) -> Plan:
    """With every way to `old` leading to `new`."""

    def turned(way: Way) -> Way:
        return new if way == old else way

    return msgspec.structs.replace(
        plan,
        numbers=tuple(_with_ways(each, turned) for each in plan.numbers),
        hours=tuple(_with_ways(each, turned) for each in plan.hours),
        menus=tuple(_with_ways(each, turned) for each in plan.menus),
        queues=tuple(_with_ways(each, turned) for each in plan.queues),
        default=turned(plan.default),
    )


def _with_ways(part: Any, turned: Callable[[Way], Way]) -> Any:
    """The part with each of its ways turned, also those it does not use at present."""
    changed: dict[str, object] = {}
    for each in msgspec.structs.fields(part):
        value = getattr(part, each.name)
        if isinstance(value, Way):
            changed[each.name] = turned(value)
        elif each.name == "keys":
            changed["keys"] = {key: turned(way) for key, way in value.items()}
    return msgspec.structs.replace(part, **changed)


def way_to(part: Part) -> Way:
    """The way that leads to a part."""
    kind = next(kind for kind, is_a in KINDS.items() if isinstance(part, is_a))
    return Way(kind=kind, name=part.name)  # type: ignore[attr-defined]  # all of KINDS have one


def _field_of(way: Way) -> str:
    return FIELDS[KINDS[way.kind]] if way.kind in KINDS else ""


# ------------------------------------------------------------------ in a form


def text_of(way: Way) -> str:
    """ "queue:sales"; "hang_up" """
    return f"{way.kind}:{way.name}" if way.name else way.kind.value


def read_way(plan: Plan, text: str, field: str) -> Way:
    """What `text_of` wrote. Raises Invalid for what is not in the plan."""
    kind, _, name = text.partition(":")
    if text == text_of(HANG_UP):
        return HANG_UP
    way = Way(kind=Kind(kind), name=name) if kind in list(KINDS) else HANG_UP
    if way == HANG_UP or titled(plan, way) is None:
        raise Invalid(N_("Choose where calls go on."), field=field)
    return way


def choices(plan: Plan) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a way can be chosen from: (message id of the kind, [(text, title)]), empty ones left
    out; hanging up is not among them."""
    found = [
        (title, [(f"{kind}:{each.name}", each.title) for each in getattr(plan, FIELDS[is_a])])
        for kind, title in KIND_TITLES.items()
        if (is_a := KINDS.get(kind))
    ]
    return [(title, parts) for title, parts in found if parts]
