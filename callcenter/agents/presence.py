"""What every agent is doing now: the truth is in memory, each change is a row, the queues follow.

Facts (calls, phones) come in without waiting; wishes of an agent's page are checked, kept and
carried out as soon as the exchange can. Nothing waits for the database.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo

from callcenter.agents.agent import Agent, Phone, Place, Wish, one_line
from callcenter.agents.diary import Diary
from callcenter.agents.me import Me
from callcenter.agents.places import Exchange, Places
from callcenter.agents.queries import ended_call, last_rows, sums_of_day
from callcenter.agents.today import Sums
from callcenter.agents.wrap_up import WrapUps
from callcenter.calls.board import Change
from callcenter.calls.call import Call, State
from callcenter.db import Sessions
from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid, Missing
from callcenter.people.directory import Directory, Person
from callcenter.settings.wrap_up import wrap_up_rules

log = logging.getLogger(__name__)

GRACE = 30.0  # seconds without an open page until an agent counts as away
GLANCE = 1.0  # seconds between looks at the link, to tell pages that the exchange went or came
WISHES: dict[str, Wish] = {"offline": "offline", "ready": "ready", "break": "break"}
PHONES: dict[str, Phone] = {"reachable": "reachable", "in_use": "in_use", "ringing": "ringing"}
NOT_CONNECTED = N_(
    "Your phone is not connected. Allow the microphone and wait until it says Connected."
)


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
        self._directory = directory
        self._sessions = sessions
        self._zone = zone
        self._grace = grace
        self._now = now
        self._agents: dict[int, Agent] = {}
        self._begun = now()
        self._since: dict[int, datetime] = {}
        self._phones: dict[str, Phone] = {}  # by extension, also those that nobody has
        self.sums = Sums(self._day)
        self._pages: dict[int, int] = {}
        self._leaving: dict[int, asyncio.TimerHandle] = {}
        self._diary = Diary(sessions)
        self._places = Places(self._place, self._name)
        self._wrap_ups = WrapUps(self._wrap_up_over, now)

    @property
    def exchange(self) -> Exchange | None:
        return self._places.exchange

    @exchange.setter
    def exchange(self, exchange: Exchange) -> None:
        self._places.exchange = exchange

    async def load(self) -> None:
        """Where everybody stood when the service ended; who opens no page in time goes offline."""
        await self.load_rules()
        async with self._sessions() as session:
            self.sums.load(await sums_of_day(session, self._day()))
            for user_id, (last, wish) in (await last_rows(session)).items():
                call_id = last.cause.removeprefix("call ") if last.state == "wrap_up" else ""
                agent = Agent(
                    user_id=user_id,
                    wish=WISHES.get(wish.state, "ready") if wish else "offline",
                    reason=wish.reason if wish and wish.state == "break" else "",
                    wrap_up=await ended_call(session, call_id) if call_id else None,
                )
                if (agent.wish, agent.wrap_up) == ("offline", None):
                    continue
                self._agents[user_id] = agent
                self._since[user_id] = last.at
                self._wrap_ups.follow(user_id, agent.wrap_up)  # from the beginning: we were away
                self._leave_later(user_id)

    async def load_rules(self) -> None:
        """How long wrap-ups last from the next one on."""
        async with self._sessions() as session:
            self._wrap_ups.rules = await wrap_up_rules(session)

    async def write(self) -> None:
        """Write states down for as long as the application lives."""
        await self._diary.write()

    async def drain(self) -> None:
        """Wait until every state so far is written."""
        await self._diary.drain()

    async def watch(self) -> None:
        """Tell all pages when the exchange goes away or comes back, and when a new day begins."""
        seen = (self._connected, self._day())
        while True:
            await asyncio.sleep(GLANCE)
            if (now := (self._connected, self._day())) != seen:
                seen = now
                for user_id in self._pages:
                    self._tell(user_id)

    async def close(self) -> None:
        for timer in self._leaving.values():
            timer.cancel()
        self._wrap_ups.close()
        await self._places.close()

    def of(self, user_id: int) -> Me:
        """That agent now. Raises Missing for somebody who does not work here."""
        person = self._person(user_id)
        agent = self._agent(user_id)
        return Me(
            user_id=user_id,
            name=person.name,
            extension=person.extension,
            state=agent.state,
            reason=agent.reason,
            since=self._since.get(user_id, self._begun),
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
        return self._agent(user_id).wrap_up

    def more_time(self, user_id: int) -> Me:
        """Make that agent's wrap-up a step longer. Raises Conflict, in words."""
        self._wrap_ups.more(user_id)
        self._tell(user_id)
        return self.of(user_id)

    def may_place(self, user_id: int) -> None:
        """Raises Conflict or ExchangeUnavailable, in words, when that agent cannot call now."""
        agent = self._agent(user_id)
        if not self._person(user_id).extension:
            raise Conflict(N_("You have no extension, so you cannot call."))
        if not self._connected:
            raise ExchangeUnavailable(N_("The exchange does not answer. Please try again soon."))
        if agent.state == "talking":
            raise Conflict(N_("You are in a call. Hang up first."))
        if agent.state == "ringing":
            raise Conflict(N_("A call is ringing at your phone. Answer or decline it first."))
        if agent.phone == "unreachable":
            raise Conflict(NOT_CONNECTED)

    async def want(self, user_id: int, state: str, reason: str = "") -> Me:
        """Ready, on a break (with a reason) or offline; also ends the wrap-up.

        In a call it counts for afterwards. An exchange that is away gets to know at the next login.
        Raises Invalid or Conflict, in words.
        """
        wish, reason = WISHES.get(state), one_line(reason)
        person = self._person(user_id)
        if wish is None:
            raise Invalid(N_("The state must be ready, break or offline."), field="state")
        if wish == "break" and not reason:
            raise Invalid(N_("A break needs a reason."), field="reason")
        if wish == "ready" and not person.extension:
            raise Conflict(N_("You have no extension, so no call can reach you."))
        agent = self._agent(user_id)
        # Whoever was ready may finish a note also while the phone is away, and stays ready.
        if wish == "ready" and agent.wish != "ready" and agent.phone == "unreachable":
            raise Conflict(NOT_CONNECTED)
        self._set(agent.wanting(wish, reason), "agent")
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
        for extension in change.extensions:
            if person := self._directory.of_extension(extension):
                agent = self._agent(person.id).after(call, extension)
                self._set(agent, f"call {call.call_id}")

    def phone_changed(self, extension: str, state: str) -> None:
        """The exchange says a phone is reachable, unreachable, in_use or ringing."""
        phone = PHONES.get(state, "unreachable")
        person = self._directory.of_extension(extension)
        if person and person.extension == extension:  # not one that they had before
            agent = self._agents.setdefault(person.id, self._agent(person.id))
            self._set(replace(agent, phone=phone), "phone")
        self._phones[extension] = phone

    def people_changed(self) -> None:
        """Somebody left, or has another extension or department: everybody to their queues."""
        for user_id in self._agents:
            self._places.move(user_id)

    async def after_login(self) -> None:
        """The exchange is there again: everybody back to where they should be in the queues."""
        people = [each for each in self._directory.people() if each.extension]
        try:
            await self._places.after_login(
                [each.id for each in people if each.id in self._agents],
                {each.extension: each.id for each in people if each.extension},
            )
        except ExchangeUnavailable as error:  # gone again: the next login does it
            log.warning("the queues could not be set right: %s", error)
        for user_id in self._pages:
            self._tell(user_id)

    def page_opened(self, user_id: int) -> None:
        self._pages[user_id] = self._pages.get(user_id, 0) + 1
        if timer := self._leaving.pop(user_id, None):
            timer.cancel()

    def page_closed(self, user_id: int) -> None:
        self._pages[user_id] -= 1
        if not self._pages[user_id]:
            del self._pages[user_id]
            self._leave_later(user_id)

    def _leave_later(self, user_id: int) -> None:
        loop = asyncio.get_running_loop()
        self._leaving[user_id] = loop.call_later(self._grace, self._leave, user_id)

    def _leave(self, user_id: int) -> None:
        del self._leaving[user_id]
        self._set(replace(self._agent(user_id), wish="offline", reason=""), "page closed")

    def _set(self, agent: Agent, cause: str) -> None:
        before = self._agent(agent.user_id)
        if agent == before:
            return
        self._agents[agent.user_id] = agent
        self._wrap_ups.follow(agent.user_id, agent.wrap_up)
        if (agent.state, agent.reason) != (before.state, before.reason):
            self._since[agent.user_id] = at = self._now()
            self._diary.note(agent.user_id, at, agent.state, agent.reason, cause)
        self._places.move(agent.user_id)
        self._tell(agent.user_id)

    def _wrap_up_over(self, user_id: int) -> None:
        self._set(replace(self._agent(user_id), wrap_up=None), "wrap-up over")

    def _tell(self, user_id: int) -> None:
        for listener in self.listeners:
            listener(user_id)

    def _agent(self, user_id: int) -> Agent:
        if (agent := self._agents.get(user_id)) is not None:
            return agent
        person = self._directory.person(user_id)
        extension = person.extension if person else None
        return Agent(user_id=user_id, phone=self._phones.get(extension or "", "unreachable"))

    def _person(self, user_id: int) -> Person:
        if (person := self._directory.known(user_id)) is None:
            raise Missing(N_("This user does not exist any more."))
        return person

    def _place(self, user_id: int) -> Place | None:
        person = self._directory.person(user_id)
        if person is None:
            return None
        return self._agent(user_id).place(person.extension, self._directory.queues_of(person))

    def _name(self, user_id: int) -> str:
        person = self._directory.person(user_id)
        return person.name if person else ""

    def _day(self) -> date:
        return self._now().astimezone(self._zone).date()

    @property
    def _connected(self) -> bool:
        return bool(self.exchange and self.exchange.connected)
