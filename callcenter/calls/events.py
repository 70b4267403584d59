"""What happened. Facts: past tense, frozen, never refused.

An exchange speaks of channels (one phone's part in a call), so most facts are about a channel. They
may come late, twice, and in any order; `at` (UTC, by the exchange's own clock) is what counts.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

# The lists of a snapshot tell no time: the snapshot's own counts.
UNTIMED = datetime(1, 1, 1, tzinfo=UTC)


class ChannelState(StrEnum):
    DOWN = "Down"  # made by us, nothing heard yet
    CALLING_IN = "Ring"  # it called us
    RINGING = "Ringing"  # its phone rings
    UP = "Up"
    OTHER = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlaced(Event):
    """We are about to ask the exchange for this call; its first channel will have the call's id."""

    call_id: str
    extension: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotBegan(Event):
    """From here to SnapshotEnded all channels alive are listed; what is not listed has ended.

    `routine`: we were connected all the time, so a call that was placed just now may have no
    channel yet.
    """

    routine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotEnded(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent(Event):
    channel_id: str  # Asterisk's Uniqueid
    linked_id: str = (
        ""  # the Uniqueid of the first channel of the conversation, as Asterisk sees it
    )
    ccid: str = ""  # our id of the call, inherited by every channel of it; empty at first
    name: str = ""  # "PJSIP/201-0000000a"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSeen(ChannelEvent):
    """What a channel looked like at that time."""

    state: ChannelState = ChannelState.OTHER
    number: str | None = None  # its own; None: withheld, unknown
    caller_name: str = ""
    connected: str | None = None  # the other side's number
    context: str = ""
    exten: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCreated(ChannelSeen):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelListed(ChannelSeen):
    """Part of a snapshot: this channel lives."""

    bridge_id: str = ""  # empty: in none
    age_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEnded(ChannelEvent):
    cause: int | None = None  # Q.850


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupAsked(ChannelEvent):
    """The phone or network at this channel's end hung up (the dialplan did not)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegan(ChannelEvent):
    """This channel's phone is called."""

    by: str = ""  # the calling channel's id; empty: we ourselves (Originate)
    dialled: str = ""  # "15550100@carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialHeard(ChannelEvent):
    """A sign of life from the phone that is called: RINGING, PROGRESS, PROCEEDING."""

    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnded(ChannelEvent):
    status: (
        str  # ANSWER, BUSY, CANCEL, NOANSWER, CONGESTION, CHANUNAVAIL …: not to be trusted alone
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEntered(ChannelEvent):
    bridge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeft(ChannelEvent):
    bridge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(ChannelEvent):
    """This channel's phone put the other side on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheld(ChannelEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicStarted(ChannelEvent):
    """This channel hears music on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicStopped(ChannelEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueJoined(ChannelEvent):
    """This caller is in that queue; not `now`: told again when an agent is called for it."""

    queue: str
    now: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAbandoned(ChannelEvent):
    """The caller hung up while waiting in the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBegan(ChannelEvent):
    """This caller is asked for a message, for that queue: nobody will answer the call."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RingMissed(ChannelEvent):
    """A queue has given up this agent's phone, and asks somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundAnnounced(ChannelEvent):
    """The dialplan says which number of ours was called, and which queue the call is for."""

    did: str
    queue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HopPassed(ChannelEvent):
    """The dialplan says where this caller is on the way: told once, as it begins.

    `kind` is a short word (hours, menu, choice, message, holiday, voicemail, callback, overflow…),
    `what` says which one of them: its name, or the key that was pressed.
    """

    kind: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticStepped(ChannelEvent):
    """The dialplan says what an automatic call does; `digit` when the customer chose one."""

    digit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitPressed(ChannelEvent):
    """The person at this channel pressed a key (what is sent to a channel is not told so)."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(ChannelEvent):
    file: str = ""  # its name without folders; empty: not told


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPaused(ChannelEvent):
    """The recording of this channel goes on in silence (on), or is heard again (off)."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitBegan(ChannelEvent):
    """The dialplan lets this customer wait for `agent` (an extension) to come back."""

    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferMade(ChannelEvent):
    """The person at this channel handed the other side over; who answers shows later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpyingBegan(ChannelEvent):
    """This channel listens in on another: it is no part of the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateAnswered(ChannelEvent):
    """What became of our wish for a call: the first phone answered (ok), or not.

    `name` is "PJSIP/201" or "PJSIP/15550101@carrier" when there is, or was, no channel.
    """

    ok: bool
    number: str | None = None  # who was to be called
