"""Callers who hung up with the key and keep their place in the queue: called when it is their turn.

Listens to the board and to agents. An agent whose turn it is with such a caller is kept from the
queue's next call, rung, and connected; whoever is not reached is called again, and in the end is
what they would have been without the key: a missed call.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.callbacks.kept_paper import Entry, Paper
from callcenter.callbacks.models import KeptState
from callcenter.callbacks.turns import KeptPlace, ahead, turn
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.customers.numbers import key_of
from callcenter.db import Sessions
from callcenter.errors import CallcenterError, Forbidden, Invalid
from callcenter.people.directory import Directory, Person
from callcenter.tasks import Group

log = logging.getLogger(__name__)

ASKED = "callback"  # the dialplan's word for the key (calls.events.HopPassed)
TRIES = 3  # calls that reach nobody, then it is a missed call like others
AGAIN = timedelta(minutes=5)  # after one of them
LONGEST = timedelta(hours=2)  # after the key: who is called later has other things to do
PASSED = timedelta(minutes=1)  # whose phone did not answer is not asked again at once

# (person, number, queue, call id) rings the agent, then the number, and returns when it is under
# way. May raise a CallcenterError.
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
        self._directory, self._board, self._paper = directory, board, Paper(sessions)
        self._free, self._hold, self._call, self._now = free, hold, call, now
        self._open: dict[str, Entry] = {}
        self._by_call: dict[str, Entry] = {}  # call to them -> place
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
                waiting = self._waiting().get(entry.place.queue, ())
                return entry.place, ahead(entry.place, waiting, self._places())
        return None

    # ---------------------------------------------------------------- what happens

    def push(self, change: Change) -> None:
        """A call has changed (listener of the board)."""
        call = change.after
        over = call.state is State.ENDED
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

    def look(self) -> None:
        """Give whoever is free the place whose turn it is."""
        now, waiting = self._now(), self._waiting()
        for user_id in self._free():
            person = self._directory.person(user_id)
            if person is None or self.holds(user_id):
                continue
            able = [
                entry.place
                for entry in self._open.values()
                if not entry.by and entry.passed.get(user_id, now) <= now and not self._calls(entry)
            ]
            if first := turn(self._directory.queues_of(person), waiting, able, now):
                entry = self._open[first.id]
                entry.by = user_id
                self._group.start(self._reach(entry, person), name=f"kept place {first.id}")

    async def run(self) -> None:
        """Call when it is time, and write down, until cancelled."""
        for entry in await self._paper.load():
            self._open.setdefault(entry.place.id, entry)
        while True:
            self._too_late()
            self.look()
            await self._paper.write()
            with_time = [entry.place.due for entry in self._open.values()]
            await self._until(min((at for at in with_time if at > self._now()), default=None))

    async def close(self) -> None:
        await self._group.close()

    # ------------------------------------------------------------------ the places

    def _keep(self, call: Call) -> None:
        asked = next((step for step in reversed(call.journey) if step.kind == ASKED), None)
        if asked is None or not call.number or call.call_id in self._open:
            return
        joined = [step for step in call.journey if step.kind == "queue"] or [asked]
        for before in self._of_number(
            call.number
        ):  # they have called again: the older place counts
            joined = [replace(joined[0], at=before.place.since)]
            self._close(before, KeptState.GIVEN_UP, call.call_id)
        place = KeptPlace(joined[-1].at, call.call_id, asked.what, self._now())
        entry = Entry(place, call.number, key_of(call.number), asked.at)
        self._open[call.call_id] = entry
        log.info("call %s keeps its place in %s", call.call_id, asked.what)
        self._changed(entry)

    async def _reach(self, entry: Entry, person: Person) -> None:
        """Ring that agent for it, unless they are not free any more or it has been reached."""
        await self._hold(person.id)
        if entry.state is KeptState.OPEN and person.id in self._free():
            entry.call = str(uuid.uuid4())
            self._by_call[entry.call] = entry
            try:
                await self._call(person, entry.number, entry.place.queue, entry.call)
                return  # what becomes of it the board tells
            except (Forbidden, Invalid) as error:  # nobody here may call there
                log.info("the place of call %s is given up: %s", entry.place.id, error)
                self._close(entry, KeptState.GIVEN_UP, None)
            except CallcenterError as error:
                log.info("the place of call %s waits on: %s", entry.place.id, error)
                entry.passed[person.id] = self._now() + PASSED
        self._release(entry)
        self.look()

    def _in_vain(self, entry: Entry, call: Call) -> None:
        """The call to them is over, and nobody was reached."""
        if call.result is Result.FAILED and entry.by:  # the agent's own phone was not answered
            entry.passed[entry.by] = self._now() + PASSED
        else:
            entry.tries += 1
            entry.place = replace(entry.place, due=self._now() + AGAIN)
        if entry.tries >= TRIES:
            self._close(entry, KeptState.GIVEN_UP, None)
        self._release(entry)
        self._changed(entry)

    def _close(self, entry: Entry, state: KeptState, call_id: str | None) -> None:
        entry.state, entry.closed_at, entry.closing_call_id = state, self._now(), call_id
        self._open.pop(entry.place.id, None)
        self._release(entry)
        self._changed(entry)

    def _release(self, entry: Entry) -> None:
        user_id, entry.by = entry.by, None
        self._by_call.pop(entry.call, None)
        entry.call = ""
        if user_id is not None:
            self._group.start(self._hold(user_id), name=f"kept place of user {user_id} is over")

    def _too_late(self) -> None:
        for entry in list(self._open.values()):
            if not entry.by and self._now() - entry.asked_at > LONGEST:
                self._close(entry, KeptState.GIVEN_UP, None)

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

    def _calls(self, entry: Entry) -> bool:
        """They are on the phone with us already."""
        return any(
            call.number and key_of(call.number) == entry.number_key for call in self._board.calls()
        )

    def _waiting(self) -> dict[str, list[datetime]]:
        """Queue -> when those who wait there, and ring nobody, came into it."""
        found: dict[str, list[datetime]] = {}
        for call in self._board.calls() if self._open else ():
            if call.direction is Direction.INBOUND and call.state is State.WAITING and call.queue:
                found.setdefault(call.queue, []).append(self._joined_at(call))
        return found

    def _joined_at(self, call: Call) -> datetime:
        joined = [step.at for step in self._board.journey(call.call_id) if step.kind == "queue"]
        return joined[-1] if joined else call.started_at

    async def _until(self, at: datetime | None) -> None:
        soon = min(filter(None, (at, self._now() + AGAIN)))
        loop = asyncio.get_running_loop()
        timer = loop.call_later((soon - self._now()).total_seconds(), self._something.set)
        await self._something.wait()
        self._something.clear()
        timer.cancel()
