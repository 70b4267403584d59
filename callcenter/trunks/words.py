"""How a trunk is, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.errors import N_
from callcenter.switchboard.plan import Plan, Trunk
from callcenter.trunks.watch import Condition

STATES: Final[Mapping[str, tuple[str, str]]] = {  # words, colour of the dot
    "registered": (N_("Signed in at the provider"), "k-ok"),
    "reachable": (N_("Answers"), "k-ok"),
    "starting": (N_("Being asked …"), "k-2"),
    "refused": (N_("Refuses us"), "k-bad"),
    "silent": (N_("Does not answer"), "k-bad"),
    "absent": (N_("Not in the exchange yet"), "k-0"),
    "off": (N_("Off"), "k-0"),
    "built_in": (N_("Brought by the installation"), "k-ok"),
    "unknown": (N_("Not known"), "k-0"),
}
BUILT_IN, UNKNOWN = "built_in", "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """A trunk of the list. `is_live`: the exchange has it as it stands here; `state` is of what the
    exchange has."""

    trunk: Trunk
    state: str
    condition: Condition | None
    is_live: bool

    @property
    def words(self) -> tuple[str, str]:
        return STATES[self.state]


def rows_of(
    plan: Plan, live: Plan, conditions: Mapping[str, Condition], *, ours: bool
) -> list[Row]:
    """In the plan's order. `ours`: the exchange is, so that its state is known."""
    there = {each.name: each for each in live.trunks}
    return [
        Row(
            each,
            *_state(each, there.get(each.name), conditions, ours),
            each == there.get(each.name),
        )
        for each in plan.trunks
    ]


def _state(
    trunk: Trunk, there: Trunk | None, conditions: Mapping[str, Condition], ours: bool
) -> tuple[str, Condition | None]:
    condition = conditions.get(trunk.name)
    if there is None:
        return "absent", None
    if not there.is_on:
        return "off", None
    if not there.host:
        return BUILT_IN, None
    if condition:
        return condition.kind, condition
    return ("starting" if ours else UNKNOWN), None
