"""Callers who hung up with the key and keep their place in the queue: called when it is their turn.

Listens to the board, to agents and to the inbox. An agent whose turn it is with such a caller is
kept from the queue's next call, rung, and connected; whoever is not reached is called again, and in
the end is what they would have been without the key: a missed call.
"""

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.callbacks.kept_paper import End, Entry, Paper
from callcenter.callbacks.models import KeptState
from callcenter.callbacks.turns import KeptPlace, ahead, turn
from callcenter.callbacks.waiting_lines import WaitingLines, joined_at, whole_number
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.customers.numbers import key_of
from callcenter.db import DATABASE_ERRORS, Sessions
from callcenter.errors import CallcenterError, Forbidden
from callcenter.people.directory import Directory, Person
from callcenter.tasks import Group

log = logging.getLogger(__name__)

ASKED = "callback"  # the dialplan's word for the key (calls.events.HopPassed)
TRIES = 3  # calls that reach nobody, then it is a missed call like others
AGAIN = timedelta(minutes=5)  # after one of them
LONGEST = timedelta(hours=2)  # after the key: who is called later has other things to do
MOST_OVER = 500
PASSED = timedelta(minutes=1)  # whose phone did not answer is not rung again at once

# (person, number, queue, call id) rings the agent, then the number, and returns when it is under
# way. May raise a CallcenterError: Forbidden when nobody may call there, any other when this person
# cannot now; and what a database raises.
PlaceCall = Callable[[Person, str, str, str], Awaitable[None]]


class KeptPlaces:
    """`free()` are the agents who could be given a call, whoever waits longest first; `hold(user)`
    sees to it that the exchange knows whether they are kept from its calls (`holds`), and returns
    when it does. `call` places a call.
    """

    def __init__(
        self,
        sessions: Sessions,
        directory: Directory,
        board: Board,
        *,
        free: Callable[[], list[int]],
        hold: Callable[[int], Coroutine[Any, Any, None]],
        call: PlaceCall,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.listeners: list[Callable[[str], None]] = []  # told the queue of a place that changes
        self._directory, self._paper, self._lines = directory, Paper(sessions), WaitingLines(board)
        self._free, self._hold, self._call, self._now = free, hold, call, now
        self._open: dict[str, Entry] = {}
        self._by_call: dict[str, Entry] = {}  # call to them -> place
        self._passed: dict[int, datetime] = {}  # user id -> not rung before
        self._doubtful: set[str] = set()  # places that may be over: the database knows
        self._over: deque[str] = deque(maxlen=MOST_OVER)  # the back-fill may tell their calls again
        self._something = asyncio.Event()
        self._group = Group()

    # ------------------------------------------------------------------ questions

    def holds(self, user_id: int) -> bool:
        """A kept place is that agent's: the exchange is to give them nobody."""
        return any(entry.by == user_id for entry in self._open.values())

    def count(self, queue: str) -> int:
        """How many keep a place there."""
        return sum(entry.place.queue == queue for entry in self._open.values())

    def of_number(self, number_key: str) -> tuple[KeptPlace, int] | None:
        """The place that number keeps, and how many are before it."""
        for entry in self._open.values():
            if entry.number_key == number_key:
                waiting = self._lines.waiting().get(entry.place.queue, ())
                return entry.place, ahead(entry.place, waiting, self._places())
        return None

    def kept(self) -> list[tuple[Entry, int]]:
        """Each place, who waits longest first, and how many are before it."""
        waiting, places = self._lines.waiting(), self._places()
        entries = sorted(self._open.values(), key=lambda each: each.place)
        queues = ((each, waiting.get(each.place.queue, ())) for each in entries)
        return [(each, ahead(each.place, there, places)) for each, there in queues]

    # ---------------------------------------------------------------- what happens

    def push(self, change: Change) -> None:
        """A call has changed (listener of the board)."""
        call = change.after
        over = call.state is State.ENDED
        self._lines.heed(call)
        if entry := self._by_call.get(call.call_id):
            if call.answered_at:
                self._close(entry, KeptState.REACHED, call.call_id)
            elif over:
                self._in_vain(entry, call)
        elif call.number and call.answered_at and call.direction is not Direction.INTERNAL:
            for entry in self._of_number(call.number):
                if entry.asked_at < call.answered_at:
                    self._close(entry, KeptState.REACHED, call.call_id)
        news = change.before is None or change.before.state is not call.state
        if news and over:
            self._keep(call)
        if news and self._open:
            self.look()

    def agent_changed(self, user_id: int) -> None:
        """An agent's state is another (listener of the agents)."""
        if self._open:
            self.look()

    def lines_changed(self, number_keys: Collection[str]) -> None:
        """Missed calls of these numbers are others (listener of the inbox): somebody may have
        talked with them, from another number or while we were away, or put them aside."""
        keeping = [each.place.id for each in self._open.values() if each.number_key in number_keys]
        if keeping:
            self._doubtful.update(keeping)
            self._something.set()

    def look(self) -> None:
        """Give whoever is free the place whose turn it is."""
        now, busy = self._now(), self._lines.on_the_phone()
        able = {
            entry.place.id: entry.place
            for entry in self._open.values()
            if entry.by is None and entry.place.due <= now and entry.number_key not in busy
        }
        if not able:
            return
        wanting = {place.queue for place in able.values()}
        waiting = self._lines.waiting()
        for user_id in self._free():
            person = self._directory.person(user_id)
            queues = self._directory.queues_of(person) if person else frozenset[str]()
            if person is None or wanting.isdisjoint(queues) or self.holds(user_id):
                continue
            if self._passed.get(user_id, now) > now:
                continue
            if first := turn(queues, waiting, able.values(), now):
                entry = self._open[first.id]
                entry.by = user_id
                del able[first.id]
                self._group.start(self._reach(entry, person), name=f"kept place {first.id}")

    async def load(self) -> None:
        """Those of before: what has become of them meanwhile is asked before they are called."""
        for entry in await self._paper.load():
            self._open.setdefault(entry.place.id, entry)
        self._doubtful.update(self._open)

    async def run(self) -> None:
        """Call when it is time, and write down, until cancelled."""
        while True:
            self._too_late()
            await self._settle_doubts()
            self.look()
            await self._paper.write()
            times = [*(entry.place.due for entry in self._open.values()), *self._passed.values()]
            await self._until(min((at for at in times if at > self._now()), default=None))

    async def drain(self) -> None:
        """Wait until all of it is written down."""
        await self._paper.write()

    async def close(self) -> None:
        await self._group.close()

    # ------------------------------------------------------------------ the places

    def _keep(self, call: Call) -> None:
        asked = next((step for step in reversed(call.journey) if step.kind == ASKED), None)
        if asked is None or call.call_id in self._open or call.call_id in self._over:
            return
        number = whole_number(call.number or "")
        if not number:
            log.info("call %s keeps no place: %r is no number to call", call.call_id, call.number)
            return
        since = joined_at(call.journey, asked.what) or asked.at
        for before in self._of_number(number):  # they have called again
            if before.place.queue == asked.what:  # in line since then
                since = min(since, before.place.since)
            self._close(before, KeptState.GIVEN_UP, call.call_id)
        place = KeptPlace(since, call.call_id, asked.what, self._now())
        entry = Entry(place, number, key_of(number), asked.at)
        self._open[call.call_id] = entry
        log.info("call %s keeps its place in %s", call.call_id, asked.what)
        self._changed(entry)

    async def _reach(self, entry: Entry, person: Person) -> None:
        """Ring that agent for it, unless they are not free any more or it has been reached."""
        call_id = str(uuid.uuid4())
        try:
            await self._hold(person.id)
            self._heed(entry, await self._paper.end_of(entry))
            if self._may_reach(entry, person):
                entry.call, self._by_call[call_id] = call_id, entry
                await self._call(person, entry.number, entry.place.queue, call_id)
                return  # what becomes of it the board tells
        except Forbidden as error:
            log.info("the place of call %s is given up: %s", entry.place.id, error)
            self._close(entry, KeptState.GIVEN_UP, None)
        except (CallcenterError, *DATABASE_ERRORS) as error:
            log.info("the place of call %s waits on: %s", entry.place.id, error)
            self._passed[person.id] = self._now() + PASSED
        # The board may have said already that this call failed; then it is another's by now.
        if entry.by == person.id:
            self._release(entry)
        self._something.set()
        self.look()

    def _may_reach(self, entry: Entry, person: Person) -> bool:
        if entry.state is not KeptState.OPEN or entry.by != person.id:
            return False
        return person.id in self._free() and entry.number_key not in self._lines.on_the_phone()

    def _in_vain(self, entry: Entry, call: Call) -> None:
        """The call to them is over, and nobody was reached."""
        if call.result is Result.FAILED and entry.by is not None:  # their phone did not answer
            self._passed[entry.by] = self._now() + PASSED
        else:
            entry.tries += 1
            entry.place = replace(entry.place, due=self._now() + AGAIN)
        if entry.tries >= TRIES:
            self._close(entry, KeptState.GIVEN_UP, None)
            return
        self._release(entry)
        self._changed(entry)

    def _close(self, entry: Entry, state: KeptState, call_id: str | None) -> None:
        if entry.state is not KeptState.OPEN:
            return
        entry.state, entry.closed_at, entry.closing_call_id = state, self._now(), call_id
        self._open.pop(entry.place.id, None)
        self._over.append(entry.place.id)
        self._release(entry)
        self._changed(entry)

    def _release(self, entry: Entry) -> None:
        user_id, entry.by = entry.by, None
        self._by_call.pop(entry.call, None)
        entry.call = ""
        if user_id is not None:
            self._group.start(self._hold(user_id), name=f"kept place of user {user_id} is over")

    def _too_late(self) -> None:
        """Also whose queue is not there any more: nobody takes its calls."""
        for entry in list(self._open.values()):
            old = self._now() - entry.asked_at > LONGEST
            if entry.by is None and (old or entry.place.queue not in self._directory.queues):
                self._close(entry, KeptState.GIVEN_UP, None)

    async def _settle_doubts(self) -> None:
        while self._doubtful:
            if entry := self._open.get(self._doubtful.pop()):
                self._heed(entry, await self._paper.end_when_there(entry))

    def _heed(self, entry: Entry, end: End | None) -> None:
        if end:
            log.info("the place of call %s is over: %s", entry.place.id, end.state)
            self._close(entry, end.state, end.call_id)

    def _changed(self, entry: Entry) -> None:
        self._paper.note(entry)
        self._something.set()
        for listener in self.listeners:
            listener(entry.place.queue)

    # ------------------------------------------------------------------ what it asks

    def _places(self) -> list[KeptPlace]:
        return [entry.place for entry in self._open.values()]

    def _of_number(self, number: str) -> list[Entry]:
        key = key_of(number) if self._open else ""
        return [entry for entry in self._open.values() if entry.number_key == key]

    async def _until(self, at: datetime | None) -> None:
        soon = min(filter(None, (at, self._now() + AGAIN)))
        loop = asyncio.get_running_loop()
        timer = loop.call_later((soon - self._now()).total_seconds(), self._something.set)
        await self._something.wait()
        self._something.clear()
        timer.cancel()
