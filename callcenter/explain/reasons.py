"""Why a queue asked this agent, or did not: one reason each, from what they were at that moment."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from callcenter.agents import causes
from callcenter.agents.agent import Agent
from callcenter.calls.call import Call


class Reason(StrEnum):
    ASKED = "asked"  # their phone rings for this call
    MISSED = "missed"  # it has rung for this call, and nobody answered
    DECLINED = "declined"  # and they sent it away
    NO_EXTENSION = "no_extension"  # they have no phone number
    SIGNED_OUT = "signed_out"
    PAGE_CLOSED = "page_closed"  # they never signed out: their page is closed
    TALKING = "talking"  # or called somebody
    ON_HOLD = "on_hold"  # their customer hears music: the same to a queue
    RINGING = "ringing"  # another call rings at their phone
    WRAP_UP = "wrap_up"
    BREAK = "break"
    UNREACHABLE = "unreachable"  # their page is open, the phone in it is not registered
    RESTING = "resting"  # they missed a call just now
    NOT_IN_QUEUE = "not_in_queue"  # the exchange has not put them there yet
    OWNER_FIRST = "owner_first"  # free: the customer's own agent is asked before the queue
    NOT_THEIR_TURN = "not_their_turn"  # free: the queue has asked somebody else


@dataclass(frozen=True, slots=True)
class Looks:
    """One agent of a queue at the moment it offers a call."""

    agent: Agent
    extension: str | None
    cause: str = ""  # of the state they are in (agents.causes)
    page: bool = False  # a page of theirs is open
    placed: bool = True  # they stand in the queue as they should


BUSY: Mapping[str, Reason] = {
    "talking": Reason.TALKING,
    "on_hold": Reason.ON_HOLD,
    "ringing": Reason.RINGING,
    "wrap_up": Reason.WRAP_UP,
    "break": Reason.BREAK,
}


def reason(looks: Looks, call: Call, *, queued: bool = True) -> Reason:
    """Why `call` rings at their phone, or does not. `queued` False: it has not come to its queue.

    What comes first outweighs the rest: of somebody who talks nobody asks whether a page is open.
    """
    agent, extension = looks.agent, looks.extension
    if extension is None:
        return Reason.NO_EXTENSION
    if extension in call.ringing or extension in call.talking:
        return Reason.ASKED
    if agent.state in ("talking", "on_hold", "ringing"):
        return BUSY[agent.state]
    if extension in call.declined or extension in call.missed:
        return Reason.DECLINED if extension in call.declined else Reason.MISSED
    if agent.wish == "offline":
        return Reason.PAGE_CLOSED if looks.cause == causes.PAGE else Reason.SIGNED_OUT
    if agent.state in BUSY:
        return BUSY[agent.state]
    if agent.phone == "unreachable":
        return Reason.UNREACHABLE if looks.page else Reason.PAGE_CLOSED
    if agent.resting:
        return Reason.RESTING
    if not looks.placed:
        return Reason.NOT_IN_QUEUE
    return Reason.NOT_THEIR_TURN if queued else Reason.OWNER_FIRST


class Asked(msgspec.Struct, omit_defaults=True, rename={"because": "w", "breaks": "b"}):
    """Everybody of a queue: the ids of agents by reason; and of those on a break, which one."""

    because: dict[str, list[int]] = msgspec.field(default_factory=dict)
    breaks: dict[int, str] = msgspec.field(default_factory=dict)

    @property
    def asked(self) -> list[int]:
        return self.because.get(Reason.ASKED, [])

    def of(self, user_id: int) -> Reason | None:
        """Theirs; None: they are not of that queue."""
        return next((Reason(why) for why, ids in self.because.items() if user_id in ids), None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is needed to work the reasons out later: copies, which cost microseconds."""

    call: Call
    members: Callable[[], Iterable[tuple[int, str | None]]]  # (user id, extension) of its queue
    agents: Mapping[int, Agent]
    causes: Mapping[int, str]
    pages: frozenset[int]
    on_their_way: frozenset[int] = frozenset()
    queued: bool = True

    def told(self) -> Asked:
        found = Asked()
        for user_id, extension in self.members():
            agent = self.agents.get(user_id) or Agent(user_id=user_id)
            looks = Looks(
                agent,
                extension,
                self.causes.get(user_id, ""),
                user_id in self.pages,
                user_id not in self.on_their_way,
            )
            why = reason(looks, self.call, queued=self.queued)
            found.because.setdefault(why.value, []).append(user_id)
            if why is Reason.BREAK:
                found.breaks[user_id] = agent.reason
        return found


def asked_of(more: str) -> Asked:
    """As it was written; what cannot be read is empty."""
    try:
        return msgspec.json.decode(more, type=Asked)
    except msgspec.DecodeError:
        return Asked()
