"""What became of a call, in words, with an icon and a colour: the same on every page."""

from dataclasses import dataclass

from callcenter.calls.call import Direction, Result, State
from callcenter.calls.models import CallRecord
from callcenter.errors import N_


@dataclass(frozen=True, slots=True)
class Words:
    """`text` is a message id; `kind` one of "ok", "warn", "bad", "acc", ""."""

    text: str
    icon: str
    kind: str = ""


DIRECTIONS = {
    Direction.INBOUND: Words(N_("Incoming"), "phone-in"),
    Direction.OUTBOUND: Words(N_("Outgoing"), "phone-out"),
    Direction.INTERNAL: Words(N_("Internal"), "transfer"),
}
STATES = {
    State.WAITING: Words(N_("Waiting"), "clock", "warn"),
    State.RINGING: Words(N_("Ringing"), "phone-in", "acc"),
    State.CALLING_AGENT: Words(N_("Calling"), "phone-out", "acc"),
    State.CALLING: Words(N_("Calling"), "phone-out", "acc"),
    State.REMOTE_RINGING: Words(N_("Ringing"), "phone-out", "acc"),
    State.TALKING: Words(N_("Talking"), "phone", "ok"),
    State.HELD: Words(N_("On hold"), "pause", "warn"),
    State.ENDED: Words(N_("Ended"), "check"),
}
RESULTS = {
    Result.ANSWERED: Words(N_("Answered"), "check", "ok"),
    Result.ABANDONED: Words(N_("Missed"), "phone-missed", "bad"),
    Result.BUSY: Words(N_("Busy"), "alert", "warn"),
    Result.NO_ANSWER: Words(N_("No answer"), "phone-missed"),
    Result.REJECTED: Words(N_("Declined"), "x", "warn"),
    Result.UNREACHABLE: Words(N_("Not reachable"), "link-off", "warn"),
    Result.CANCELLED: Words(N_("Cancelled"), "x"),
    Result.FAILED: Words(N_("Own phone did not answer"), "headset", "warn"),
}
MISSED = RESULTS[Result.ABANDONED]
CAUSES = {  # of Q.850, as exchanges tell them
    1: N_("There is no such number"),
    16: N_("Ended normally"),
    17: N_("The line was busy"),
    18: N_("The phone did not respond"),
    19: N_("It rang, nobody answered"),
    20: N_("The phone was switched off or out of reach"),
    21: N_("The call was declined"),
    22: N_("The number has changed"),
    27: N_("The line was out of order"),
    28: N_("The number was incomplete"),
    31: N_("Ended without a reason"),
    34: N_("No line was free"),
    38: N_("The network was out of order"),
    41: N_("The network failed for a moment"),
    42: N_("The network was congested"),
    58: N_("The phones had no sound format in common"),
    102: N_("The network did not respond in time"),
}
OTHER_CAUSE = N_("Another reason")
ENDED_BY = {
    "customer": N_("the customer hung up"),
    "agent": N_("the agent hung up"),
    "system": N_("ended by the system"),
}

NOBODY_KNOWS = N_("nobody knows who hung up")  # the exchange, or we, were away at that moment


def became(record: CallRecord) -> Words:
    """How a call stands, or how it ended."""
    if record.ended_at is None:
        return STATES[State(record.state)]
    if record.direction == Direction.INBOUND and record.result != Result.ANSWERED:
        return MISSED
    return RESULTS[Result(record.result)] if record.result else STATES[State.ENDED]


def cause_of(record: CallRecord) -> str:
    """Why the network says it ended, as a message id; "" when it says nothing."""
    return CAUSES.get(record.cause, OTHER_CAUSE) if record.cause else ""
