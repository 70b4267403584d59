"""The leads who are in calls of their people now: wishes carried out, ended when they must end."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, State
from callcenter.calls.legs import LISTENS
from callcenter.calls.parties import Channels
from callcenter.errors import N_, Conflict, Missing
from callcenter.listening.at_exchange import AtExchange
from callcenter.listening.ends import Ends
from callcenter.listening.log import Log
from callcenter.listening.visits import (
    NOBODY,
    Heard,
    Visit,
    Way,
    agent_of,
    first_heard,
    place_of,
    refuse_join,
    sight_of,
)
from callcenter.people.directory import Directory, Person
from callcenter.tasks import Group

RINGS_S: Final = 40.0  # the lead's phone at most, should nobody say what became of it
SETTLED_S: Final = 1.0  # those who are sent out of a room together go one after the other


class Listenings:
    """`push` listens to the board; `at.exchange` is set once the link is there.

    `may_call(user_id)` raises in words when that person's phone cannot be called now.
    `tell(user_id, message)` reaches open pages. `told()`: whether agents are to know. `changed` are
    told of each call that somebody begins to listen to, or goes on with in another way, or leaves.
    """

    def __init__(
        self,
        board: Board,
        directory: Directory,
        log: Log,
        *,
        may_call: Callable[[int], None],
        tell: Callable[[int, dict[str, Any]], None],
        told: Callable[[], bool],
    ) -> None:
        self.at = AtExchange()
        self.log = log
        self.changed: list[Callable[[str], None]] = []
        self._board, self._directory = board, directory
        self._may_call, self._tell, self._told = may_call, tell, told
        self._visits: dict[int, Visit] = {}  # by the lead's user id
        self._takers: dict[str, Visit] = {}  # by call_id: who has taken it over
        self._one_at_a_time = asyncio.Lock()
        self._group = Group()
        self.ends = Ends(
            board, directory, self.at, lambda: list(self._visits.values()), self._leave
        )

    async def close(self) -> None:
        await self.ends.group.close()
        await self._group.close()

    # ------------------------------------------------------------------ what is so

    def of_call(self, call_id: str) -> list[Visit]:
        """Those who are with that call, in the order of their coming."""
        return [each for each in self._visits.values() if each.call_id == call_id]

    def state(self, user_id: int) -> dict[str, Any]:
        """Part of the first message of that user's pages: whom they hear, who hears them."""
        mine = self._visits.get(user_id)
        return {"listening": mine.card if mine else None, "heard": self._heard(user_id)}

    def _heard(self, user_id: int) -> list[dict[str, str]]:
        """Who is with that agent, as far as they are to know: whoever speaks is heard anyway."""
        return [
            {"call_id": each.call_id, "by": each.lead.name, "way": each.way}
            for each in self._visits.values()
            if each.agent.id == user_id and each.where == "on" and self._is_told(each)
        ]

    def _is_told(self, visit: Visit) -> bool:
        return visit.way != "listen" or self._told()

    # ------------------------------------------------------------------ wishes

    async def want(self, lead: Person, call_id: str, way: Way) -> Visit:
        """Listen to that call, or go on in another way; whoever begins only listens.

        Raises Missing for a call that is none of theirs; Conflict and ExchangeUnavailable in words.
        """
        async with self._one_at_a_time:  # two leads may want the same at the same time
            visit = self._visits.get(lead.id)
            if visit is None:
                return await self._begin(lead, call_id, way)
            if visit.call_id != call_id:
                raise Conflict(N_("You are listening to another call. Stop that first."))
            if visit.where == "calling":
                raise Conflict(N_("Your phone has not answered yet."))
            await self._switch(visit, way)
            return visit

    async def stop(self, lead: Person, call_id: str) -> None:
        """Raises Missing when they do not listen to it."""
        visit = self._visits.get(lead.id)
        if visit is None or visit.call_id != call_id:
            raise Missing(N_("You are not listening to this call."))
        await self._leave(visit, "")

    async def _begin(self, lead: Person, call_id: str, way: Way) -> Visit:
        call, there = place_of(self._board, call_id)
        found = first_heard(call, there, lead, self._directory, self._leads(call_id))
        if way != "listen":
            raise Conflict(N_("Listen first, then speak."))
        self._may_call(lead.id)
        visit = Visit.of(lead, call_id, found, f"{LISTENS}{uuid4()}", datetime.now(UTC))
        self._visits[lead.id] = visit
        try:
            await self.log.begin(visit, self._told())
            if self._is_here(visit):
                await self.at.call(visit)
        except BaseException:  # cancelled, too: whatever happens, nobody listens unwritten
            self._forget(visit)
            raise
        if not self._is_here(visit):  # over before it began, and they know why
            self.log.ends(visit)  # its end may have been written before its beginning
            return visit
        asyncio.get_running_loop().call_later(RINGS_S, self.answered, visit.channel_id, False)
        self._say(visit)
        return visit

    async def _switch(self, visit: Visit, way: Way) -> None:
        call, there = place_of(self._board, visit.call_id)
        found = self._whom(visit, there)
        if found is None:
            raise Conflict(NOBODY)
        if way == "take_over":
            customer = refuse_join(call, there, found.person)
            self._refuse_taken(call)
            agents = there.agents.keys() - self._leads(visit.call_id)
            others = [there.agents[each] for each in agents]
            await self.at.take(visit, customer, others)
            return self._taken(visit)
        if way == "join":
            customer = refuse_join(call, there, found.person)
            if visit.way != "join":
                await self.at.join(visit, customer, found)
        else:
            await self.at.hear(visit, found, whispers=way == "whisper")
        self._goes_on(visit, way, found)

    def _refuse_taken(self, call: Call) -> None:
        taker = self._takers.get(call.call_id)
        if taker and taker.extension in call.extensions:
            raise Conflict(N_("{name} has just taken this call over."), name=taker.lead.name)

    def _taken(self, visit: Visit) -> None:
        """The customer is the lead's: they listen no more, they talk."""
        self.log.takes_over(visit)
        told = {"type": "note", "what": "taken-over", "by": visit.lead.name}
        self._tell(visit.agent.id, told)
        self._forget(visit, "taken", written=True)
        if call := self._board.call(visit.call_id):
            self._takers[visit.call_id] = visit
            for other in self.of_call(visit.call_id):  # who listened as well, hears the lead now
                self._look(other, call)

    # ------------------------------------------------------------------ facts

    def answered(self, channel_id: str, ok: bool) -> None:
        """A lead's phone was answered, or will not be (Link says so)."""
        visit = next((v for v in self._visits.values() if v.channel_id == channel_id), None)
        if visit and visit.where == "calling" and not ok:
            self._start(self._leave(visit, "no-answer"))
        elif visit is None and ok:  # when they left, the exchange had not called them yet
            self._start(self.at.quietly(self.at.hang_up(channel_id)))

    def push(self, change: Change) -> None:
        """A call has changed."""
        call = change.after
        if call.conference or call.state is State.ENDED:
            self.at.has_settled(call.call_id)
        if call.state is State.ENDED:
            self._takers.pop(call.call_id, None)
        for visit in self.of_call(call.call_id):
            self._look(visit, call)

    def _look(self, visit: Visit, call: Call) -> None:
        """What the change means for one lead."""
        if call.state is State.ENDED:
            return self._start(self._leave(visit, "over"))
        if visit.extension not in call.heard_by | call.talking:
            if visit.where != "calling":
                self._forget(visit)  # they have hung up
            return
        there = self._board.channels(call.call_id)
        if there is None or (
            there.agents.get(visit.heard) == visit.channel and visit.where == "on"
        ):
            return
        if visit.way == "join" and not there.agents.keys() - self._leads(call.call_id):
            return self._start(self._perhaps_taken(visit))
        self._start(self._follow(visit))

    async def _perhaps_taken(self, visit: Visit) -> None:
        """The agent has left; if the call is not over the lead has stayed with the customer."""
        await asyncio.sleep(SETTLED_S)
        async with self._one_at_a_time:  # of two who have stayed, it is the first one's
            call, there = self._board.call(visit.call_id), self._board.channels(visit.call_id)
            is_here = self._is_here(visit) and visit.way == "join"
            if not (is_here and call and there) or there.agents.keys() - self._leads(visit.call_id):
                return
            if visit.extension in call.talking:
                await self.at.quietly(self.at.give(there.customer, visit.extension))
                if self._is_here(visit):
                    self._taken(visit)

    async def _follow(self, visit: Visit) -> None:
        """Hear whoever has the customer now, as long as the lead may."""
        async with self._one_at_a_time:
            call, there = self._board.call(visit.call_id), self._board.channels(visit.call_id)
            if not self._is_here(visit) or call is None or there is None:
                return  # it is over, and they know
            if visit.extension not in call.heard_by | call.talking:
                return self._forget(visit)  # they have hung up meanwhile
            try:
                found = self._whom(visit, there)
            except Missing:
                return await self._leave(visit, "not-yours")
            if found is None:
                visit.where = "waiting"
                return self._say(visit)
            if found.channel != visit.channel or visit.where == "waiting":
                if not await self.at.quietly(self.at.hear(visit, found, whispers=False)):
                    return
                visit.where = "on"
                return self._goes_on(visit, "listen", found)
            visit.where = "on"
            self._say(visit)

    # ------------------------------------------------------------------ the rest

    def _whom(self, visit: Visit, there: Channels) -> Heard | None:
        """Whom they hear now; None: nobody talks. Raises Missing when it is none of theirs."""
        sight, leads = sight_of(self._directory, visit.lead), self._leads(visit.call_id)
        return agent_of(there, sight, self._directory, leads)

    def _leads(self, call_id: str) -> set[str]:
        return {each.extension for each in self.of_call(call_id)}

    def _is_here(self, visit: Visit) -> bool:
        """Whether it goes on: while something was waited for, it may have ended."""
        return self._visits.get(visit.lead.id) is visit

    def _goes_on(self, visit: Visit, way: Way, found: Heard) -> None:
        if not self._is_here(visit):
            return
        before, visit.way = visit.agent, way
        visit.hears(found)
        self.log.goes_on(visit, self._is_told(visit))
        self._say(visit)
        if before.id != visit.agent.id:
            self._tell(before.id, {"type": "heard", "heard": self._heard(before.id)})

    async def _leave(self, visit: Visit, why: str) -> None:
        """Hang up on a lead, and tell them why if they did not wish it."""
        if self._is_here(visit):  # neither gone nor, by now, the one who has the customer
            self._forget(visit, why)
            await self.at.quietly(self.at.hang_up(visit.channel_id))

    def _forget(self, visit: Visit, why: str = "", *, written: bool = False) -> None:
        if not self._is_here(visit):
            return
        del self._visits[visit.lead.id]
        if not written:
            self.log.ends(visit)
        self._say(visit, why)

    def _say(self, visit: Visit, why: str = "") -> None:
        """Tell everybody who shows it. `why` it is over: over, taken, not-yours, no-answer,
        page-lost; "" when the lead knows, or it goes on.
        """
        lead, agent = visit.lead.id, visit.agent
        about = {"listening": self.state(lead)["listening"], "why": why}
        self._tell(lead, {"type": "listening", **about})
        self._tell(agent.id, {"type": "heard", "heard": self._heard(agent.id)})
        for listener in self.changed:
            listener(visit.call_id)

    def _start(self, job: Coroutine[Any, Any, object]) -> None:
        self._group.start(job, name="a lead in a call")
