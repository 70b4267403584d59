"""Plans with one part changed. Pure; each returns a new plan."""

from typing import Any, Final

import msgspec

from callcenter.errors import N_, Missing
from callcenter.switchboard.plan import (
    Hours,
    Kind,
    Menu,
    Message,
    Part,
    Plan,
    Queue,
    Trunk,
    Voicemail,
    Way,
)

FIELDS: Final[dict[type[Part], str]] = {  # parts with a name -> where they are in a plan
    Trunk: "trunks",
    Hours: "hours",
    Menu: "menus",
    Message: "messages",
    Voicemail: "voicemails",
    Queue: "queues",
}
KINDS: Final[dict[Kind, type[Part]]] = {  # what a way leads to -> what is there
    Kind.QUEUE: Queue,
    Kind.MENU: Menu,
    Kind.HOURS: Hours,
    Kind.MESSAGE: Message,
    Kind.VOICEMAIL: Voicemail,
}


def part_of(plan: Plan, kind: type[Part], name: str) -> Any:
    """The part of that type with that name. Raises Missing."""
    for each in getattr(plan, FIELDS[kind]):
        if each.name == name:
            return each
    raise Missing(N_("This is not in the switchboard (any more)."))


def put(plan: Plan, part: Part) -> Plan:
    """With that part, in the place of the one of its name, else as the last."""
    field, name = FIELDS[type(part)], getattr(part, "name", "")
    parts = list(getattr(plan, field))
    place = next((i for i, each in enumerate(parts) if each.name == name), len(parts))
    parts[place : place + 1] = [part]
    return msgspec.structs.replace(plan, **{field: tuple(parts)})


def removed(plan: Plan, kind: type[Part], name: str) -> Plan:
    """Without that part. Ways that lead there are left as they are: `checks` finds them. Raises
    Missing."""
    part = part_of(plan, kind, name)
    parts = tuple(each for each in getattr(plan, FIELDS[kind]) if each is not part)
    return msgspec.structs.replace(plan, **{FIELDS[kind]: parts})


def titled(plan: Plan, way: Way) -> str | None:
    """What people call the way's end; None when nothing is there, "" for hanging up."""
    if way.kind is Kind.HANG_UP:
        return ""
    parts = getattr(plan, FIELDS[KINDS[way.kind]])
    return next((each.title for each in parts if each.name == way.name), None)


def titles(plan: Plan) -> dict[tuple[str, str], str]:
    """What people call each part, by its field of the plan and its name."""
    return {
        (field, each.name): each.title for field in FIELDS.values() for each in getattr(plan, field)
    }
