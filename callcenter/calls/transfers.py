"""Transfers, seen by what they do: the customer's partner changes, and the first one is gone.

The exchange has an event for some transfers and none for others (a redirect, a bridge), so the events only
help to tell a transfer from an agent who hung up while the dialplan went on.
"""

from datetime import timedelta

from .call import Transfer
from .conversation import Conversation
from .legs import Kind, Leg
from .talks import Talk, met_before

TOGETHER = timedelta(seconds=1)  # for how long old and new partner may overlap in a handover


def transfers(
    conversation: Conversation, customer: Leg | None, talks: list[Talk]
) -> tuple[Transfer, ...]:
    """Those that were completed: somebody else did talk with the customer afterwards."""
    if customer is None or len(talks) < 2:
        return ()
    consulted = met_before(customer, conversation.story)
    found = []
    before = talks[0]
    for talk in talks[1:]:
        if talk.leg.endpoint == before.leg.endpoint and talk.leg.kind is before.leg.kind:
            before = talk
        elif before.end is not None and before.end <= talk.start + TOGETHER:
            met = before.leg.endpoint in talk.leg.met
            attended = met or (before.leg.endpoint, talk.leg.channel_id) in consulted
            if before.leg.kind is Kind.PHONE and (attended or _handed_over(before)):
                kind = "attended" if attended else "blind"
                found.append(
                    Transfer(kind=kind, source=before.leg.endpoint, target=target_of(talk.leg))  # type: ignore[arg-type]
                )
            before = talk
    return tuple(found)


def _handed_over(talk: Talk) -> bool:
    """The agent did not simply hang up, and the dialplan went on with the customer."""
    leg = talk.leg
    if leg.transferred or leg.asked_at is None or talk.end is None:
        return True
    return leg.asked_at > talk.end + TOGETHER


def target_of(leg: Leg) -> str:
    """An extension, or the number outside."""
    if leg.kind is Kind.PHONE:
        return leg.endpoint
    number = leg.dialled.rpartition("/")[2].removeprefix("sip:").partition("@")[0]
    return number or leg.endpoint
