"""A leg: all that is known of one channel's part in a call.

How it learns stands in lessons.py; what it means for the call is worked out afterwards (story.py).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from .endpoints import trunk_name
from .events import ChannelSeen

# How the ids of channels begin by which a team lead listens to a call: known from the first event
# on, also after a restart and in CEL. Such a channel is no part of the call unless it joins.
LISTENS = "listen-"


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
    """`trunk` is the endpoint that the installation brings; the switchboard's are known by name."""
    endpoint = endpoint_of(name)
    if endpoint:
        outside = endpoint == trunk or trunk_name(endpoint)
        return Kind.TRUNK if outside else Kind.PHONE
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
    spied_at: datetime | None = None  # when it was first heard to listen in
    transferred: bool = False  # its person handed the other side over
    abandoned: bool = False
    missed_at: datetime | None = None  # when a queue gave it up
    queue: tuple[datetime, str] | None = None  # the last
    message: tuple[datetime, str] | None = None  # when it was last asked for one; for which queue
    joined: set[tuple[datetime, str]] = field(default_factory=set)  # each time it came into one
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
    # where the dialplan had it on its way: (kind, which)
    hops: set[tuple[datetime, tuple[str, str]]] = field(default_factory=set)
    waits: tuple[datetime, str] | None = None  # for that extension to come back, the last time
    met: frozenset[str] = frozenset()  # whom it talked with in a call it has come from

    @property
    def is_root(self) -> bool:
        """It began a conversation, as Asterisk saw it, rather than joining one."""
        return self.linked_id == self.channel_id

    @property
    def is_lead(self) -> bool:
        """It is a lead's, who listens to the call, or has joined it."""
        return self.channel_id.startswith(LISTENS)

    @property
    def is_aside(self) -> bool:
        """It lives, and is of a lead who does not talk with the customer (any more)."""
        return self.is_lead and not self.ended_at and not any(not s.end for s in self.stays())

    @property
    def rings(self) -> bool:
        """It is called and has neither answered nor gone. From the moment of dialling on: the page
        then shows who calls before the phone makes a sound, which a full exchange tells of late."""
        begun = self.rang_at or self.dialled
        return bool(begun and not (self.up_at or self.ended_at or self.dial_status))

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
