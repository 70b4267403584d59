"""What a leg learns from an event.

What a leg knows only grows, and of times the earliest counts; so it makes no difference in which
order events come, or how often.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import events as happened
from .events import ChannelSeen, ChannelState, Event
from .legs import Leg

AUTOMATIC = "autocall"  # the context that automatic calls are answered in
MOST = 500  # of anything that one channel can do again and again


def learn(leg: Leg, event: Event) -> bool:
    """Let the leg take the event in; False when it says nothing new."""
    lesson = LESSONS.get(type(event))
    return bool(lesson and lesson(leg, event))


def _see(leg: Leg, event: ChannelSeen) -> bool:
    news = False
    if leg.first is None or event.at < leg.first.at:
        leg.first = event
        news = True
    if event.number is None and not leg.withheld:
        leg.withheld = news = True
    if event.state is ChannelState.CALLING_IN:
        news |= leg.called_in is not True
        leg.called_in = True
    elif event.state in (ChannelState.DOWN, ChannelState.RINGING) and leg.called_in is None:
        leg.called_in = False
        news = True
    if event.state is ChannelState.RINGING:
        news |= _earliest(leg, "rang_at", event.at) | _earliest(leg, "heard_at", event.at)
    elif event.state is ChannelState.UP:
        news |= _earliest(leg, "up_at", event.at)
    if event.connected and (leg.connected is None or event.at < leg.connected[0]):
        leg.connected = event.at, event.connected
        news = True
    if event.context == AUTOMATIC and not leg.automatic:
        leg.automatic = news = True
    return news


def _list(leg: Leg, event: happened.ChannelListed) -> bool:
    news = _see(leg, event)
    inside = [stay for stay in leg.stays() if stay.end is None]
    if inside and inside[-1].bridge_id != event.bridge_id:
        news |= _add(leg.left, (event.at, inside[-1].bridge_id))
    if event.bridge_id and not (inside and inside[-1].bridge_id == event.bridge_id):
        news |= _add(leg.entered, (event.at, event.bridge_id))
    return news


def _end(leg: Leg, event: happened.ChannelEnded) -> bool:
    if leg.ended_at:
        return False
    leg.ended_at, leg.cause = event.at, event.cause
    return True


def _dial(leg: Leg, event: happened.DialBegan) -> bool:
    if leg.dialled:
        return False
    leg.dialled, leg.dialled_by, leg.called_in = event.dialled or leg.name, event.by, False
    return True


def _hear(leg: Leg, event: happened.DialHeard) -> bool:
    news = False
    if event.sign in ("RINGING", "PROGRESS"):
        news = _earliest(leg, "heard_at", event.at)
    if event.sign == "RINGING":
        news |= _earliest(leg, "rang_at", event.at)
    return news


def _stop_dialling(leg: Leg, event: happened.DialEnded) -> bool:
    news = event.status == "ANSWER" and _earliest(leg, "up_at", event.at)
    if leg.dial_status:
        return news
    leg.dial_status = event.status
    return bool(event.status)


def _queue(leg: Leg, event: happened.QueueJoined) -> bool:
    before = leg.queue
    if event.now:
        _add(leg.joined, (event.at, event.queue))
    if before and event.at <= before[0]:
        return False
    leg.queue = event.at, event.queue
    return before is None or before[1] != event.queue


def _step(leg: Leg, event: happened.AutomaticStepped) -> bool:
    news = _earliest(leg, "up_at", event.at) or not leg.automatic
    leg.automatic = True
    return _add(leg.choices, (event.at, event.digit)) or news if event.digit else news


def _announce(leg: Leg, event: happened.InboundAnnounced) -> bool:
    before = leg.did, leg.meant_for
    leg.did, leg.meant_for = leg.did or event.did, leg.meant_for or event.queue
    return (leg.did, leg.meant_for) != before


def _record(leg: Leg, event: happened.RecordingStarted) -> bool:
    if any(file == event.file for _, file in leg.recordings):
        return False
    return _add(leg.recordings, (event.at, event.file))


def _leave_message(leg: Leg, event: happened.MessageBegan) -> bool:
    if leg.message and event.at <= leg.message[0]:
        return False
    leg.message = event.at, event.queue
    return True


def _wait(leg: Leg, event: happened.WaitBegan) -> bool:
    if leg.waits and event.at <= leg.waits[0]:
        return False
    leg.waits = event.at, event.agent
    return True


def _spy(leg: Leg, event: happened.SpyingBegan) -> bool:
    news = not leg.spies
    leg.spies = True
    return _earliest(leg, "spied_at", event.at) or news


def _mark(name: str) -> Callable[[Leg, Event], bool]:
    def lesson(leg: Leg, event: Event) -> bool:
        news = not getattr(leg, name)
        setattr(leg, name, True)
        return news

    return lesson


def _earliest(leg: Leg, name: str, at: datetime) -> bool:
    known = getattr(leg, name)
    if known is not None and known <= at:
        return False
    setattr(leg, name, at)
    return True


def _add(known: set[tuple[datetime, Any]], fact: tuple[datetime, Any]) -> bool:
    if fact in known or len(known) >= MOST:
        return False
    known.add(fact)
    return True


LESSONS: dict[type[Event], Callable[[Leg, Any], bool]] = {
    happened.ChannelCreated: _see,
    happened.ChannelSeen: _see,
    happened.ChannelListed: _list,
    happened.ChannelEnded: _end,
    happened.HangupAsked: lambda leg, event: _earliest(leg, "asked_at", event.at),
    happened.DialBegan: _dial,
    happened.DialHeard: _hear,
    happened.DialEnded: _stop_dialling,
    happened.BridgeEntered: lambda leg, event: _add(leg.entered, (event.at, event.bridge_id)),
    happened.BridgeLeft: lambda leg, event: _add(leg.left, (event.at, event.bridge_id)),
    happened.Held: lambda leg, event: _add(leg.holds, (event.at, True)),
    happened.Unheld: lambda leg, event: _add(leg.holds, (event.at, False)),
    happened.MusicStarted: lambda leg, event: _add(leg.music, (event.at, True)),
    happened.MusicStopped: lambda leg, event: _add(leg.music, (event.at, False)),
    happened.QueueJoined: _queue,
    happened.QueueAbandoned: _mark("abandoned"),
    happened.MessageBegan: _leave_message,
    happened.RingMissed: lambda leg, event: _earliest(leg, "missed_at", event.at),
    happened.InboundAnnounced: _announce,
    happened.HopPassed: lambda leg, event: _add(leg.hops, (event.at, (event.kind, event.what))),
    happened.AutomaticStepped: _step,
    happened.DigitPressed: lambda leg, event: _add(leg.digits, (event.at, event.digit)),
    happened.RecordingStarted: _record,
    happened.RecordingPaused: lambda leg, event: _add(leg.pauses, (event.at, event.on)),
    happened.WaitBegan: _wait,
    happened.TransferMade: _mark("transferred"),
    happened.SpyingBegan: _spy,
}
