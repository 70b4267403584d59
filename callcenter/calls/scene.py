"""Who plays which part in a conversation: customer, caller, those called; and which way it goes."""

from dataclasses import dataclass
from operator import attrgetter

from .call import Direction
from .conversation import Conversation
from .endpoints import is_mobile
from .legs import Kind, Leg
from .pipes import lay
from .talks import Talk, talks_with, without_joined

since = attrgetter("since")


@dataclass(slots=True)
class Scene:
    conversation: Conversation
    phones: list[Leg]  # agents', in the order of their coming; without those who only listen in
    trunks: list[Leg]  # outsiders', likewise
    root: Leg | None  # the leg that began it, if we have heard of it
    customer: Leg | None
    caller: Leg | None  # the leg of the agent who calls, where an agent began it
    direction: Direction
    automatic: bool  # nobody of us calls: the customer's own leg began it
    is_over: bool  # nobody is left but those who listen in
    called: list[Leg]  # agents' legs that were called, for the customer or by a colleague
    middle: Leg | None  # whom the others talk with: the customer; between agents, the caller
    meetings: list[Talk]  # everybody's with the one in the middle
    talks: list[Talk]  # agents' with the one in the middle; without leads' who only joined them

    @property
    def is_call(self) -> bool:
        """Others may know of it: somebody outside takes part, or is to; or two agents do.

        A phone that is called by us for an unknown purpose is none yet: its next event tells
        whether it is there to listen in.
        """
        known, root = self.conversation, self.root
        refused = known.originated and not known.originated.ok and known.originated.number
        if known.told or known.placed or refused:
            return True
        if self.trunks:
            first = self.trunks[0]
            began = first.called_in or first.dialled or first.heard_at or first.up_at
            return bool(known.ccid or began)
        if root is None or root.kind is not Kind.PHONE:
            return False
        if len({leg.endpoint for leg in self.phones}) > 1:
            return True
        return not root.called_in and bool(known.ccid or shown_number(root))


def arrange(conversation: Conversation) -> Scene:
    """The parts as they are given by what is known now."""
    legs = sorted(conversation.legs.values(), key=since)
    lay(legs)
    root = next((leg for leg in legs if leg.is_root and not leg.spies), None)
    legs = [leg for leg in legs if leg is root or not _listens(leg)]
    phones = [leg for leg in legs if leg.kind is Kind.PHONE]
    trunks = [leg for leg in legs if leg.kind is Kind.TRUNK]
    customer = _customer(trunks)
    began = root or (conversation.legs.get(customer.dialled_by) if customer else None)
    caller = began if began and began.kind is Kind.PHONE else None
    direction = _direction(conversation, customer, phones)
    middle = customer or caller
    meetings = talks_with(middle, conversation.slices) if middle and middle.entered else []
    return Scene(
        conversation,
        phones,
        trunks,
        root,
        customer,
        caller,
        direction,
        direction is Direction.OUTBOUND and _is_automatic(conversation, customer),
        _is_over(conversation, legs),
        [leg for leg in phones if leg is not caller and not leg.is_lead],
        middle,
        meetings,
        without_joined([meeting for meeting in meetings if meeting.leg.kind is Kind.PHONE]),
    )


def _listens(leg: Leg) -> bool:
    """A second beginning that has joined nobody: a supervisor's leg, or soon one."""
    if leg.is_lead:
        return not leg.entered
    return leg.spies or (leg.is_root and not leg.entered)


def _customer(trunks: list[Leg]) -> Leg | None:
    """Who called us, else who answered, else who was called last."""
    for leg in trunks:
        if is_inbound(leg):
            return leg
    for leg in trunks:
        if leg.up_at:
            return leg
    return trunks[-1] if trunks else None


def is_inbound(leg: Leg) -> bool:
    """Whether this trunk leg called us. One that we found talking did if it began it all."""
    if leg.called_in is not None:
        return leg.called_in
    return leg.is_root and not leg.automatic


def _direction(known: Conversation, customer: Leg | None, phones: list[Leg]) -> Direction:
    if customer:
        return Direction.INBOUND if is_inbound(customer) else Direction.OUTBOUND
    if known.placed or known.originated or len({leg.endpoint for leg in phones}) < 2:
        return Direction.OUTBOUND
    return Direction.INTERNAL


def _is_automatic(known: Conversation, customer: Leg | None) -> bool:
    if known.placed:
        return False
    if customer:
        return customer.is_root or customer.automatic
    # Refused before there was a channel: its would-be name tells, "PJSIP/15550101@carrier".
    _, at_sign, endpoint = (known.originated.name if known.originated else "").rpartition("@")
    return bool(at_sign) and not is_mobile(endpoint)


def _is_over(known: Conversation, legs: list[Leg]) -> bool:
    if known.lost_at:
        return True
    if not known.legs:
        return known.originated is not None and not known.originated.ok
    if not legs:  # nobody but leads: so far it is not known to which call they listen
        return all(leg.ended_at for leg in known.legs.values())
    return all(leg.ended_at or leg.is_aside for leg in legs)


def shown_number(leg: Leg) -> str | None:
    """The number on the display of a phone that we called for its agent: who will be called."""
    number = leg.connected[1] if leg.connected else None
    return number if number and number != leg.endpoint else None
