"""Pipes: local channels, at whose one half somebody waits while the other one calls a phone.

An agent's mobile phone is called through one (dialplan/exchange/extensions.conf.j2), so that it can
be answered without the call being taken. The halves are nobody's legs; what is said of the one that
is waited at is meant for the phone.
"""

from collections.abc import Iterable
from datetime import datetime

from .legs import Kind, Leg


def lay(legs: Iterable[Leg]) -> None:
    """Let each phone that was called out of a pipe know the half where its caller waits."""
    halves = [leg for leg in legs if leg.kind is Kind.LOCAL]
    if not halves:
        return
    by_name = {leg.name: leg for leg in halves}
    fronts = {
        leg.channel_id: by_name.get(f"{leg.name[:-1]}1") for leg in halves if leg.name[-1] == "2"
    }
    for leg in legs:
        if leg.kind is Kind.PHONE and leg.pipe is None:
            leg.pipe = fronts.get(leg.dialled_by)


def called_by(leg: Leg) -> str:
    """The channel that called it, whatever pipe lies between."""
    return leg.pipe.dialled_by if leg.pipe else leg.dialled_by


def taken_at(leg: Leg) -> datetime | None:
    """When its person took the call."""
    if not leg.confirms:
        return leg.up_at
    return min(at for at, _ in leg.entered) if leg.entered else None


def given_up_at(leg: Leg) -> datetime | None:
    """When a queue gave it up."""
    return leg.missed_at or (leg.pipe.missed_at if leg.pipe else None)


def over_at(leg: Leg) -> datetime | None:
    """When it ended, or nobody waited for it any more."""
    waited_for = leg.pipe if leg.pipe and not leg.entered else leg
    ends = [each.ended_at for each in (leg, waited_for) if each.ended_at]
    return min(ends, default=None)


def is_joining(leg: Leg) -> bool:
    """It has answered, and whoever called it still waits for it to be connected: milliseconds, or
    until the key is pressed. Nobody should blink meanwhile.
    """
    return bool(leg.up_at and not leg.entered and not over_at(leg))
