"""One agent: what they want, what their phone and their calls do, and what follows (pure)."""

from dataclasses import dataclass, field, replace
from typing import Literal

from callcenter.calls.call import Call, State

Wish = Literal["offline", "ready", "break"]
Phone = Literal["reachable", "unreachable", "in_use", "ringing"]
Part = Literal["ringing", "talking", "placed", "ended"]  # what an agent has to do with a call
AgentStateName = Literal[
    "offline", "ready", "unreachable", "break", "ringing", "talking", "wrap_up"
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent stands at the exchange."""

    extension: str
    queues: frozenset[str]
    paused: bool
    reason: str

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """(queue, extension), one a queue."""
        return {(queue, self.extension) for queue in self.queues}


def part_in(call: Call, extension: str) -> Part:
    """What `extension` has to do with `call` now."""
    if call.state is State.ENDED:
        return "ended"
    if extension in call.talking or call.waits_for == extension:
        return "talking"
    if call.placed_by == extension and not call.agents:
        return "placed"
    return "ringing" if extension in call.ringing else "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Everything that is shown or told to the exchange follows from these few facts."""

    user_id: int
    wish: Wish = "offline"
    reason: str = ""  # of a break
    phone: Phone = "unreachable"
    calls: dict[str, Part] = field(default_factory=dict)  # alive, by call_id
    wrap_up: Call | None = None  # ended, and its note is not finished

    @property
    def state(self) -> AgentStateName:
        parts = self.calls.values()
        if "talking" in parts or "placed" in parts:
            return "talking"
        if "ringing" in parts:
            return "ringing"
        if self.wrap_up:
            return "wrap_up"
        if self.wish == "ready" and self.phone == "unreachable":
            return "unreachable"
        return self.wish

    def place(self, extension: str | None, queues: frozenset[str]) -> Place | None:
        """Where the agent should stand in `queues`; None: nowhere."""
        if self.wish == "offline" or not extension or not queues:
            return None
        if self.state == "talking":
            return Place(extension, queues, True, "in call")
        if self.wrap_up:
            return Place(extension, queues, True, "wrap-up")
        if self.wish == "break":
            return Place(extension, queues, True, self.reason)
        return Place(extension, queues, False, "")

    def wanting(self, wish: Wish, reason: str) -> "Agent":
        """A wish is the agent's own word, so it also ends the wrap-up."""
        return replace(self, wish=wish, reason=reason if wish == "break" else "", wrap_up=None)

    def after(self, call: Call, extension: str) -> "Agent":
        """The agent once `call` stands as it does; a conversation that ends leaves a wrap-up."""
        part = part_in(call, extension)
        others = {call_id: p for call_id, p in self.calls.items() if call_id != call.call_id}
        if part != "ended":
            return replace(self, calls=others | {call.call_id: part})
        if call.call_id in self.calls and extension in call.agents:
            return replace(self, calls=others, wrap_up=call)
        return replace(self, calls=others)


def one_line(text: str) -> str:
    """A reason as it may stand in a queue: one line, at most 100 letters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:100]
