"""A leg: all that is known of one channel's part in a call.

What a leg knows only grows, and of times the earliest counts; so it makes no difference in which
order events come, or how often. What they mean for the call is worked out afterwards (story.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from . import events as happened
from .events import ChannelSeen, ChannelState, Event

AUTOMATIC = "autocall"  # the context that automatic calls are answered in
MOST = 500  # of anything that one channel can do again and again


class Kind(Enum):
    TRUNK = "trunk"  # the world outside: a customer, or someone a customer was transferred to
    PHONE = "phone"  # an agent's
    LOCAL = "local"  # half of a pipe inside the exchange
    NONE = "none"  # nobody is there, such as OutgoingSpoolFailed


def endpoint_of(name: str) -> str:
    """The endpoint in a channel's name: "201" for "PJSIP/201-0000000a", "" where there is none."""
    technology, slash, rest = name.partition("/")
    if not slash or technology not in ("PJSIP", "SIP", "IAX2"):
        return ""
    return rest.rpartition("@")[2].rpartition("-")[0] or rest.rpartition("@")[2]


def kind_of(name: str, trunk: str) -> Kind:
    endpoint = endpoint_of(name)
    if endpoint:
        return Kind.TRUNK if endpoint == trunk else Kind.PHONE
    return Kind.LOCAL if name.startswith("Local/") else Kind.NONE


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in a bridge; `end` None: still there."""

    bridge_id: str
    start: datetime
    end: datetime | None


@dataclass(slots=True, eq=False)
class Leg:
    channel_id: str
    linked_id: str  # as it was first heard: bridges change it later
    name: str
    kind: Kind
    since: datetime  # the first we heard of it
    endpoint: str = ""  # of a phone the agent's extension, whichever of their phones it is
    first: ChannelSeen | None = None  # what it looked like in the beginning
    withheld: bool = False  # its number was taken away, or never shown
    called_in: bool | None = None  # it called us (True) or was called (False)
    connected: tuple[datetime, str] | None = None  # the first number shown on its phone
    automatic: bool = False
    dialled: str = ""
    dialled_by: str = ""
    pipe: "Leg | None" = None  # the half of a pipe at which whoever calls it waits (pipes.py)
    confirms: bool = False  # whoever picks up must press a key: until then it may be a voice mail
    dial_status: str = ""
    heard_at: datetime | None = None  # the first sign of life: it rings, or early media
    rang_at: datetime | None = None
    up_at: datetime | None = None
    asked_at: datetime | None = None  # when its person hung up
    ended_at: datetime | None = None
    cause: int | None = None
    lost: bool = False  # its end was not heard, only missed later
    spies: bool = False
    transferred: bool = False  # its person handed the other side over
    abandoned: bool = False
    missed_at: datetime | None = None  # when a queue gave it up
    queue: tuple[datetime, str] | None = None
    did: str = ""
    meant_for: str = ""  # the queue that its number leads to, whoever is rung before
    entered: set[tuple[datetime, str]] = field(default_factory=set)
    left: set[tuple[datetime, str]] = field(default_factory=set)
    holds: set[tuple[datetime, bool]] = field(default_factory=set)  # True: on, False: off
    music: set[tuple[datetime, bool]] = field(default_factory=set)
    digits: set[tuple[datetime, str]] = field(default_factory=set)
    choices: set[tuple[datetime, str]] = field(default_factory=set)
    recordings: set[tuple[datetime, str]] = field(default_factory=set)
    pauses: set[tuple[datetime, bool]] = field(default_factory=set)  # of the recording
    waits: tuple[datetime, str] | None = None  # for that extension to come back, the last time
    met: frozenset[str] = frozenset()  # whom it talked with in a call it has come from

    @property
    def is_root(self) -> bool:
        """It began a conversation, as Asterisk saw it, rather than joining one."""
        return self.linked_id == self.channel_id

    @property
    def rings(self) -> bool:
        return bool(self.rang_at and not (self.up_at or self.ended_at or self.dial_status))

    def learn(self, event: Event) -> bool:
        """Take the event in; False when it says nothing new."""
        lesson = LESSONS.get(type(event))
        return bool(lesson and lesson(self, event))

    def lose(self, at: datetime) -> None:
        """It is gone, and its end was never heard."""
        self.ended_at, self.lost = at, True

    def left_behind(self, at: datetime) -> "Leg":
        """What remains of it in a call that it goes away from."""
        return replace(
            self,
            ended_at=at,
            entered=set(self.entered),
            left=set(self.left),
            holds=set(self.holds),
        )

    def stays(self) -> list[Stay]:
        """When it was in which bridge, in order; a channel is in one at a time."""
        entered = sorted(self.entered)
        following: list[datetime | None] = [at for at, _ in entered[1:]]
        return [
            Stay(bridge_id, start, self._left(bridge_id, start, next_at))
            for (start, bridge_id), next_at in zip(entered, [*following, None], strict=False)
        ]

    def _left(self, bridge_id: str, start: datetime, following: datetime | None) -> datetime | None:
        leaving = [at for at, bridge in self.left if bridge == bridge_id and at >= start]
        known = [at for at in (*leaving, following, self.ended_at) if at]
        return max(min(known), start) if known else None


def periods(switches: set[tuple[datetime, bool]]) -> list[tuple[datetime, datetime | None]]:
    """From each "on" to the "off" that follows it (None: none yet); on again changes nothing."""
    found: list[tuple[datetime, datetime | None]] = []
    begun: datetime | None = None
    for at, on in sorted(switches):
        if on and begun is None:
            begun = at
        elif not on and begun is not None:
            found.append((begun, at))
            begun = None
    return [*found, (begun, None)] if begun else found


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


def _wait(leg: Leg, event: happened.WaitBegan) -> bool:
    if leg.waits and event.at <= leg.waits[0]:
        return False
    leg.waits = event.at, event.agent
    return True


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
    happened.RingMissed: lambda leg, event: _earliest(leg, "missed_at", event.at),
    happened.InboundAnnounced: _announce,
    happened.AutomaticStepped: _step,
    happened.DigitPressed: lambda leg, event: _add(leg.digits, (event.at, event.digit)),
    happened.RecordingStarted: _record,
    happened.RecordingPaused: lambda leg, event: _add(leg.pauses, (event.at, event.on)),
    happened.WaitBegan: _wait,
    happened.TransferMade: _mark("transferred"),
    happened.SpyingBegan: _mark("spies"),
}
