"""Why a queue asked this agent, or did not: one reason each, from what they were at that moment."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
    NOT_THEIR_TURN = "not_their_turn"  # free: the queue has asked somebody else


@dataclass(frozen=True, slots=True)
class Looks:
    """One agent of a queue at the moment it offers a call."""

    agent: Agent
    extension: str | None
    cause: str = ""  # of the state they are in (agents.causes)
    page: bool = False  # a page of theirs is open


BUSY: Mapping[str, Reason] = {
    "talking": Reason.TALKING,
    "on_hold": Reason.ON_HOLD,
    "ringing": Reason.RINGING,
    "wrap_up": Reason.WRAP_UP,
    "break": Reason.BREAK,
}

IN_CALLS = (Reason.TALKING, Reason.ON_HOLD, Reason.RINGING)


def standing(looks: Looks) -> Reason:
    """Why no call would ring at their phone now, whichever it is; NOT_THEIR_TURN: one may.

    What comes first outweighs the rest: of somebody who talks nobody asks whether a page is open.
    """
    agent = looks.agent
    state = agent.state
    if looks.extension is None:
        return Reason.NO_EXTENSION
    if state in ("talking", "on_hold", "ringing"):
        return BUSY[state]
    if agent.wish == "offline":
        return Reason.PAGE_CLOSED if looks.cause == causes.PAGE else Reason.SIGNED_OUT
    if state in BUSY:
        return BUSY[state]
    if agent.phone == "unreachable":
        return Reason.UNREACHABLE if looks.page else Reason.PAGE_CLOSED
    return Reason.RESTING if agent.resting else Reason.NOT_THEIR_TURN


def reason(known: Reason, extension: str | None, call: Call, *, placed: bool = True) -> Reason:
    """Why `call` rings at the phone of somebody of whom `standing` is known, or does not.

    `placed`: they stand in the queue as they should.
    """
    if extension is None:
        return Reason.NO_EXTENSION
    if extension in call.ringing or extension in call.talking:
        return Reason.ASKED
    if known in IN_CALLS:
        return known
    if extension in call.declined or extension in call.missed:
        return Reason.DECLINED if extension in call.declined else Reason.MISSED
    return Reason.NOT_IN_QUEUE if known is Reason.NOT_THEIR_TURN and not placed else known


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
    """What is needed to work the reasons out later: a copy, which costs microseconds."""

    call: Call
    members: Callable[[], Iterable[tuple[int, str | None]]]  # (user id, extension) of its queue
    standings: Mapping[int, Reason]  # by user id
    on_their_way: frozenset[int] = frozenset()  # not yet where they should be
    breaks: Mapping[int, str] = field(default_factory=dict)  # which one, of those who are on one

    def told(self) -> Asked:
        call, late, found = self.call, self.on_their_way, defaultdict[Reason, list[int]](list)
        touched = call.ringing | call.talking | {*call.missed, *call.declined}
        for user_id, extension in self.members():  # of a thousand hardly any has to be looked at
            why = self.standings.get(user_id, Reason.SIGNED_OUT)
            if extension is None or extension in touched or user_id in late:
                why = reason(why, extension, call, placed=user_id not in late)
            found[why].append(user_id)
        away = found.get(Reason.BREAK, ())
        return Asked(
            because={why.value: ids for why, ids in found.items()},
            breaks={each: self.breaks[each] for each in away if each in self.breaks},
        )


def asked_of(more: str) -> Asked:
    """As it was written; what cannot be read is empty."""
    try:
        return msgspec.json.decode(more, type=Asked)
    except msgspec.DecodeError:
        return Asked()
