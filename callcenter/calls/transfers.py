"""Transfers, seen by what they do: the customer's partner changes, and the first one is gone.

The exchange has an event for some transfers and none for others (a redirect, a bridge), so events
only help to tell a transfer from an agent who hung up while the dialplan went on.
"""

from datetime import timedelta
from typing import Literal

from .call import Transfer
from .legs import Kind, Leg
from .scene import Scene
from .talks import Talk, met_before, without_joined

TOGETHER = timedelta(seconds=1)  # for how long old and new partner may overlap in a handover


def transfers(scene: Scene) -> tuple[Transfer, ...]:
    """Those that were completed: somebody else did talk with the customer afterwards."""
    meetings = without_joined(scene.meetings)
    if scene.customer is None or not meetings:
        return ()
    consulted = met_before(scene.customer, scene.conversation.slices)
    found = []
    before = meetings[0]
    for meeting in meetings[1:]:
        if _who(meeting) == _who(before):
            before = meeting
        elif before.end is not None and (
            meeting.leg.is_lead or before.end <= meeting.start + TOGETHER
        ):  # a lead may have talked along for long before the agent left
            if kind := _kind_of(before, meeting, consulted):
                source, target = _who(before), _who(meeting)
                found.append(Transfer(kind=kind, source=source, target=target))
            before = meeting
    return tuple(found)


def _who(meeting: Talk) -> str:
    """An extension, or the number of someone outside."""
    leg = meeting.leg
    return leg.endpoint if leg.kind is Kind.PHONE else outside_number(leg) or leg.endpoint


def outside_number(leg: Leg) -> str | None:
    """The number we called: "15550100" for "15550100@carrier" or "carrier/sip:15550100@host"."""
    number = leg.dialled.rpartition("/")[2].removeprefix("sip:").partition("@")[0]
    return number if number.strip("+").isdigit() else None


def _kind_of(
    before: Talk, meeting: Talk, consulted: set[tuple[str, str]]
) -> Literal["attended", "blind"] | None:
    """None: no transfer, the partner simply hung up and the dialplan went on with the customer."""
    leg, now = before.leg, meeting.leg
    if leg.kind is not Kind.PHONE:
        return None
    if now.is_lead:
        return "blind"  # taken over: they may have talked in the room, and nobody asked
    if leg.endpoint in now.met or (leg.endpoint, now.channel_id) in consulted:
        return "attended"
    hung_up = leg.asked_at is not None and before.end and leg.asked_at <= before.end + TOGETHER
    return None if hung_up and not leg.transferred else "blind"
