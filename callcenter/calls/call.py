"""A call as everybody else sees it: one conversation, whatever channels it is made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class State(StrEnum):
    WAITING = "waiting"  # inbound, and no agent's phone rings
    RINGING = "ringing"  # inbound, internal or handed over, and at least one agent's phone rings
    CALLING_AGENT = "calling_agent"  # outbound: the agent's own phone is called first
    CALLING = "calling"  # outbound: the customer is called, nothing heard from there yet
    REMOTE_RINGING = "remote_ringing"  # outbound: the customer's phone rings
    TALKING = "talking"
    HELD = "held"  # the customer hears music, or waits while he is handed over
    ENDED = "ended"


class Result(StrEnum):
    ANSWERED = "answered"
    ABANDONED = "abandoned"  # inbound, left before an agent answered
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"  # wrong number, no route, congestion
    CANCELLED = "cancelled"  # we gave up while the customer's phone was called
    FAILED = "failed"  # the agent's own phone did not answer or was not there


EndedBy = Literal["customer", "agent", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    kind: Literal["blind", "attended"]
    source: str  # extension
    target: str  # extension or number


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult:
    """An agent asks somebody while the customer waits."""

    by: str  # extension
    target: str  # extension or number
    talking: bool  # False: the target's phone is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station of a call's journey. `until` None: it has no length, or still goes on.

    arrived: `what` is the number of ours that was called.
    queue: `what` its name; `how` answered, left (the caller hung up) or on (it went on elsewhere).
    rang: `what` an extension; `how` answered, no_answer, declined, unreachable, elsewhere (somebody
    else took it), stopped (the caller was gone, or taken away), "" while it rings.
    called: `what` a number outside; `how` answered, or "" where the call's result says it.
    talked: `what` an extension or a number; `how` blind or attended when it was handed over to it.
    held: the customer heard music. waits: for `what`, whose phone was lost, to come back.
    ended: `how` customer, agent, system or "" (nobody knows).
    Any other kind is the dialplan's own word (events.HopPassed), `what` which of them.
    """

    kind: str
    at: datetime
    until: datetime | None = None
    what: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Times are UTC, lengths are seconds with a fraction, agents are extensions ("201")."""

    call_id: str
    direction: Direction
    started_at: datetime
    state: State
    number: str | None = None  # the customer's digits as they stand there; None: withheld
    caller_name: str = ""  # as the exchange heard it: anything at all, control characters removed
    did: str | None = None  # the number of ours that was called
    queue: str | None = None
    ringing: frozenset[str] = frozenset()  # whose phones ring
    placed_by: str | None = None  # outbound: the extension that calls
    talking: frozenset[str] = frozenset()  # who takes part now: with the customer, or consulted
    heard_by: frozenset[str] = frozenset()  # team leads who listen in
    agents: tuple[str, ...] = ()  # who has been connected with the customer; the last one has it
    rung: tuple[str, ...] = ()  # whose phones have rung, in order
    missed: tuple[str, ...] = ()  # whose phones rang for a queue, or before it, in vain
    declined: tuple[str, ...] = ()  # and who sent a queue's call away, each time
    automatic: bool = False  # an automatic call, without an agent
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: Result | None = None  # known at the end
    cause: int | None = None  # Q.850, of the customer's leg; if it was never called, of the agent's
    waited_s: float = 0.0
    talked_s: float = 0.0  # the customer with an agent, both able to speak: without held_s
    held_s: float = 0.0  # the customer on hold, after having talked
    ended_by: EndedBy | None = None
    transfers: tuple[Transfer, ...] = ()
    digits: str = ""
    recordings: tuple[str, ...] = ()
    paused: bool = False  # nothing of it is recorded at the moment
    pauses: tuple[tuple[float, float], ...] = ()  # from, to: seconds of the recording
    consult: Consult | None = None
    conference: bool = False  # the customer talks with two or more
    journey: tuple[Step, ...] = ()  # known at the end; while it lasts Board.journey tells it
    waits_for: str | None = None  # the extension whose phone was lost, or is called back

    @property
    def extensions(self) -> frozenset[str]:
        """Whoever should see this call on a screen now."""
        own = {self.waits_for} if self.waits_for else set()
        if self.placed_by and self.state is not State.ENDED and not self.agents:
            own.add(self.placed_by)
        return self.ringing | self.talking | self.heard_by | own
