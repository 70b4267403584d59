"""From what is known of a conversation to the Call that others see.

Pure: the same facts give the same call, in whatever order they came.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from .call import Call, Direction, State, Step
from .ending import ended_by, result
from .endpoints import national
from .journey import journey
from .legs import Leg, periods
from .parties import consult, heard_by, is_conference, is_paused, pauses, waits_for
from .pipes import called_by, is_joining, taken_at
from .scene import Scene, shown_number
from .talks import EVER, NEVER, Period, Talk, seconds, without
from .transfers import outside_number, transfers
from .vain import in_vain

SPECIAL = {"", "s", "h", "i", "t", "failed"}  # extensions of the dialplan that are no numbers
TOGETHER = timedelta(seconds=0.5)  # who left so shortly before the end has left with it


def told(scene: Scene) -> Call:
    """The call as it stands."""
    customer, talks, over = scene.customer, scene.talks, scene.is_over
    inbound = scene.direction is Direction.INBOUND
    began_at = min((leg.since for leg in scene.conversation.legs.values()), default=None)
    ended_at = _ended_at(scene) if over else None
    answered_at = _answered_at(scene, talks)
    held = holds(scene.middle, talks)
    automatic: list[Period] = [(answered_at, None)] if scene.automatic and answered_at else []
    talked = automatic or times(talks)
    call = Call(
        call_id=scene.conversation.call_id,
        direction=scene.direction,
        started_at=began_at or _wished_at(scene),
        state=State.ENDED if over else _state(scene, talks, held),
        number=number_of(scene),
        caller_name=_caller_name(scene),
        did=_did(customer) if inbound else None,
        queue=_queue(customer, over) if customer else None,
        ringing=frozenset(leg.endpoint for leg in scene.called if leg.rings or is_joining(leg)),
        placed_by=_placed_by(scene),
        talking=frozenset(
            leg.endpoint
            for leg in scene.phones
            if leg.entered and not leg.ended_at and not leg.is_aside
        ),
        heard_by=frozenset() if over else heard_by(scene),
        agents=_agents(scene, talks),
        rung=_rung(scene.called),
        missed=in_vain(scene, declined=False),
        declined=in_vain(scene, declined=True),
        automatic=scene.automatic,
        answered_at=answered_at,
        ended_at=ended_at,
        result=result(scene, talks) if over else None,
        cause=scene.middle.cause if over and scene.middle else None,
        waited_s=_length(began_at, answered_at or ended_at),
        talked_s=_total(without(talked, held), ended_at),
        held_s=_total(held, ended_at),
        ended_by=ended_by(scene, talks) if over else None,
        transfers=transfers(scene) if customer and len(scene.meetings) > 1 else (),
        digits=_digits(customer) if scene.automatic and customer else "",
        recordings=_recordings(scene),
        paused=is_paused(customer),
        pauses=pauses(customer),
        consult=None if over else consult(scene),
        conference=is_conference(scene),
        waits_for=waits_for(scene),
    )
    return replace(call, journey=way(scene, call)) if over else call


def way(scene: Scene, call: Call) -> tuple[Step, ...]:
    """The stations of the call that was told of this scene."""
    held = holds(scene.middle, scene.talks)
    return journey(scene, held, call.transfers, call.ended_at, call.ended_by)


# ------------------------------------------------------------------------------- what it is


def number_of(scene: Scene) -> str | None:
    """The customer's digits as they stood there."""
    known, customer, caller = scene.conversation, scene.customer, scene.caller
    if scene.direction is Direction.INTERNAL:
        return None
    if scene.direction is Direction.INBOUND:
        first = customer.first if customer and not customer.withheld else None
        return first.number if first else None
    if known.placed:
        return known.placed.number
    if customer and (number := outside_number(customer)):
        return number
    if known.originated and known.originated.number:
        return known.originated.number
    if caller and not caller.called_in and (number := shown_number(caller)):
        return number
    return customer.first.number if customer and customer.first and not customer.is_root else None


def _did(customer: Leg | None) -> str | None:
    if customer is None:
        return None
    exten = customer.first.exten if customer.first else ""
    return customer.did or (national(exten) if exten not in SPECIAL else "") or None


def _queue(customer: Leg, over: bool) -> str | None:
    """The one they are in, or were last; before that the one that their call is for. Whoever leaves
    a message waits in none, and in the end it is a missed call of the message's queue."""
    if customer.message and not (customer.queue and customer.queue[0] > customer.message[0]):
        return customer.message[1] if over else None
    return customer.queue[1] if customer.queue else customer.meant_for or None


def _caller_name(scene: Scene) -> str:
    leg = scene.middle
    if scene.direction is Direction.OUTBOUND or leg is None or leg.first is None:
        return ""  # going out, it is what we ourselves wrote there
    taken_away = leg.withheld and leg.first.number
    return "" if taken_away else leg.first.caller_name


def _placed_by(scene: Scene) -> str | None:
    if scene.conversation.placed:
        return scene.conversation.placed.extension
    if scene.caller is None or scene.direction is Direction.INBOUND:
        return None
    return scene.caller.endpoint


def _agents(scene: Scene, talks: list[Talk]) -> tuple[str, ...]:
    """By the time they were last there, so that the last one has the call; of those who were there
    together until then, the one who had it first. In a call between agents the one who called is
    one of them.
    """
    until: dict[str, datetime] = {}
    for talk in talks:  # by their beginning
        endpoint = talk.leg.endpoint
        until[endpoint] = max(until.get(endpoint, NEVER), talk.end or EVER)
    together = max(until.values(), default=EVER) - TOGETHER
    agents = sorted(reversed(until), key=lambda endpoint: min(until[endpoint], together))
    if agents and scene.caller and scene.direction is Direction.INTERNAL:
        agents.insert(0, scene.caller.endpoint)
    return tuple(dict.fromkeys(agents))


# ------------------------------------------------------------------------- where it stands


def _state(scene: Scene, talks: list[Talk], held: list[Period]) -> State:
    customer, caller = scene.customer, scene.caller
    if talks:
        return _state_after_talk(scene, talks, held)
    # Also when the agent's leg is in the bridge a moment before the other one.
    offered = any(leg.rings or _has_answered(leg) for leg in scene.called)
    if scene.direction is Direction.INBOUND:
        return State.RINGING if offered else State.WAITING
    if scene.direction is Direction.INTERNAL:
        return State.RINGING if offered else State.CALLING
    if scene.automatic and customer and customer.up_at:
        return State.TALKING
    if customer and customer.heard_at:
        return State.REMOTE_RINGING
    begun = customer or (caller and (caller.up_at or caller.called_in))
    return State.CALLING if begun else State.CALLING_AGENT


def _state_after_talk(scene: Scene, talks: list[Talk], held: list[Period]) -> State:
    """Once they have talked: with nobody there the customer is being handed over, or waits.

    The moment between leaving a bridge and hanging up is neither: it stays a talk.
    """
    on_hold = any(end is None for _, end in held)
    if any(talk.end is None for talk in talks):
        return State.HELD if on_hold else State.TALKING
    middle = scene.middle
    partners = {talk.leg.channel_id for talk in talks}
    coming = [leg for leg in scene.called if leg.channel_id not in partners and not leg.ended_at]
    if any(
        (leg.rings or leg.confirms) and middle and called_by(leg) == middle.channel_id
        for leg in coming
    ):
        return State.RINGING
    return State.HELD if on_hold or coming or waits_for(scene) else State.TALKING


def _has_answered(leg: Leg) -> bool:
    """It is connected, or will be within milliseconds; nobody should blink meanwhile."""
    return is_joining(leg) or bool(leg.up_at and leg.entered and not leg.ended_at)


def _rung(called: list[Leg]) -> tuple[str, ...]:
    rung = sorted((at, leg.endpoint) for leg in called if (at := leg.rang_at or leg.up_at))
    return tuple(dict.fromkeys(extension for _, extension in rung))


def holds(middle: Leg | None, talks: list[Talk]) -> list[Period]:
    """When the one in the middle heard music after having talked; somebody who puts them on hold
    while another agent goes on talking with them does not."""
    if not talks or middle is None:
        return []
    found = [period for period in periods(middle.music) if period[0] >= talks[0].start]
    for talk in talks:
        own = [
            (start, end or talk.leg.ended_at)
            for start, end in periods(talk.leg.holds)
            if talk.start <= start and (talk.end is None or start <= talk.end)
        ]
        found += without(own, times([each for each in talks if each.leg is not talk.leg]))
    return [(start, _first_of(start, end, middle.ended_at, talks)) for start, end in found]


def _first_of(
    start: datetime, end: datetime | None, gone_at: datetime | None, talks: list[Talk]
) -> datetime | None:
    """When music ends: when told so, with the call, or with the next talk."""
    again = [talk.start for talk in talks if talk.start > start]
    return min((at for at in (end, gone_at, *again[:1]) if at), default=None)


# ----------------------------------------------------------------------------------- how long


def _answered_at(scene: Scene, talks: list[Talk]) -> datetime | None:
    """When whoever was called picked up, once the two have talked."""
    customer = scene.customer
    if scene.automatic:
        return customer.up_at if customer else None
    if not talks:
        return None
    picked_up = customer if scene.direction is Direction.OUTBOUND and customer else talks[0].leg
    return min(taken_at(picked_up) or talks[0].start, talks[0].start)


def _wished_at(scene: Scene) -> datetime:
    """When a call was begun that has no leg."""
    known = scene.conversation
    wish = known.placed or known.originated
    if wish is None:
        raise LookupError(f"nothing is known of {known.call_id}")
    return wish.at


def _ended_at(scene: Scene) -> datetime:
    """The last hang-up; without any leg, when we learned that there will be none."""
    known = scene.conversation
    if known.lost_at:
        return known.lost_at
    legs = known.legs.values()
    ends = [leg.ended_at for leg in legs if leg.ended_at and not leg.spies]
    if ends or legs:  # nobody but a supervisor was ever there: then it was over as it began
        return max(ends or [leg.since for leg in legs])
    return known.originated.at if known.originated else _wished_at(scene)


def times(talks: list[Talk]) -> list[Period]:
    return [(talk.start, talk.end) for talk in talks]


def _total(times: list[Period], ended_at: datetime | None) -> float:
    """Of what is over; all of it when the call is."""
    if not times:
        return 0.0
    return seconds((start, until) for start, end in times if (until := end or ended_at))


def _length(start: datetime | None, end: datetime | None) -> float:
    return max(0.0, (end - start).total_seconds()) if start and end else 0.0


# ------------------------------------------------------------------------------ what was left


def _digits(customer: Leg) -> str:
    """What was pressed; where the exchange does not tell keys, what the dialplan understood."""
    return "".join(digit for _, digit in sorted(customer.digits or customer.choices))[:64]


def _recordings(scene: Scene) -> tuple[str, ...]:
    """Those whose names were told; an exchange that tells none names the first after the call."""
    known = scene.conversation
    started = [fact for leg in known.legs.values() if leg.recordings for fact in leg.recordings]
    if not started:
        return ()
    files = dict.fromkeys(file for _, file in sorted(started) if file)
    return tuple(files) or (f"{known.call_id}.wav",)
