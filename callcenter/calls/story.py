"""From what is known of a conversation to the Call that others see. Pure: the same facts, the same call."""

from datetime import datetime

from .call import Call, Direction, State
from .conversation import Conversation, is_inbound, shown_number
from .ending import ended_by, result
from .legs import Kind, Leg, periods
from .talks import Talk, seconds, talks_with
from .transfers import transfers

SPECIAL = {"", "s", "h", "i", "t", "failed"}  # extensions of the dialplan that are no numbers


def told(conversation: Conversation) -> Call:
    """The call as it stands."""
    customer, caller = conversation.customer, conversation.caller
    direction = direction_of(conversation)
    middle = customer or caller
    automatic = direction is Direction.OUTBOUND and is_automatic(conversation)
    everybody = talks_with(middle, conversation.story)
    talks = [talk for talk in everybody if talk.leg.kind is Kind.PHONE]
    began_at = min((leg.since for leg in conversation.legs.values()), default=None)
    ended_at = end_of(conversation) if conversation.is_over else None
    answered_at = _answered_at(direction, customer, talks, automatic)
    phones = conversation.of(Kind.PHONE)
    called = [leg for leg in phones if leg is not caller]
    held = holds(middle, talks)
    talked = [(answered_at, None)] if automatic and answered_at else _times(talks)
    heard = began_at or ended_at  # without any leg nothing was waited for
    agents = tuple(dict.fromkeys(_with_caller(direction, caller, talks)))
    return Call(
        call_id=conversation.call_id,
        direction=direction,
        started_at=began_at or _wished_at(conversation),
        state=_state(conversation, direction, talks, held, automatic),
        number=number_of(conversation, direction),
        caller_name=_caller_name(direction, middle),
        did=did_of(customer) if direction is Direction.INBOUND else None,
        queue=_queue(customer),
        ringing=frozenset(leg.endpoint for leg in called if leg.rings),
        placed_by=_placed_by(conversation, direction, caller),
        talking=frozenset(_with_caller(direction, caller, [t for t in talks if t.end is None])),
        agents=agents,
        rung=_rung(called),
        automatic=automatic,
        answered_at=answered_at,
        ended_at=ended_at,
        result=result(conversation, direction, customer, talks, automatic) if ended_at else None,
        cause=_cause(customer or caller) if ended_at else None,
        waited_s=_length(heard, answered_at or ended_at),
        talked_s=_total(talked, ended_at),
        held_s=_total(held, ended_at),
        ended_by=ended_by(conversation, direction, customer, talks) if ended_at else None,
        transfers=transfers(conversation, middle, everybody) if customer else (),
        digits=_digits(customer) if automatic and customer else "",
        recordings=_recordings(conversation),
    )


# --------------------------------------------------------------------------- what it is


def direction_of(conversation: Conversation) -> Direction:
    customer = conversation.customer
    if customer:
        return Direction.INBOUND if is_inbound(customer) else Direction.OUTBOUND
    phones = {leg.endpoint for leg in conversation.of(Kind.PHONE)}
    ours = conversation.placed or conversation.originated
    return Direction.INTERNAL if len(phones) > 1 and not ours else Direction.OUTBOUND


def is_automatic(conversation: Conversation) -> bool:
    """Nobody of us calls: the customer's own leg began it."""
    if conversation.placed:
        return False
    customer = conversation.customer
    if customer is None:  # refused before there was a channel: its would-be name tells
        named = conversation.originated.name if conversation.originated else ""
        return "@" in named
    return customer.is_root or customer.automatic


def number_of(conversation: Conversation, direction: Direction) -> str | None:
    """The customer's digits as they stood there."""
    customer, caller = conversation.customer, conversation.caller
    if direction is Direction.INTERNAL:
        return None
    if direction is Direction.INBOUND:
        return customer.first.number if customer and customer.first else None
    if conversation.placed:
        return conversation.placed.number
    if customer and (number := dialled_number(customer)):
        return number
    if conversation.originated and conversation.originated.number:
        return conversation.originated.number
    if caller and not caller.called_in and (number := shown_number(caller)):
        return number
    return customer.first.number if customer and customer.first and not customer.is_root else None


def dialled_number(leg: Leg) -> str | None:
    """ "15550100" for "15550100@carrier" or "carrier/sip:15550100@host"."""
    number = leg.dialled.rpartition("/")[2].removeprefix("sip:").partition("@")[0]
    return number if number.strip("+").isdigit() else None


def did_of(customer: Leg | None) -> str | None:
    if customer is None:
        return None
    exten = customer.first.exten if customer.first else ""
    return (exten if exten not in SPECIAL else customer.did) or None


def _caller_name(direction: Direction, leg: Leg | None) -> str:
    inward = direction is not Direction.OUTBOUND
    return leg.first.caller_name if inward and leg and leg.first else ""


def _placed_by(conversation: Conversation, direction: Direction, caller: Leg | None) -> str | None:
    if conversation.placed:
        return conversation.placed.extension
    return caller.endpoint if caller and direction is not Direction.INBOUND else None


def _queue(customer: Leg | None) -> str | None:
    return customer.queue[1] if customer and customer.queue else None


# ------------------------------------------------------------------------- where it stands


def _state(
    conversation: Conversation,
    direction: Direction,
    talks: list[Talk],
    held: list[tuple[datetime, datetime | None]],
    automatic: bool,
) -> State:
    customer, caller = conversation.customer, conversation.caller
    if conversation.is_over:
        return State.ENDED
    if any(talk.end is None for talk in talks):
        return State.HELD if any(end is None for _, end in held) else State.TALKING
    ringing = [leg for leg in conversation.of(Kind.PHONE) if leg.rings and leg is not caller]
    if talks:  # nobody is with the customer just now: he is being handed over, or waits meanwhile
        handed = any(leg.dialled_by == (customer or caller).channel_id for leg in ringing)  # type: ignore[union-attr]
        return State.RINGING if handed else State.HELD
    if direction is Direction.INBOUND:
        return State.RINGING if ringing else State.WAITING
    if direction is Direction.INTERNAL:
        return State.RINGING if ringing else State.CALLING
    if automatic and customer and customer.up_at:
        return State.TALKING
    if customer and customer.heard_at:
        return State.REMOTE_RINGING
    begun = customer or (caller and (caller.up_at or caller.called_in))
    return State.CALLING if begun else State.CALLING_AGENT


def _rung(called: list[Leg]) -> tuple[str, ...]:
    rung = sorted((at, leg.endpoint) for leg in called if (at := leg.rang_at or leg.up_at))
    return tuple(dict.fromkeys(extension for _, extension in rung))


def holds(middle: Leg | None, talks: list[Talk]) -> list[tuple[datetime, datetime | None]]:
    """When the one in the middle heard music after having talked (None: still does)."""
    if not talks or middle is None:
        return []
    music = [p for p in periods(middle.music) if p[0] >= talks[0].start]
    music += [
        (start, end or talk.leg.ended_at)
        for talk in talks
        for start, end in periods(talk.leg.holds)
        if talk.start <= start and (talk.end is None or start <= talk.end)
    ]
    found = []
    for start, end in music:
        again = [talk.start for talk in talks if talk.start > start]
        known = [at for at in (end, middle.ended_at, *again[:1]) if at]
        found.append((start, min(known, default=None)))
    return found


# ------------------------------------------------------------------------------- how long


def _answered_at(
    direction: Direction, customer: Leg | None, talks: list[Talk], automatic: bool
) -> datetime | None:
    """When whoever was called picked up, once the two have talked."""
    if automatic:
        return customer.up_at if customer else None
    if not talks:
        return None
    who = customer if direction is Direction.OUTBOUND else talks[0].leg
    return min(who.up_at or talks[0].start, talks[0].start) if who else talks[0].start


def _wished_at(conversation: Conversation) -> datetime:
    """When a call was begun that has no leg."""
    wish = conversation.placed or conversation.originated
    if wish is None:
        raise LookupError(f"nothing is known of {conversation.call_id}")
    return wish.at


def end_of(conversation: Conversation) -> datetime:
    """The last hang-up; without any leg, when we learned that there will be none."""
    if conversation.lost_at:
        return conversation.lost_at
    ends = [leg.ended_at for leg in conversation.legs.values() if leg.ended_at and not leg.spies]
    if ends:
        return max(ends)
    return conversation.originated.at if conversation.originated else _wished_at(conversation)


def _times(talks: list[Talk]) -> list[tuple[datetime | None, datetime | None]]:
    return [(talk.start, talk.end) for talk in talks]


def _total(times: list, ended_at: datetime | None) -> float:  # type: ignore[type-arg]
    """Of what is over; all of it when the call is."""
    return seconds((start, end or ended_at) for start, end in times if end or ended_at)


def _length(start: datetime | None, end: datetime | None) -> float:
    return max(0.0, (end - start).total_seconds()) if start and end else 0.0


# ---------------------------------------------------------------------------- what was left


def _with_caller(direction: Direction, caller: Leg | None, talks: list[Talk]) -> list[str]:
    """The extensions in these talks; in a call between agents the one who called is one of them."""
    others = [talk.leg.endpoint for talk in talks]
    own = [caller.endpoint] if others and caller and direction is Direction.INTERNAL else []
    return own + others


def _cause(leg: Leg | None) -> int | None:
    return leg.cause if leg else None


def _digits(customer: Leg) -> str:
    """What was pressed; where the exchange does not tell keys, what the dialplan understood."""
    return "".join(digit for _, digit in sorted(customer.digits or customer.choices))[:64]


def _recordings(conversation: Conversation) -> tuple[str, ...]:
    files = sorted(fact for leg in conversation.legs.values() for fact in leg.recordings)
    return tuple(dict.fromkeys(file for _, file in files))
