"""Who is with whom when a call has more than two: asked, waited for, in conference; and by which
channels the exchange knows them.
"""

from dataclasses import dataclass, field
from datetime import datetime

from .call import Consult
from .legs import Kind, Leg, periods
from .pipes import called_by, taken_at
from .scene import Scene
from .transfers import outside_number


@dataclass(frozen=True, slots=True)
class Channels:
    """The names of a call's live channels; `agents` by extension, `asked` is a consultation's."""

    customer: str | None
    agents: dict[str, str]
    asked: str | None
    leads: dict[str, str] = field(default_factory=dict)  # who listen in, by extension


def channels(scene: Scene) -> Channels:
    asked = _asked(scene)
    phones = [
        leg
        for leg in scene.phones
        if taken_at(leg) and not leg.ended_at and not leg.is_aside and leg is not asked
    ]
    customer = scene.customer
    return Channels(
        customer.name if customer and not customer.ended_at else None,
        {leg.endpoint: leg.name for leg in phones},
        asked.name if asked else None,
        {leg.endpoint: leg.name for leg in scene.conversation.legs.values() if leg.is_aside},
    )


def left_alone(scene: Scene) -> Leg | None:
    """The last leg of a call whose customer has gone. The dialplan ends it at once, unless it was
    on its way into the room while the customer left: then nothing does.
    """
    legs = scene.conversation.legs.values()
    alive = [leg for leg in legs if not leg.ended_at and not leg.is_aside]
    gone = scene.customer is not None and scene.customer.ended_at
    return alive[0] if gone and len(alive) == 1 else None


def heard_by(scene: Scene) -> frozenset[str]:
    """The extensions of leads who hear the call without being a part of it."""
    legs = (leg for leg in scene.conversation.legs.values() if leg.is_aside)
    return frozenset(leg.endpoint for leg in legs if leg.spied_at or (taken_at(leg)))


def consult(scene: Scene) -> Consult | None:
    """The consultation that goes on now."""
    asked = _asked(scene)
    if asked is None:
        return None
    by = _asker(scene, asked)
    target = asked.endpoint if asked.kind is Kind.PHONE else outside_number(asked) or ""
    return Consult(by=by.endpoint, target=target, talking=bool(taken_at(asked))) if by else None


def _asked(scene: Scene) -> Leg | None:
    """The leg that an agent's leg calls, or talks with, while the customer waits."""
    for leg in (*scene.phones, *scene.trunks):
        if leg is scene.customer or leg.ended_at or _asker(scene, leg) is None:
            continue
        if not any(talk.leg is leg for talk in scene.meetings):
            return leg
    return None


def _asker(scene: Scene, leg: Leg) -> Leg | None:
    """The agent's leg that called this one after it had talked with the customer, if it lives."""
    talked = {talk.leg.channel_id for talk in scene.talks}
    found = scene.conversation.legs.get(called_by(leg))
    alive = found and found.channel_id in talked and not found.ended_at
    return found if alive else None


def waits_for(scene: Scene) -> str | None:
    """The extension that the customer waits for: its phone was lost, or is called back."""
    customer = scene.customer
    if scene.is_over or customer is None or customer.ended_at or customer.waits is None:
        return None
    since, agent = customer.waits
    phones = [leg for leg in scene.phones if not leg.is_aside]
    here = any(leg.endpoint == agent and leg.entered and not leg.ended_at for leg in phones)
    elsewhere = any(  # somebody else was called since, or is on the way to the customer
        not leg.ended_at or (leg.since > since and called_by(leg) == customer.channel_id)
        for leg in (*phones, *scene.trunks)
        if leg is not customer and leg.endpoint != agent
    )
    queued = customer.queue is not None and customer.queue[0] > since
    talked = any(talk.end is None or talk.end > since for talk in scene.meetings)
    return None if here or elsewhere or queued or talked else agent


def is_conference(scene: Scene) -> bool:
    return len({talk.leg.channel_id for talk in scene.meetings if talk.end is None}) > 1


def pauses(customer: Leg | None) -> tuple[tuple[float, float], ...]:
    """From where to where nothing was recorded, in seconds of the recording, which runs while the
    customer is in a bridge. A pause that goes on has no end yet and is left out.
    """
    if customer is None or not customer.pauses:
        return ()
    found = [(start, end or customer.ended_at) for start, end in _paused(customer)]
    return tuple((_played(customer, start), _played(customer, end)) for start, end in found if end)


def is_paused(customer: Leg | None) -> bool:
    if customer is None or customer.ended_at:
        return False
    return any(end is None for _, end in _paused(customer))


def _paused(customer: Leg) -> list[tuple[datetime, datetime | None]]:
    """The exchange pauses a piece of the recording; another piece that begins is recorded."""
    return periods(customer.pauses | {(at, False) for at, _ in customer.recordings})


def _played(customer: Leg, until: datetime) -> float:
    """Seconds of the recording by that time."""
    total = 0.0
    for stay in customer.stays():
        end = min(stay.end or until, until)
        if end > stay.start:
            total += (end - stay.start).total_seconds()
    return round(total, 3)
