"""One agent: what they want, what their phone and their calls do, and what follows (pure)."""

from dataclasses import dataclass, field, replace
from typing import Literal

from callcenter.calls.call import Call, State

Wish = Literal["offline", "ready", "break"]
Phone = Literal["reachable", "unreachable", "in_use", "ringing"]
# What they have to do with a call; whoever listens in is no part of it, and busy all the same.
Part = Literal["ringing", "talking", "held", "placed", "listening", "ended"]
AgentStateName = Literal[
    "offline", "ready", "unreachable", "break", "ringing", "talking", "on_hold", "wrap_up"
]
# Reasons of breaks that nobody chooses: whoever left calls unanswered is put on one.
MISSED, DECLINED = "missed", "declined"
# Of pauses, as the exchange has it.
IN_CALL, WRAP_UP, RESTING, CALLS_BACK = "in call", "wrap-up", "missed call", "callback"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent stands at the exchange."""

    extension: str  # the endpoint of the phone that is rung
    queues: frozenset[str]
    paused: bool
    reason: str

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """(queue, extension), one a queue."""
        return {(queue, self.extension) for queue in self.queues}


@dataclass(frozen=True, slots=True)
class Booked:
    """A wish for when the call is over; `reason` is that of a break."""

    wish: Wish
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rings:
    """Calls of queues that rang in vain, one after the other."""

    missed: int = 0
    declined: int = 0

    @property
    def n(self) -> int:
        return self.missed + self.declined


NO_RINGS = Rings()


def part_in(call: Call, extension: str) -> Part:
    """What `extension` has to do with `call` now."""
    if call.state is State.ENDED:
        return "ended"
    if extension in call.talking or call.waits_for == extension:
        asks = call.consult is not None and call.consult.talking  # or is asked: they talk
        return "held" if call.state is State.HELD and not asks else "talking"
    if call.placed_by == extension and not call.agents:
        return "placed"
    if extension in call.heard_by:
        return "listening"
    return "ringing" if extension in call.ringing else "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Everything that is shown or told to the exchange follows from these few facts."""

    user_id: int
    wish: Wish = "offline"
    reason: str = ""  # of a break
    booked: Booked | None = None  # wished in a call, for afterwards
    phone: Phone = "unreachable"
    calls: dict[str, Part] = field(default_factory=dict)  # alive, by call_id
    wrap_up: Call | None = None  # ended, and its note is not finished
    rings: Rings = NO_RINGS
    resting: bool = False  # a ring was missed just now: the next one is for somebody else

    @property
    def state(self) -> AgentStateName:
        parts = self.calls.values()
        if "talking" in parts or "placed" in parts or "listening" in parts:
            return "talking"
        if "held" in parts:
            return "on_hold"
        if "ringing" in parts:
            return "ringing"
        if self.wrap_up:
            return "wrap_up"
        if self.wish == "ready" and self.phone == "unreachable":
            return "unreachable"
        return self.wish

    @property
    def shown_reason(self) -> str:
        """Of the break they are on; in a call there is none."""
        return self.reason if self.state == "break" else ""

    def place(
        self, extension: str | None, queues: frozenset[str], calls_back: bool = False
    ) -> Place | None:
        """Where the agent should stand in `queues`; None: nowhere. `calls_back`: they are about to
        call somebody who keeps a place in a queue."""
        if self.wish == "offline" or not extension or not queues:
            return None
        if self.state in ("talking", "on_hold"):
            return Place(extension, queues, True, IN_CALL)
        if self.wrap_up:
            return Place(extension, queues, True, WRAP_UP)
        if self.wish == "break":
            return Place(extension, queues, True, self.reason)
        if self.resting and not self.calls:
            return Place(extension, queues, True, RESTING)
        return Place(extension, queues, calls_back, CALLS_BACK if calls_back else "")

    def wanting(self, wish: Wish, reason: str) -> "Agent":
        """A wish is the agent's own word, so it also ends the wrap-up. In a call it is booked.

        Wishing in a call for what one is takes the booking back.
        """
        reason = reason if wish == "break" else ""
        fresh = replace(self, wrap_up=None, rings=NO_RINGS, resting=False)
        if not self.calls:
            return replace(fresh, wish=wish, reason=reason, booked=None)
        same = (wish, reason) == (self.wish, self.reason)
        return replace(fresh, booked=None if same else Booked(wish, reason))

    def put(self, wish: Wish, reason: str = "") -> "Agent":
        """The wish is changed for them, at once and also in a call; the wrap-up stays."""
        fresh = replace(self, rings=NO_RINGS, resting=False)
        return replace(fresh, wish=wish, reason=reason, booked=None)

    def finished(self) -> "Agent":
        """The wrap-up is over by itself: what was booked begins."""
        return replace(self, wrap_up=None)._unbooked()

    def after(self, call: Call, extension: str) -> "Agent":
        """The agent once `call` stands as it does; a conversation that ends leaves a wrap-up."""
        part = part_in(call, extension)
        others = {call_id: p for call_id, p in self.calls.items() if call_id != call.call_id}
        if part != "ended":
            answered = part in ("talking", "held")
            rings, resting = (NO_RINGS, False) if answered else (self.rings, self.resting)
            calls = others | {call.call_id: part}
            return replace(self, calls=calls, rings=rings, resting=resting)
        if call.call_id in self.calls and extension in call.agents:
            return replace(self, calls=others, wrap_up=call)._unbooked()
        if self.wrap_up and self.wrap_up.call_id == call.call_id:
            return replace(self, calls=others, wrap_up=call)._unbooked()  # the others' end
        return replace(self, calls=others)._unbooked()

    def with_calls(self, calls: dict[str, Part]) -> "Agent":
        """The same agent, whose calls are those."""
        return replace(self, calls=calls)._unbooked()

    def unanswered(self, missed: int, declined: int, most: int) -> "Agent":
        """Calls of a queue rang in vain. After `most` in a row (0: never) it is a break.

        Before that the agent rests for a moment, so that somebody else is asked next.
        """
        rings = Rings(self.rings.missed + missed, self.rings.declined + declined)
        agent = replace(self, rings=rings, resting=True)
        if most and rings.n >= most and self.wish == "ready" and self.booked is None:
            reason = MISSED if rings.missed else DECLINED
            return replace(agent, wish="break", reason=reason, resting=False)
        return agent

    def _unbooked(self) -> "Agent":
        if self.booked is None or self.calls or self.wrap_up:
            return self
        return replace(self, wish=self.booked.wish, reason=self.booked.reason, booked=None)


def one_line(text: str) -> str:
    """A reason as it may stand in a queue: one line, at most 100 letters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:100]
