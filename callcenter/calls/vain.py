"""Phones that rang for nothing: whose, and whether their person said no or nothing."""

from datetime import datetime

from .ending import BUSY, REJECTED
from .legs import Leg
from .pipes import called_by, given_up_at, over_at, taken_at
from .scene import Scene


def in_vain(scene: Scene, *, declined: bool) -> tuple[str, ...]:
    """Whose phones were given up; whether they refused shows when they hang up.

    One that was not there did not ring; some phones refuse without ringing.
    """
    gone = [
        (at, leg.endpoint)
        for leg in scene.called
        if (at := gave_up_at(scene, leg))
        and over_at(leg)
        and not taken_at(leg)
        and (refused(leg) if declined else (leg.rang_at or leg.up_at) and not refused(leg))
    ]
    return tuple(extension for _, extension in sorted(gone))


def gave_up_at(scene: Scene, leg: Leg) -> datetime | None:
    """When a queue gave this phone up, or the dialplan, which had rung it before the queue."""
    customer, talks = scene.customer, scene.talks
    if given_up_at(leg) or customer is None or called_by(leg) != customer.channel_id:
        return given_up_at(leg)
    queued_before = customer.queue is not None and customer.queue[0] <= leg.since
    if queued_before or (talks and talks[0].start <= leg.since):
        return None
    vain = {leg.dial_status, leg.pipe.dial_status if leg.pipe else ""} & {"NOANSWER", "BUSY"}
    return over_at(leg) if vain or (leg.confirms and leg.up_at) else None


def refused(leg: Leg) -> bool:
    """Its person said no, rather than nothing."""
    return leg.dial_status == "BUSY" or leg.cause in (BUSY, REJECTED)
