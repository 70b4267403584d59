"""How a call ended: with what result, and by whom."""

from datetime import datetime

from .call import Direction, EndedBy, Result
from .legs import Leg
from .scene import Scene
from .talks import Talk

BUSY, REJECTED = 17, 21
NOBODY_THERE = {18, 19}  # no response; it rang, and nobody answered
NOT_TAKEN = 19  # of an agent's own leg: answered, and then nobody pressed the key
OURS = {None, 0, 16, 19, 26, 127}  # causes that say nothing about the other side
STATUSES = {  # what Dial() made of it, asked only when the cause says nothing
    "BUSY": Result.BUSY,
    "NOANSWER": Result.NO_ANSWER,
    "CANCEL": Result.CANCELLED,
    "CONGESTION": Result.UNREACHABLE,
    "CHANUNAVAIL": Result.UNREACHABLE,
}


def result(scene: Scene, talks: list[Talk]) -> Result:
    """What became of an ended call."""
    customer, caller = scene.customer, scene.caller
    if talks or (scene.automatic and customer and customer.up_at):
        return Result.ANSWERED
    if scene.direction is Direction.INBOUND:
        return _unanswered_inbound(scene)
    if scene.direction is Direction.INTERNAL:
        return _unanswered(scene.called[-1], caller) if scene.called else Result.FAILED
    if customer is None:
        return _never_called(caller)
    return _unanswered(customer, caller)


def _unanswered_inbound(scene: Scene) -> Result:
    customer = scene.customer
    if customer is None or customer.asked_at or customer.abandoned or customer.lost:
        return Result.ABANDONED
    met = customer.queue or customer.message or scene.phones
    return Result.NO_ANSWER if met else Result.FAILED


def _never_called(caller: Leg | None) -> Result:
    """The agent's own phone was not there; or it was, and then nothing could be called."""
    if caller is None or not caller.up_at or (caller.confirms and caller.cause == NOT_TAKEN):
        return Result.FAILED
    return Result.CANCELLED if caller.asked_at else Result.UNREACHABLE


def _unanswered(called: Leg, caller: Leg | None) -> Result:
    """Its hang-up cause tells best: DialEnd says NOANSWER for rejected and unknown numbers too."""
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


def ended_by(scene: Scene, talks: list[Talk]) -> EndedBy | None:
    """Whose hang-up came first, of those that belong to the end; None: we were not there."""
    known, customer = scene.conversation, scene.customer
    last = max(
        (leg for leg in known.legs.values() if leg.ended_at),
        key=lambda leg: leg.ended_at or leg.since,
        default=None,
    )
    if known.lost_at or (last and last.lost):
        return None
    asked: list[tuple[datetime, EndedBy]] = []
    if customer and customer.asked_at:
        asked.append((customer.asked_at, "customer"))
    asked += [(leg.asked_at, "agent") for leg in _partners(scene, talks) if leg.asked_at]
    if asked:
        return min(asked)[1]
    if customer and (customer.abandoned or _refused_us(scene, customer, talks)):
        return "customer"
    return "system"


def _partners(scene: Scene, talks: list[Talk]) -> list[Leg]:
    """The agents' legs whose hang-up can be the end: those last connected with the customer.

    A leg that a transfer left behind, or that refused to answer, did not end the call. Before any
    talk it is who called.
    """
    between_agents = scene.direction is Direction.INTERNAL
    own = [scene.caller] if scene.caller and (between_agents or not talks) else []
    if not talks:
        return own + (scene.called if between_agents else [])
    last = talks[-1]
    return own + [
        talk.leg
        for talk in talks
        if (talk is last or talk.end is None or talk.end > last.start)
        and talk.leg.asked_at
        and talk.leg.asked_at >= talk.start
    ]


def _refused_us(scene: Scene, customer: Leg, talks: list[Talk]) -> bool:
    """Its hang-up was not heard, but such a cause comes from the other side only."""
    outbound = scene.direction is Direction.OUTBOUND
    return outbound and not talks and customer.cause not in OURS
