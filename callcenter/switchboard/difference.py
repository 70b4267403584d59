"""What one plan has that another has not, part by part and field by field, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callcenter.switchboard.plan import Plan


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # trunks alone have an order that matters


@dataclass(frozen=True, slots=True)
class Phrase:
    """A value in words. In a page: `_(phrase.sentence, **phrase.values)`."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)


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


def differences(before: Plan, after: Plan) -> list[Change]:
    """What was done to make `after` out of `before`, in the plan's order."""
    return []
