"""Which call a channel belongs to: by our id of the call, Asterisk's, or a bridge it enters."""

from datetime import datetime, timedelta

from . import events as happened
from .conversation import Conversation
from .endpoints import extension_of, is_mobile
from .events import ChannelEvent
from .legs import Kind, Leg, endpoint_of, kind_of
from .lessons import learn
from .memory import Memory

MOST_NAMES = 100_000  # ids of calls alive, a handful each: more is no call center but a fault
MOST_LEGS = 2_000  # in one call: a queue that rings twenty phones for half an hour
OPENING = (  # facts that show a call to be there; others may be left over from one that is gone
    happened.ChannelSeen,
    happened.DialBegan,
    happened.DialHeard,
    happened.BridgeEntered,
    happened.QueueJoined,
    happened.InboundAnnounced,
    happened.HopPassed,
    happened.AutomaticStepped,
    happened.RecordingStarted,
)


class Homes:
    def __init__(self, trunk: str) -> None:
        self.legs: dict[str, tuple[Leg, Conversation]] = {}  # by channel_id
        self.named: dict[str, Conversation] = {}  # by each id it may be called by
        self.memory = Memory()
        self._trunk = trunk
        self._bridges: dict[str, set[str]] = {}  # bridge: the channels in it, of whatever call

    @property
    def oldest_too_many(self) -> Conversation | None:
        """The conversation to give up before another one is taken in."""
        return next(iter(self.named.values())) if len(self.named) >= MOST_NAMES else None

    def new_leg(self, event: ChannelEvent) -> tuple[Leg, Conversation] | None:
        """The leg of a channel that is new to us, placed in its conversation; None: it has none."""
        kind = kind_of(event.name, self._trunk)
        if kind is Kind.NONE or event.channel_id in self.memory:
            return None
        if not isinstance(event, OPENING):
            self.memory.park(event)
            return None
        home = self._home_of(event, kind)
        if home is None or len(home.legs) >= MOST_LEGS:
            return None
        age_s = event.age_s if isinstance(event, happened.ChannelListed) else 0.0
        since = event.at - timedelta(seconds=age_s)
        linked_id = event.linked_id or event.channel_id
        named = endpoint_of(event.name)
        endpoint = extension_of(named) if kind is Kind.PHONE else named
        confirms = kind is Kind.PHONE and is_mobile(named)
        leg = Leg(event.channel_id, linked_id, event.name, kind, since, endpoint, confirms=confirms)
        leg.spies = leg.is_lead
        self._adopt(leg, home)
        for early in self.memory.parked(event.channel_id):
            learn(leg, early)
        return leg, home

    def _home_of(self, event: ChannelEvent, kind: Kind) -> Conversation | None:
        """The conversation a new channel belongs to, or begins; None: it comes too late."""
        linked_id = event.linked_id or event.channel_id
        for name in (event.channel_id, event.ccid, linked_id):
            if name in self.named:
                return self.named[name]
        if linked_id in self.memory:
            return None
        if event.ccid in self.memory and not (kind is Kind.TRUNK and linked_id == event.channel_id):
            return None  # only an automatic call is tried again under the same id
        home = Conversation(linked_id, ccid=event.ccid)
        for name in filter(None, (event.channel_id, event.ccid, linked_id)):
            self.name(home, name)
        return home

    def name(self, conversation: Conversation, name: str) -> None:
        self.named[name] = conversation
        conversation.names.add(name)

    def _adopt(self, leg: Leg, home: Conversation) -> None:
        home.legs[leg.channel_id] = leg
        self.legs[leg.channel_id] = leg, home
        self.name(home, leg.channel_id)
        if leg.linked_id not in self.named:
            self.name(home, leg.linked_id)

    def recognise(self, conversation: Conversation, ccid: str) -> Conversation | None:
        """Now we know whose channels these are; a channel's first event bears no id of ours.

        None: they belong to a call that is over.
        """
        home = self.named.get(ccid)
        if home is None and not conversation.ccid:
            if ccid in self.memory and not (conversation.has_outsider or conversation.told):
                self.forget(conversation)  # a supervisor who came too late to listen in
                return None
            conversation.ccid = ccid
            self.name(conversation, ccid)
        elif home is not None and home is not conversation and not conversation.told:
            for leg in conversation.legs.values():
                self._adopt(leg, home)
            for name in conversation.names:
                self.name(home, name)
            home.moved()
            return home
        elif home is conversation and not conversation.ccid:
            conversation.ccid = ccid  # ours was its first channel's id from the beginning
        return conversation

    def follow(self, leg: Leg, at: datetime) -> Conversation | None:
        """Take note of the bridge a leg is in now.

        Bridges can join two calls: an agent's leg then goes over to the call with the customer, and
        the conversation it has left is returned.
        """
        stays = leg.stays()
        now = stays[-1].bridge_id if stays and stays[-1].end is None else None
        for _, bridge_id in leg.entered:
            if bridge_id != now:
                self._leave(bridge_id, leg)
        if now is None:
            return None
        inside = self._bridges.setdefault(now, set())
        inside.add(leg.channel_id)
        homes = {home for channel_id in inside for _, home in [self.legs[channel_id]]}
        hosts = [home for home in homes if home.has_outsider]
        if len(homes) != 2 or len(hosts) != 1:
            return None
        host = hosts[0]
        guest = next(home for home in homes if home is not host)
        for channel_id in inside & guest.legs.keys():
            self._move(guest.legs[channel_id], guest, host, at)
        return guest

    def _leave(self, bridge_id: str, leg: Leg) -> None:
        inside = self._bridges.get(bridge_id)
        if inside is not None:
            inside.discard(leg.channel_id)
            if not inside:
                del self._bridges[bridge_id]

    def _move(self, leg: Leg, guest: Conversation, host: Conversation, at: datetime) -> None:
        guest.legs[leg.channel_id] = leg.left_behind(at)
        others = [one for one in guest.legs.values() if one.kind is Kind.PHONE and one.entered]
        leg.met |= {one.endpoint for one in others if one.channel_id != leg.channel_id}
        self._adopt(leg, host)
        guest.moved()
        host.moved()

    def forget(self, conversation: Conversation) -> None:
        """It is over: whatever is still said about it comes late."""
        for name in conversation.names:
            if self.named.get(name) is conversation:
                del self.named[name]
                self.memory.add(name)
        for channel_id, leg in conversation.legs.items():
            if channel_id in self.legs and self.legs[channel_id][1] is conversation:
                del self.legs[channel_id]
                for _, bridge_id in leg.entered:
                    self._leave(bridge_id, leg)
