"""An exchange for tests: says what channels do, second by second, in the words of events."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callcenter.calls.board import Board, Change
from callcenter.calls.events import (
    BridgeEntered,
    BridgeLeft,
    ChannelCreated,
    ChannelEnded,
    ChannelListed,
    ChannelSeen,
    ChannelState,
    DialBegan,
    HangupAsked,
    OriginateAnswered,
    SnapshotBegan,
    SnapshotEnded,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CARRIER = "PJSIP/carrier-00000001"


def at(second):
    return NOON + timedelta(seconds=second)


@dataclass
class Channel:
    channel_id: str
    name: str
    linked_id: str
    ccid: str
    exchange: "Exchange"

    def says(self, kind, second, /, **facts):
        facts = {"ccid": self.ccid, **facts}
        event = kind(
            at=at(second),
            channel_id=self.channel_id,
            linked_id=self.linked_id,
            name=self.name,
            **facts,
        )
        self.exchange.board.apply(event)
        return self

    def rings(self, second):
        return self.says(ChannelSeen, second, state=ChannelState.RINGING)

    def answers(self, second):
        return self.says(ChannelSeen, second, state=ChannelState.UP)

    def enters(self, second, bridge="b"):
        return self.says(BridgeEntered, second, bridge_id=bridge)

    def leaves(self, second, bridge="b"):
        return self.says(BridgeLeft, second, bridge_id=bridge)

    def asks(self, second):
        return self.says(HangupAsked, second)

    def ends(self, second, cause=16):
        return self.says(ChannelEnded, second, cause=cause)


@dataclass
class Exchange:
    """`changes` is what the board told, `ended` the calls that are over."""

    changes: list[Change] = field(default_factory=list)

    def __post_init__(self):
        self.board = Board([self.changes.append])
        self._number = 0

    @property
    def call(self):
        """The last call that anything was told of, as it is now."""
        return self.changes[-1].after

    @property
    def ended(self):
        return [change.after for change in self.changes if change.after.ended_at]

    def channel(self, name, channel_id="", linked_id="", ccid=""):
        self._number += 1
        channel_id = channel_id or f"pbx-{self._number}"
        return Channel(channel_id, name, linked_id or channel_id, ccid, self)

    def customer_calls(self, second=0, number="0912345678", did="19006789", **facts):
        """A call comes in; its first channel's id is the call's."""
        customer = self.channel("PJSIP/carrier-00000001")
        customer.says(
            ChannelCreated,
            second,
            **{"state": ChannelState.CALLING_IN, "number": number, "exten": did, **facts},
        )
        customer.ccid = customer.channel_id
        return customer

    def dials(self, second, extension, by, dialled="", linked_id=""):
        """`by` has a phone called."""
        leg = self.channel(
            f"PJSIP/{extension}-0000000{self._number + 1}",
            linked_id=linked_id or by.linked_id,
            ccid=by.ccid,
        )
        leg.says(ChannelCreated, second, state=ChannelState.DOWN, number=extension, ccid="")
        return leg.says(DialBegan, second, by=by.channel_id, dialled=dialled or extension)

    def originates(self, second, endpoint, call_id, number="0912345678", ccid=None):
        """We have a phone called, and `number` afterwards (the agent's display shows it)."""
        leg = self.channel(f"PJSIP/{endpoint}-000000a1", channel_id=call_id)
        leg.says(ChannelCreated, second, state=ChannelState.DOWN, number=endpoint)
        leg.ccid = call_id if ccid is None else ccid
        leg.says(ChannelSeen, second, number=endpoint, connected=number)
        return leg.says(DialBegan, second, dialled=endpoint)

    def talk(self, second, *channels, bridge="b"):
        for channel in channels:
            channel.enters(second, bridge)

    def refuses(self, second, call_id, number="0912345678", name="PJSIP/201"):
        self.board.apply(
            OriginateAnswered(at=at(second), channel_id=call_id, ok=False, number=number, name=name)
        )

    def snapshot(self, second, *channels, bridge="", age=0.0):
        """A list of these channels only."""
        self.board.apply(SnapshotBegan(at=at(second)))
        for channel in channels:
            channel.says(
                ChannelListed,
                second,
                state=ChannelState.UP,
                number="0912345678",
                exten="19006789",
                bridge_id=bridge,
                age_s=age,
            )
        self.board.apply(SnapshotEnded(at=at(second)))
