"""What every agent is doing now: the truth is in memory, each change is a row, the queues follow.

Facts (calls, phones) come in without waiting; wishes of an agent's page are checked, kept and
carried out as soon as the exchange can. Nothing waits for the database.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo

from callcenter.agents import causes, rings
from callcenter.agents.agent import Agent, Part, Phone, Place, one_line
from callcenter.agents.breaks import Breaks, among, is_away, refuse_more
from callcenter.agents.leaving import Leaving
from callcenter.agents.lines import Lines
from callcenter.agents.me import BookedState, Me
from callcenter.agents.places import Exchange, Places
from callcenter.agents.queries import sums_of_day
from callcenter.agents.recall import agents_at_the_end
from callcenter.agents.roll import Roll
from callcenter.agents.today import Sums
from callcenter.agents.wishing import refuse_call, refuse_for_them, refuse_wish, wish_of
from callcenter.agents.wrap_up import WrapUps
from callcenter.calls.board import Change
from callcenter.calls.call import Call, State
from callcenter.db import Sessions
from callcenter.errors import N_, ExchangeUnavailable, Missing
from callcenter.people.directory import Directory, Person
from callcenter.settings.wrap_up import wrap_up_rules

log = logging.getLogger(__name__)

GRACE = 30.0  # seconds without an open page until an agent counts as away
GLANCE = 1.0  # seconds between looks at the link, to tell pages that the exchange went or came
PHONES: dict[str, Phone] = {"reachable": "reachable", "in_use": "in_use", "ringing": "ringing"}


class Presence:
    """Built before the board and the link; `exchange` is set once the link is there.

    `listeners` are told the user id of each agent whose Me has changed.
    """

    def __init__(
        self,
        directory: Directory,
        sessions: Sessions,
        *,
        zone: tzinfo = UTC,
        grace: float = GRACE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.listeners: list[Callable[[int], None]] = []
        self.breaks = Breaks()
        self.ring_rules = rings.RingRules()
        self.lines = Lines(sessions, now)
        self.roll = Roll(directory, sessions, now)
        self._places = Places(self._place, self._name)
        self._directory, self._sessions = directory, sessions
        self._zone, self._now = zone, now
        self.sums = Sums(self._day)
        self.calls_back: Callable[[int], bool] = lambda _: False  # then they are given nobody else
        self._leaving = Leaving(grace, self._leave)
        self._wrap_ups = WrapUps(self._wrap_up_over, now)
        self._resting = rings.Resting(self._rested, now)
        self.page_opened, self.page_closed = self._leaving.opened, self._leaving.closed

    @property
    def exchange(self) -> Exchange | None:
        return self._places.exchange

    @exchange.setter
    def exchange(self, exchange: Exchange) -> None:
        self._places.exchange = exchange

    @property
    def places(self) -> Places:
        """Where everybody stands in the queues."""
        return self._places

    async def load(self) -> None:
        """Where everybody stood when the service ended; who opens no page in time goes offline."""
        await self.load_rules()
        async with self._sessions() as session:
            self.sums.load(await sums_of_day(session, self._day()))
            async for agent, last, stopped in agents_at_the_end(session, self._now()):
                self.roll.recall(agent, last, stopped)
                self._wrap_ups.follow(agent.user_id, agent.wrap_up)  # from the beginning
                self._leaving.later(agent.user_id)

    async def load_rules(self) -> None:
        """What the company has set: breaks, wrap-ups, how many missed calls are too many."""
        await self.breaks.load(self._sessions)
        self.ring_rules = await rings.ring_rules(self._sessions)
        async with self._sessions() as session:
            self._wrap_ups.rules = await wrap_up_rules(session)

    async def write(self) -> None:
        """Write states down for as long as the application lives."""
        await asyncio.gather(self.roll.diary.write(), self.lines.write())

    async def drain(self) -> None:
        """Wait until every state so far is written."""
        await self.roll.diary.drain()
        await self.lines.drain()

    async def watch(self) -> None:
        """Tell all pages when the exchange goes away or comes back, and when a new day begins."""
        seen = (self._connected, self._day())
        while True:
            await asyncio.sleep(GLANCE)
            if (now := (self._connected, self._day())) != seen:
                seen = now
                for user_id in self._leaving.here:
                    self._tell(user_id)

    async def close(self) -> None:
        self._leaving.close()
        self._resting.close()
        self._wrap_ups.close()
        await self._places.close()

    def of(self, user_id: int) -> Me:
        """That agent now. Raises Missing for somebody who does not work here."""
        person, agent = self._person(user_id), self.roll.of(user_id)
        since, booked = self.roll.since_of(user_id), agent.booked
        reason = agent.shown_reason
        return Me(
            user_id=user_id,
            name=person.name,
            extension=person.extension,
            rings=person.rings,
            state=agent.state,
            reason=reason,
            standing=agent.wish,
            standing_reason=agent.reason,
            since=since,
            break_ends=self.breaks.ends(reason, since) if reason else None,
            booked=BookedState(state=booked.wish, reason=booked.reason) if booked else None,
            missed=agent.rings.missed,
            declined=agent.rings.declined,
            rests_until=self._resting.until(user_id) if agent.resting else None,
            phone=agent.phone,
            queues=sorted(self._directory.queues_of(person)),
            exchange=self._connected,
            wrap_up=agent.wrap_up.call_id if agent.wrap_up else None,
            wrap_up_ends=self._wrap_ups.ends(user_id),
            wrap_up_more=self._wrap_ups.may_add(user_id),
            today=self.sums.of(user_id),
        )

    def unfinished(self, user_id: int) -> Call | None:
        """The ended call whose note that agent still owes."""
        return self.roll.of(user_id).wrap_up

    def more_time(self, user_id: int) -> Me:
        """Make that agent's wrap-up a step longer. Raises Conflict, in words."""
        self._wrap_ups.more(user_id)
        self._tell(user_id)
        return self.of(user_id)

    def may_place(self, user_id: int) -> None:
        """Raises Conflict or ExchangeUnavailable, in words, when that agent cannot call now."""
        refuse_call(self._person(user_id), self.roll.of(user_id), self._connected)

    async def want(self, user_id: int, state: str, reason: str = "") -> Me:
        """Ready, on a break (with a reason) or offline; also ends the wrap-up.

        In a call it counts for afterwards. An exchange that is away gets to know at the next login.
        Raises Invalid or Conflict, in words.
        """
        wish, person, agent = wish_of(state), self._person(user_id), self.roll.of(user_id)
        if wish == "break" and (wish, reason) != (agent.wish, agent.reason):
            reason = self.breaks.chosen(one_line(reason))
            if not is_away(agent):
                away = among(self.roll.agents.values(), self.roll.since)
                refuse_more(self._directory, person, away, self._zone)
        refuse_wish(wish, person, agent)
        self._set(agent.wanting(wish, reason), causes.AGENT)
        await self._places.settled(user_id)
        return self.of(user_id)

    async def put(self, user_id: int, state: str, reason: str, by: int) -> Me:
        """What a team lead wants of them: at once, and whatever the limit of breaks says.

        Raises Invalid or Conflict, in words.
        """
        wish, person, agent = wish_of(state), self._person(user_id), self.roll.of(user_id)
        reason = self.breaks.chosen(one_line(reason)) if wish == "break" else ""
        refuse_for_them(wish, person, agent)
        self._set(agent.put(wish, reason), causes.by_lead(by))
        await self._places.settled(user_id)
        return self.of(user_id)

    def push(self, change: Change) -> None:
        """A call has changed (listener of the board)."""
        call = change.after
        if call.state is State.ENDED and not (change.before and change.before.state is State.ENDED):
            user_id, _ = self._directory.whose(call)
            if user_id is not None:
                self.sums.count(user_id, call)
                self._tell(user_id)
        vain = rings.in_vain(change)
        for extension in change.extensions | vain.keys():
            if person := self._directory.of_extension(extension):
                agent = self.roll.of(person.id).after(call, extension)
                if extension in vain:
                    agent = self._unanswered(agent, *vain[extension])
                self._set(agent, causes.by_call(call.call_id))

    def phone_changed(self, endpoint: str, state: str) -> None:
        """The exchange says a phone is reachable, unreachable, in_use or ringing."""
        phone = PHONES.get(state, "unreachable")
        if person := self._directory.rung_at(endpoint):
            agent = self.roll.agents.setdefault(person.id, self.roll.of(person.id))
            self._set(replace(agent, phone=phone), causes.PHONE)
        self.roll.phones[endpoint] = phone

    def people_changed(self) -> None:
        """Somebody left, or has another phone or department: everybody to their queues."""
        for user_id, agent in list(self.roll.agents.items()):
            person = self._directory.person(user_id)
            phone = self.roll.phone_of(person.endpoint if person else None)
            self._set(replace(agent, phone=phone), causes.PHONE)
            self._places.move(user_id)
            self._tell(user_id)

    async def after_login(self) -> None:
        """The exchange is there again: everybody back to where they should be in the queues."""
        self.roll.settle()  # phones and calls are known
        people = [each for each in self._directory.people() if each.extension]
        try:
            found = await self._places.after_login(
                [each.id for each in people if each.id in self.roll.agents],
                self._directory.endpoints(),
            )
            self.lines.note_places(found, self.roll, self._directory.queues)
        except ExchangeUnavailable as error:  # gone again: the next login does it
            log.warning("the queues could not be set right: %s", error)
        for user_id in self._leaving.here:
            self._tell(user_id)

    def mend_calls(self, user_id: int, parts: dict[str, Part]) -> None:
        """That agent's calls are these: a change of one was missed."""
        before = self.roll.of(user_id)
        self._set(before.with_calls(parts), causes.MENDED)
        self.lines.note("state", user_id, was=before.state, now=self.roll.of(user_id).state)

    def _unanswered(self, agent: Agent, missed: int, declined: int) -> Agent:
        before = agent
        agent = agent.unanswered(missed, declined, self.ring_rules.most)
        if agent.resting:
            self._resting.begin(agent.user_id, self.ring_rules.pause_s)
        if agent.wish != before.wish:
            self.lines.note_rings(agent)
        return agent

    def _wrap_up_over(self, user_id: int) -> None:
        self._set(self.roll.of(user_id).finished(), causes.TIME)

    def _rested(self, user_id: int) -> None:
        self._set(replace(self.roll.of(user_id), resting=False), causes.RESTED)

    def _leave(self, user_id: int) -> None:
        self._set(self.roll.of(user_id).put("offline"), causes.PAGE)

    def _set(self, agent: Agent, cause: str) -> None:
        if self.roll.set(agent, cause):
            self._wrap_ups.follow(agent.user_id, agent.wrap_up)
            self._places.move(agent.user_id)
            self._tell(agent.user_id)

    def _tell(self, user_id: int) -> None:
        for listener in self.listeners:
            listener(user_id)

    def _person(self, user_id: int) -> Person:
        if (person := self._directory.known(user_id)) is None:
            raise Missing(N_("This user does not exist any more."))
        return person

    def _place(self, user_id: int) -> Place | None:
        person = self._directory.person(user_id)
        if person is None:
            return None
        agent, queues = self.roll.of(user_id), self._directory.queues_of(person)
        return agent.place(person.endpoint, queues, self.calls_back(user_id))

    def _name(self, user_id: int) -> str:
        person = self._directory.person(user_id)
        return person.name if person else ""

    def _day(self) -> date:
        return self._now().astimezone(self._zone).date()

    @property
    def _connected(self) -> bool:
        return bool(self.exchange and self.exchange.connected)
