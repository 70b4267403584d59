"""The calls alive now. `apply` never awaits, so every reader sees whole calls only.

Each event goes to the leg it is about, and the leg's conversation is told anew from all that is known
(story.py). Listeners hear of it only when the call, as others see it, has changed.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import events as happened
from .call import Call
from .conversation import Conversation
from .events import UNTIMED, ChannelEvent, Event
from .legs import Kind, Leg, endpoint_of, kind_of
from .memory import Memory
from .story import told

log = logging.getLogger(__name__)

MOST_NAMES = 100_000  # ids of calls alive, a handful each: more is not a call center but a fault
MOST_LEGS = 2_000  # in one call: a queue that rings twenty phones for half an hour
OPENING = (  # facts that show a call to be there; others may be left over from one that is not
    happened.ChannelSeen,
    happened.DialBegan,
    happened.DialHeard,
    happened.BridgeEntered,
    happened.QueueJoined,
    happened.InboundAnnounced,
    happened.AutomaticStepped,
    happened.RecordingStarted,
)
MOVING = (  # facts that change who hears whom
    happened.BridgeEntered,
    happened.BridgeLeft,
    happened.ChannelEnded,
    happened.ChannelListed,
    happened.SpyingBegan,
)


@dataclass(frozen=True, slots=True)
class Change:
    """`before` None: the call is new."""

    before: Call | None
    after: Call

    @property
    def extensions(self) -> frozenset[str]:
        """Whoever should see the call now, or saw it until now."""
        return self.after.extensions | (self.before.extensions if self.before else frozenset())


Listener = Callable[[Change], None]  # must not await, must not block


class Board:
    """`trunk` is the name of the endpoint that leads to the world outside; all others are agents."""

    def __init__(self, listeners: Sequence[Listener] = (), trunk: str = "carrier") -> None:
        self._listeners = listeners
        self._trunk = trunk
        self._calls: dict[str, Call] = {}
        self._legs: dict[str, tuple[Leg, Conversation]] = {}
        self._named: dict[str, Conversation] = {}
        self._bridges: dict[str, set[str]] = {}  # bridge: the channels in it, over all calls
        self._memory = Memory()
        self._unseen: dict[str, None] | None = None  # channels a snapshot has not shown yet
        self._snapshot_at = UNTIMED

    # ----------------------------------------------------------------- questions

    def calls(self) -> list[Call]:
        """All calls alive, the oldest first."""
        return list(self._calls.values())

    def call(self, call_id: str) -> Call | None:
        """None once it has ended."""
        return self._calls.get(call_id)

    def calls_of(self, extension: str) -> list[Call]:
        """The calls this agent should see now."""
        return [call for call in self._calls.values() if extension in call.extensions]

    # -------------------------------------------------------------------- facts

    def apply(self, event: Event) -> None:
        """Take one fact in: any order, any number of times. Never refuses, never waits."""
        match event:
            case happened.OriginateAnswered():
                self._originated(event)
            case ChannelEvent():
                self._heard(event)
            case happened.CallPlaced():
                self._placed(event)
            case happened.SnapshotBegan():
                self._snapshot_at = event.at
                self._unseen = dict.fromkeys([*self._legs, *self._named])
            case happened.SnapshotEnded() if self._unseen is not None:
                unseen, self._unseen = self._unseen, None
                self._miss(unseen, event.at)

    def _placed(self, event: happened.CallPlaced) -> None:
        if event.call_id in self._named or event.call_id in self._memory:
            return
        conversation = Conversation(event.call_id, ccid=event.call_id, placed=event)
        self._name(conversation, event.call_id)
        self._settle(conversation)

    def _originated(self, event: happened.OriginateAnswered) -> None:
        conversation = self._named.get(event.channel_id)
        if conversation is None:
            called = endpoint_of(event.name)
            if event.ok or not called or not event.number or event.channel_id in self._memory:
                return
            conversation = Conversation(event.linked_id or event.channel_id, ccid=event.ccid)
            self._name(conversation, event.channel_id)
        if conversation.originated is None:
            conversation.originated = event
            self._settle(conversation)

    def _heard(self, event: ChannelEvent) -> None:
        if self._unseen is not None:
            self._unseen.pop(event.channel_id, None)
        if isinstance(event, happened.ChannelListed) and event.at == UNTIMED:
            event = replace(event, at=self._snapshot_at)
        leg, conversation = self._legs.get(event.channel_id) or self._new_leg(event)
        if leg is None or conversation is None:
            return
        news = leg.learn(event)
        if event.at < leg.since:
            leg.since, news = event.at, True
        if event.ccid and event.ccid != conversation.ccid:
            recognised = self._recognise(conversation, event.ccid)
            if recognised is None:
                return
            news, conversation = True, recognised
        if isinstance(event, MOVING) and news:
            conversation = self._follow(leg, conversation, event.at)
        if news:
            self._settle(conversation)

    def _new_leg(self, event: ChannelEvent) -> tuple[Leg, Conversation] | tuple[None, None]:
        """The leg and conversation of a channel that is new to us, if it should have one."""
        kind = kind_of(event.name, self._trunk)
        if kind is Kind.NONE or event.channel_id in self._memory:
            return None, None
        if not isinstance(event, OPENING):
            self._memory.park(event)
            return None, None
        conversation = self._home_of(event, kind)
        if conversation is None or len(conversation.legs) >= MOST_LEGS:
            return None, None
        linked_id, endpoint = event.linked_id or event.channel_id, endpoint_of(event.name)
        age_s = event.age_s if isinstance(event, happened.ChannelListed) else 0.0
        since = event.at - timedelta(seconds=age_s)
        leg = Leg(event.channel_id, linked_id, event.name, kind, since, endpoint)
        self._adopt(leg, conversation)
        for parked in self._memory.parked(event.channel_id):
            leg.learn(parked)
        return leg, conversation

    def _home_of(self, event: ChannelEvent, kind: Kind) -> Conversation | None:
        """The conversation a new channel belongs to; a new one if it begins one; None: too late."""
        linked_id = event.linked_id or event.channel_id
        names = (event.channel_id, event.ccid, linked_id)
        if home := next((self._named[name] for name in names if name in self._named), None):
            return home
        if linked_id in self._memory:
            return None
        if event.ccid in self._memory and (kind is not Kind.TRUNK or linked_id != event.channel_id):
            return None  # only an automatic call is tried again under the same id
        if len(self._named) >= MOST_NAMES:
            self._drop_oldest(event.at)
        conversation = Conversation(linked_id, ccid=event.ccid)
        for name in filter(None, names):
            self._name(conversation, name)
        return conversation

    # ------------------------------------------------------------- what belongs together

    def _name(self, conversation: Conversation, name: str) -> None:
        self._named[name] = conversation
        conversation.names.add(name)

    def _adopt(self, leg: Leg, conversation: Conversation) -> None:
        conversation.legs[leg.channel_id] = leg
        self._legs[leg.channel_id] = leg, conversation
        self._name(conversation, leg.channel_id)
        if leg.linked_id not in self._named:
            self._name(conversation, leg.linked_id)

    def _recognise(self, conversation: Conversation, ccid: str) -> Conversation | None:
        """Now we know whose channel it is: until its second event it bears no id of ours."""
        home = self._named.get(ccid)
        if home is None and not conversation.ccid:
            if ccid in self._memory and not conversation.of(Kind.TRUNK) and not conversation.told:
                self._forget(conversation)  # a supervisor who came too late to listen in
                return None
            conversation.ccid = ccid
            self._name(conversation, ccid)
        elif home is not None and home is not conversation and not conversation.told:
            for leg in conversation.legs.values():
                self._adopt(leg, home)
            for name in conversation.names:
                self._name(home, name)
            home.moved()
            return home
        return conversation

    def _follow(self, leg: Leg, conversation: Conversation, at: datetime) -> Conversation:
        """Bridges can join two calls: an agent's leg then goes over to the call with the customer."""
        conversation.moved()
        stays = leg.stays()
        now = stays[-1].bridge_id if stays and stays[-1].end is None else None
        for bridge_id in {bridge_id for _, bridge_id in leg.entered if bridge_id != now}:
            self._leave(bridge_id, leg)
        if now is None:
            return conversation
        inside = self._bridges.setdefault(now, set())
        inside.add(leg.channel_id)
        homes = {self._legs[channel_id][1] for channel_id in inside}
        hosts = [home for home in homes if home.customer]
        if len(homes) != 2 or len(hosts) != 1:
            return conversation
        host = hosts[0]
        guest = next(home for home in homes if home is not host)
        for channel_id in inside & guest.legs.keys():
            self._move(guest.legs[channel_id], guest, host, at)
        self._settle(guest)
        return host

    def _leave(self, bridge_id: str, leg: Leg) -> None:
        inside = self._bridges.get(bridge_id)
        if inside is not None:
            inside.discard(leg.channel_id)
            if not inside:
                del self._bridges[bridge_id]

    def _move(self, leg: Leg, guest: Conversation, host: Conversation, at: datetime) -> None:
        met = {one.endpoint for one in guest.of(Kind.PHONE) if one.entered and one is not leg}
        guest.legs[leg.channel_id] = leg.left_behind(at)
        leg.met |= met
        self._adopt(leg, host)
        guest.moved()
        host.moved()

    # --------------------------------------------------------------------------- the end

    def _miss(self, unseen: Iterable[str], at: datetime) -> None:
        """End what a snapshot should have shown and did not."""
        for name in unseen:
            if found := self._legs.get(name):
                leg, conversation = found
                if not leg.ended_at:
                    leg.lose(at)
                    conversation.moved()
            elif conversation := self._named.get(name):  # type: ignore[assignment]
                if not conversation.legs and conversation.placed:
                    conversation.lost_at = at
            else:
                continue
            self._settle(conversation)

    def _drop_oldest(self, at: datetime) -> None:
        oldest = next(iter(self._named.values()))
        log.warning("too many calls alive: gave up %s", oldest.call_id)
        oldest.lost_at = at
        self._settle(oldest)

    def _settle(self, conversation: Conversation) -> None:
        """Bring what others know of a conversation up to date."""
        over = conversation.is_over
        change = None
        if conversation.is_call:
            before, after = conversation.told, told(conversation)
            if after != before:
                change = Change(before, after)
                conversation.told = self._calls[after.call_id] = after
        if over:
            self._forget(conversation)
        if change:
            self._tell(change)

    def _forget(self, conversation: Conversation) -> None:
        self._calls.pop(conversation.call_id, None)
        for name in conversation.names:
            if self._named.get(name) is conversation:
                del self._named[name]
                self._memory.add(name)
        for channel_id, leg in conversation.legs.items():
            if self._legs.get(channel_id, (None, None))[1] is conversation:
                del self._legs[channel_id]
            for _, bridge_id in leg.entered:
                self._leave(bridge_id, leg)

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            try:
                listener(change)
            except Exception:  # one deaf listener must not cost the others the call
                log.exception("%s failed on %s", listener, change.after.call_id)
