"""Sums of an agent's time (pure), which can be added and taken from each other."""

from typing import NamedTuple

import msgspec

# What an agent who is signed in may be doing, in the order they are shown; the rest is offline.
STATES = ("ready", "ringing", "talking", "on_hold", "wrap_up", "break", "unreachable")


class BreakSum(NamedTuple):
    """Breaks of one reason: how many, how long, how many took longer than they may, by how much."""

    times: int = 0
    ms: int = 0
    over: int = 0
    over_ms: int = 0

    def plus(self, other: "BreakSum") -> "BreakSum":
        return BreakSum(*(one + two for one, two in zip(self, other, strict=True)))

    def less(self, other: "BreakSum") -> "BreakSum":
        return BreakSum(*(one - two for one, two in zip(self, other, strict=True)))


class Totals(msgspec.Struct, frozen=True):
    """`states` are milliseconds by state, `breaks` by reason; rings are those that were in vain."""

    states: dict[str, int] = {}
    breaks: dict[str, BreakSum] = {}
    missed: int = 0
    declined: int = 0

    def plus(self, other: "Totals") -> "Totals":
        names = self.states.keys() | other.states.keys()
        reasons = self.breaks.keys() | other.breaks.keys()
        return Totals(
            states={each: self.of(each) + other.of(each) for each in names},
            breaks={each: self.on(each).plus(other.on(each)) for each in reasons},
            missed=self.missed + other.missed,
            declined=self.declined + other.declined,
        )

    def less(self, other: "Totals") -> "Totals":
        """What was added after `other`; what has become nothing is left out."""
        states = {each: ms - other.of(each) for each, ms in self.states.items()}
        breaks = {each: found.less(other.on(each)) for each, found in self.breaks.items()}
        return Totals(
            states={each: ms for each, ms in states.items() if ms},
            breaks={each: found for each, found in breaks.items() if any(found)},
            missed=self.missed - other.missed,
            declined=self.declined - other.declined,
        )

    def of(self, state: str) -> int:
        return self.states.get(state, 0)

    def on(self, reason: str) -> BreakSum:
        return self.breaks.get(reason, BreakSum())

    @property
    def signed_in(self) -> int:
        """Milliseconds in any state but offline: these are all there are."""
        return sum(self.states.values())

    @property
    def all_breaks(self) -> BreakSum:
        found = BreakSum()
        for each in self.breaks.values():
            found = found.plus(each)
        return found


NOTHING = Totals()
