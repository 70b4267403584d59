"""How a call ended: with what result, and by whom."""

from .call import Direction, EndedBy, Result
from .conversation import Conversation
from .legs import Kind, Leg
from .talks import Talk

BUSY, REJECTED = 17, 21
NOBODY_THERE = {18, 19}  # no response, alerting but no answer
OURS = {None, 0, 16, 19, 26, 127}  # causes that say nothing about the other side
STATUSES = {  # what Dial() made of it, asked only when the cause says nothing
    "BUSY": Result.BUSY,
    "NOANSWER": Result.NO_ANSWER,
    "CANCEL": Result.CANCELLED,
    "CONGESTION": Result.UNREACHABLE,
    "CHANUNAVAIL": Result.UNREACHABLE,
}


def result(
    conversation: Conversation,
    direction: Direction,
    customer: Leg | None,
    talks: list[Talk],
    automatic: bool,
) -> Result:
    """What became of an ended call."""
    if talks or (automatic and customer and customer.up_at):
        return Result.ANSWERED
    if direction is Direction.INBOUND:
        return _unanswered_inbound(conversation, customer)
    caller = conversation.caller
    if direction is Direction.INTERNAL:
        called = [leg for leg in conversation.of(Kind.PHONE) if leg is not caller]
        return _unanswered(called[-1] if called else None, caller)
    if customer is None:
        return _never_called(caller)
    return _unanswered(customer, caller)


def _unanswered_inbound(conversation: Conversation, customer: Leg | None) -> Result:
    if customer is None or customer.asked_at or customer.abandoned or customer.lost:
        return Result.ABANDONED
    tried = customer.queue or conversation.of(Kind.PHONE)
    return Result.NO_ANSWER if tried else Result.FAILED


def _never_called(caller: Leg | None) -> Result:
    """The agent's own phone was not there; or it was, and then nothing could be called."""
    if caller is None or not caller.up_at:
        return Result.FAILED
    return Result.CANCELLED if caller.asked_at else Result.UNREACHABLE


def _unanswered(called: Leg | None, caller: Leg | None) -> Result:
    """Its own hang-up cause tells best; DialEnd says NOANSWER for rejected and unknown numbers too."""
    if called is None:
        return Result.UNREACHABLE
    if called.cause == BUSY:
        return Result.BUSY
    if called.cause == REJECTED:
        return Result.REJECTED
    if called.cause in NOBODY_THERE:
        return Result.NO_ANSWER
    if called.cause not in OURS:
        return Result.UNREACHABLE
    if caller and caller.asked_at and not called.asked_at:
        return Result.CANCELLED
    if called.up_at:  # it answered, and the two were never joined
        return Result.NO_ANSWER if called.asked_at else Result.CANCELLED
    return STATUSES.get(called.dial_status, Result.NO_ANSWER)


def ended_by(
    conversation: Conversation, direction: Direction, customer: Leg | None, talks: list[Talk]
) -> EndedBy | None:
    """Whose hang-up came first, of those that belong to the end; None: we were not there."""
    ended = [leg for leg in conversation.legs.values() if leg.ended_at]
    if conversation.lost_at or any(leg.lost for leg in ended):
        return None
    asked: list[tuple[object, EndedBy]] = []
    if customer and customer.asked_at:
        asked.append((customer.asked_at, "customer"))
    asked += [(leg.asked_at, "agent") for leg in _partners(conversation, direction, talks)]
    if asked:
        return min(asked)[1]  # type: ignore[type-var]
    if customer and (customer.abandoned or _refused_us(customer, direction, talks)):
        return "customer"
    return "system"


def _partners(conversation: Conversation, direction: Direction, talks: list[Talk]) -> list[Leg]:
    """Agents' legs that hung up and were the customer's last partners; a leg that a transfer left
    behind, or that refused to answer, did not end the call. Before any talk it is who called."""
    caller = conversation.caller
    if not talks:
        called = conversation.of(Kind.PHONE) if direction is Direction.INTERNAL else []
        return [leg for leg in [*called, *([caller] if caller else [])] if leg.asked_at]
    last = talks[-1].start
    legs = [
        talk.leg
        for talk in talks
        if (talk.end is None or talk.end > last or talk is talks[-1])
        and talk.leg.asked_at
        and talk.leg.asked_at >= talk.start
    ]
    if direction is Direction.INTERNAL and caller and caller.asked_at:
        legs.append(caller)
    return legs


def _refused_us(customer: Leg, direction: Direction, talks: list[Talk]) -> bool:
    """Its hang-up was not heard, but such a cause comes from the other side only."""
    return direction is Direction.OUTBOUND and not talks and customer.cause not in OURS
