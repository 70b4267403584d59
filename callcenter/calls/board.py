"""The calls alive now. `apply` never awaits, so every reader sees whole calls only.

Each event goes to the leg it is about, and the leg's conversation is told anew from all that is
known of it (story.py). Listeners hear of it only when the call, as others see it, has changed.

Telling a call anew costs more than all else, and before a phone rings the exchange says the same
thing in half a dozen ways. So what comes together (`hear` … `hear`, `settle`) is told once, as long
as it only says how a call is set up: whoever joins, leaves or ends is told at once.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from . import events as happened
from .call import Call, State, Step
from .conversation import Conversation
from .events import UNTIMED, ChannelEvent, Event
from .homes import Homes
from .legs import LISTENS, Leg, endpoint_of
from .lessons import learn
from .parties import Channels, channels, left_alone
from .scene import arrange
from .story import told, way

log = logging.getLogger(__name__)

MOVING = (  # facts that change who hears whom
    happened.BridgeEntered,
    happened.BridgeLeft,
    happened.ChannelEnded,
    happened.ChannelListed,
    happened.SpyingBegan,
)
FRESH = timedelta(seconds=5)  # a call placed since then may have no channel yet
SETTING_UP = frozenset(  # facts that can wait for those that come with them
    {
        happened.ChannelCreated,
        happened.ChannelSeen,
        happened.DialBegan,
        happened.DialHeard,
        happened.QueueJoined,
        happened.InboundAnnounced,
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """`before` None: the call is new."""

    before: Call | None
    after: Call

    @property
    def extensions(self) -> frozenset[str]:
        """Whoever should see the call now, or saw it until now; at its end, who talked last."""
        last = self.after.agents[-1:] if self.after.state is State.ENDED else ()
        before = self.before.extensions if self.before else frozenset()
        return self.after.extensions | before | set(last)


Listener = Callable[[Change], None]  # must not await, must not block


class Board:
    """`trunk` is the name of the endpoint that leads outside; all other endpoints are agents'."""

    def __init__(self, listeners: Sequence[Listener] = (), trunk: str = "carrier") -> None:
        self._listeners = listeners
        self._calls: dict[str, Call] = {}
        self._homes = Homes(trunk)
        self._unseen: dict[str, None] | None = None  # what a snapshot has not shown yet
        self._snapshot_at = UNTIMED
        self._routine = False
        self.from_list = False  # what is told now was learnt by comparing, not as it happened
        self._waiting: deque[Conversation] = deque()  # to be told; by their first news

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

    def channels_of(self, call_id: str) -> list[str]:
        """The ids of a call's live channels, the oldest first: to hang that up ends the call."""
        conversation = self._homes.named.get(call_id)
        legs = sorted(conversation.legs.values(), key=lambda leg: leg.since) if conversation else []
        return [leg.channel_id for leg in legs if not leg.ended_at and not leg.spies]

    def channels(self, call_id: str) -> Channels | None:
        """How the exchange knows those who take part in a call that is alive."""
        conversation = self._homes.named.get(call_id)
        return channels(arrange(conversation)) if conversation else None

    def left_alone(self) -> dict[str, Call]:
        """The channels of those who are alone in a call since its customer has gone, by name."""
        known = {id: self._homes.named.get(id) for id in self._calls}
        legs = {id: left_alone(arrange(each)) for id, each in known.items() if each}
        return {leg.name: self._calls[id] for id, leg in legs.items() if leg}

    def journey(self, call_id: str) -> tuple[Step, ...]:
        """The stations so far of a call that is alive."""
        conversation = self._homes.named.get(call_id)
        if conversation is None or conversation.told is None:
            return ()
        return way(arrange(conversation), conversation.told)

    def knows(self, channel_id: str) -> bool:
        """Whether this channel is alive, whatever it is part of."""
        found = self._homes.legs.get(channel_id)
        return bool(found and not found[0].ended_at)

    def alive(self) -> dict[str, str]:
        """The channels that we believe in, id -> name; a placed call that has none by its id."""
        found = {
            channel_id: leg.name
            for channel_id, (leg, _) in self._homes.legs.items()
            if not leg.ended_at
        }
        for name, conversation in self._homes.named.items():
            if conversation.placed and not conversation.legs:
                found[name] = ""
        return found

    # -------------------------------------------------------------------- facts

    def apply(self, event: Event) -> None:
        """Take one fact in: in any order, any number of times. Never refuses, never waits."""
        self.hear(event)
        self.settle()

    def hear(self, event: Event) -> None:
        """Take one of several facts in; `settle` must follow before anybody asks for a call."""
        can_wait = self._can_wait(event)
        if not can_wait:
            self.settle()
        self.from_list = isinstance(event, happened.ChannelListed | happened.SnapshotEnded)
        match event:
            case happened.OriginateAnswered():
                self._originated(event)
            case ChannelEvent():
                self._heard(event, can_wait)
            case happened.CallPlaced():
                self._placed(event)
            case happened.SnapshotBegan():
                self._snapshot_at, self._routine = event.at, event.routine
                self._unseen = dict.fromkeys([*self._homes.legs, *self._homes.named])
            case happened.SnapshotEnded() if self._unseen is not None:
                unseen, self._unseen = self._unseen, None
                self._miss(unseen, event)

    def settle(self) -> None:
        """Tell what was heard."""
        while self._waiting:
            conversation = self._waiting.popleft()
            if conversation.has_news:
                self._settle(conversation)

    def _can_wait(self, event: Event) -> bool:
        """Whether others may hear of it together with what comes next."""
        if type(event) not in SETTING_UP:
            return False
        assert isinstance(event, ChannelEvent)
        if not event.ccid:
            return True
        # Whether others know a call already decides whether an id that is new can become its own.
        found = self._homes.legs.get(event.channel_id)
        return found is not None and found[1].ccid == event.ccid

    def _placed(self, event: happened.CallPlaced) -> None:
        if event.call_id in self._homes.named or event.call_id in self._homes.memory:
            return
        conversation = Conversation(event.call_id, ccid=event.call_id, placed=event)
        self._homes.name(conversation, event.call_id)
        self._settle(conversation)

    def _originated(self, event: happened.OriginateAnswered) -> None:
        if event.channel_id.startswith(LISTENS):
            return  # of the call there is nothing to learn
        conversation = self._homes.named.get(event.channel_id)
        if conversation is None:
            if event.ok or not event.number or event.channel_id in self._homes.memory:
                return
            if not endpoint_of(event.name):
                return
            conversation = Conversation(event.linked_id or event.channel_id, ccid=event.ccid)
            self._homes.name(conversation, event.channel_id)
        if conversation.originated is None:
            conversation.originated = event
            self._settle(conversation)

    def _heard(self, event: ChannelEvent, can_wait: bool) -> None:
        if self._unseen is not None:
            self._unseen.pop(event.channel_id, None)
        if event.at == UNTIMED:
            if self._unseen is None:
                return  # a list that nobody asked for
            event = replace(event, at=self._snapshot_at)
        found = self._homes.legs.get(event.channel_id) or self._new_leg(event)
        if found is None:
            return
        leg, conversation = found
        news = learn(leg, event)
        if event.at < leg.since:
            leg.since, news = event.at, True
        if event.ccid and event.ccid != conversation.ccid:
            recognised = self._homes.recognise(conversation, event.ccid)
            if recognised is None:
                return
            news |= recognised is not conversation or not conversation.told
            conversation = recognised
        if news and isinstance(event, MOVING):
            conversation.moved()
            if guest := self._homes.follow(leg, event.at):
                self._settle(guest)
                conversation = self._homes.legs[event.channel_id][1]
        if news and not conversation.has_news:
            conversation.has_news = True
            self._waiting.append(conversation)
        if news and (not can_wait or leg.ended_at):
            self.settle()

    def _new_leg(self, event: ChannelEvent) -> tuple[Leg, Conversation] | None:
        if oldest := self._homes.oldest_too_many:
            log.warning("too many calls alive: gave up %s", oldest.call_id)
            oldest.lost_at = event.at
            self._settle(oldest)
        return self._homes.new_leg(event)

    def _miss(self, unseen: Iterable[str], event: happened.SnapshotEnded) -> None:
        """End what the snapshot should have shown and did not."""
        touched: dict[Conversation, None] = {}
        for name in unseen:
            found = self._homes.legs.get(name)
            conversation = found[1] if found else self._homes.named.get(name)
            if conversation is None:
                continue
            if found and not found[0].ended_at:
                found[0].lose(event.at)
                conversation.moved()
            elif not conversation.legs and conversation.placed and not self._is_fresh(conversation):
                conversation.lost_at = event.at
            touched[conversation] = None
        for conversation in touched:
            self._settle(conversation)

    def _is_fresh(self, conversation: Conversation) -> bool:
        placed = conversation.placed
        return self._routine and placed is not None and self._snapshot_at - placed.at < FRESH

    # ------------------------------------------------------------------ telling

    def _settle(self, conversation: Conversation) -> None:
        """Bring what others know of a conversation up to date."""
        conversation.has_news = False
        scene = arrange(conversation)
        change = None
        if scene.is_call:
            before, after = conversation.told, told(scene)
            if after != before:
                change = Change(before, after)
                conversation.told = self._calls[after.call_id] = after
        if scene.is_over:
            self._homes.forget(conversation)
            self._calls.pop(conversation.call_id, None)
        if change:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            try:
                listener(change)
            except Exception:  # one deaf listener must not cost the others the call
                log.exception("%s failed on %s", listener, change.after.call_id)
