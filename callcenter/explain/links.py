"""A link of the chain, and how links are put in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Group:
    """People for whom one reason holds: `names` of those who may be seen, and how many others."""

    why: str  # a message id
    names: tuple[str, ...] = ()
    others: int = 0
    asked: bool = False

    @property
    def count(self) -> int:
        return len(self.names) + self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One hop in words. `text` and `detail` are message ids with `values`.

    `gap_s` is the time since the link before; `rank` orders those of one moment.
    """

    at: datetime
    text: str
    values: Values = field(default_factory=dict)
    detail: str = ""
    icon: str = "info"
    kind: str = ""  # "ok", "warn", "bad" (here it broke) or ""
    groups: tuple[Group, ...] = ()
    call_id: str = ""  # where a line is about another call
    gap_s: float | None = None
    rank: int = 5


def in_order(links: Sequence[Link]) -> list[Link]:
    """By time; each knows how long after the one before it came."""
    found: list[Link] = []
    for link in sorted(links, key=lambda each: (each.at, each.rank)):
        gap = (link.at - found[-1].at).total_seconds() if found else None
        found.append(replace(link, gap_s=gap))
    return found
