"""What one plan has that another has not, part by part and field by field, in words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from callcenter.switchboard.labels import (
    LABELS,
    NO_NAMES,
    PARTS,
    Names,
    Phrase,
    in_words,
    the_way,
)
from callcenter.switchboard.plan import Menu, Part, Plan, Way


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # trunks alone have an order that matters


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`part` is the field of the plan it is in ("queues"; "" for the plan's own), `name` what it is
    called there, `title` what people call it. CHANGED: `label` is the message id of what the field
    is called, `old` and `new` what it says (a password's is never told)."""

    what: What
    part: str
    name: str = ""
    title: str = ""
    field: str = ""
    label: str = ""
    old: Phrase | None = None
    new: Phrase | None = None


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two plans, and how that is called which is not in them: for values in words."""

    before: Plan
    after: Plan
    names: Names


def differences(before: Plan, after: Plan, names: Names = NO_NAMES) -> list[Change]:
    """What was done to make `after` out of `before`, in the plan's order."""
    sides = _Sides(before, after, names)
    found = list(_fields("", "", "", before, after, sides, only=("default", "caller_id")))
    for part in PARTS:
        old, new = _by_name(part, before, after), _by_name(part, after, before)
        for name, each in new.items():
            if name not in old:
                found.append(Change(what=What.ADDED, part=part, name=name, title=title_of(each)))
            elif each != old[name]:
                found += _fields(part, name, title_of(each), old[name], each, sides)
        for name, each in old.items():
            if name not in new:
                found.append(Change(what=What.REMOVED, part=part, name=name, title=title_of(each)))
        if part == "trunks":
            found += _moved(before, after)
    return found


def taken_back(before: Plan, after: Plan, part: str, name: str) -> Plan:
    """`after` without what was done to that part since `before`; a trunk that moved takes the order
    of all with it. What is not different stays as it is."""
    if not part:
        return msgspec.structs.replace(after, default=before.default, caller_id=before.caller_id)
    moved = part == "trunks" and any(each.name == name for each in _moved(before, after))
    old = _by_name(part, before, after).get(name)
    new = _by_name(part, after, before).get(name)
    parts, order = list(getattr(after, part)), list(getattr(before, part))
    if new is not None:
        place = parts.index(new)
        parts[place : place + 1] = [] if old is None else [old]
    elif old is not None:
        names = [PARTS[part](each) for each in parts]
        above = [PARTS[part](each) for each in order[: order.index(old)]]
        places = [names.index(each) + 1 for each in above if each in names]
        parts.insert(places[-1] if places else 0, old)
    if moved:
        known = {each.name: place for place, each in enumerate(order)}
        parts.sort(key=lambda each: known.get(each.name, len(known)))
    return msgspec.structs.replace(after, **{part: tuple(parts)})


def _by_name(part: str, plan: Plan, other: Plan) -> dict[str, Any]:
    """What the plan has there, by name. A holiday has but a title, as others may: those that
    the other plan has, too, are left out, and the rest is told apart by counting."""
    parts, name_of = getattr(plan, part), PARTS[part]
    if part != "holidays":
        return {name_of(each): each for each in parts}
    found: dict[str, Any] = {}
    for each in parts:
        if each not in getattr(other, part):
            name = name_of(each)
            found[f"{name} {len(found)}" if name in found else name] = each
    return found


def title_of(part: Any) -> str:
    """What people call it: a number without a title by its digits."""
    title: str = getattr(part, "title", "")
    return title or str(getattr(part, "number", "")) or str(getattr(part, "prefix", ""))


def _fields(
    part: str,
    name: str,
    title: str,
    old: Part,
    new: Part,
    sides: _Sides,
    only: Sequence[str] = (),
) -> Iterator[Change]:
    for each in msgspec.structs.fields(new):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if before == after or (only and each.name not in only):
            continue
        change = Change(what=What.CHANGED, part=part, name=name, title=title, field=each.name)
        if isinstance(new, Menu) and each.name == "keys":
            yield from _keys(change, before, after, sides)
            continue
        yield replace(
            change,
            label=LABELS[type(new), each.name],
            old=in_words(each.name, before, sides.before, sides.names),
            new=in_words(each.name, after, sides.after, sides.names),
        )


def _keys(
    change: Change, old: Mapping[str, Way], new: Mapping[str, Way], sides: _Sides
) -> Iterator[Change]:
    """Each key of a menu that leads elsewhere now."""
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            before = the_way(old[key], sides.before, key) if key in old else None
            after = the_way(new[key], sides.after, key) if key in new else None
            yield replace(change, label=LABELS[Menu, "keys"], old=before, new=after)


def _moved(before: Plan, after: Plan) -> list[Change]:
    """Trunks that are tried sooner or later than before, beside those that came and went."""
    both = {each.name for each in before.trunks} & {each.name for each in after.trunks}
    old = [each.name for each in before.trunks if each.name in both]
    new = [each for each in after.trunks if each.name in both]
    return [
        Change(what=What.MOVED, part="trunks", name=each.name, title=each.title)
        for place, each in enumerate(new)
        if old[place] != each.name
    ]
