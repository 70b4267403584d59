"""Hears what happens around calls, from everybody who knows, and notes it. Nothing here waits."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from callcenter.agents.presence import Presence
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, State
from callcenter.calls.rows import Row
from callcenter.explain import kinds
from callcenter.explain.log import Hop, HopLog
from callcenter.explain.reasons import Reason, Snapshot
from callcenter.explain.rosters import Rosters
from callcenter.explain.standings import Standings
from callcenter.people.directory import Directory, Person

GLANCE = 1.0  # seconds between looks at the link
MOST = 5_000  # calls whose hops are remembered, so that none is told twice


@dataclass(slots=True)
class Picture:
    """The last hop that says whom a queue asks; `more`: somebody more than before."""

    hop: Hop
    asking: tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]
    more: bool


class Ear:
    """`has_page(user_id)`: a page of theirs is open. `push` listens to the board, after those who
    keep agents' states: what they are is what they are with this call.
    """

    def __init__(
        self,
        log: HopLog,
        directory: Directory,
        presence: Presence,
        has_page: Callable[[int], bool],
    ) -> None:
        self.log = log
        self._directory = directory
        self._presence = presence
        self._has_page = has_page
        self._standings = Standings(directory, presence, has_page)
        self._rosters = Rosters(directory)
        self._told: dict[str, set[tuple[str, int]]] = {}  # by call: (kind, user id)
        self._asked: dict[str, Picture] = {}  # the last hop of each call that waits or rings
        self._phones: dict[int, str] = {}

    # ---------------------------------------------------------------------- calls

    def push(self, change: Change) -> None:
        """A call has changed."""
        call, before = change.after, change.before
        if call.state is State.ENDED:
            self._asked.pop(call.call_id, None)
            self._told.pop(call.call_id, None)
            return
        rings = call.ringing - (before.ringing if before else frozenset())
        if rings:
            for extension in sorted(rings):
                person = self._directory.of_extension(extension)
                if person and not self._has_page(person.id):
                    self._once(kinds.NO_PAGE, call.call_id, person.id)
        if self._is_offered(call):
            self._note_asked(call)

    def _is_offered(self, call: Call) -> bool:
        waits = call.state in (State.WAITING, State.RINGING) and not call.agents
        return bool(waits and call.queue and call.direction is Direction.INBOUND)

    def _note_asked(self, call: Call) -> None:
        """A picture whenever somebody else is asked, or has not answered. Phones of one queue begin
        to ring one after the other, and stop so: that is one picture each.
        """
        last = self._asked.get(call.call_id)
        asking = call.ringing, call.missed, call.declined
        if last and (last.hop.what, last.asking) == (call.queue, asking):
            return
        more = last is None or last.asking[0] < call.ringing
        goes_on = last and last.hop.is_open and last.hop.what == call.queue
        if last and goes_on and (more or not last.more):
            last.hop.more, last.asking, last.more = self._snapshot(call), asking, more
            return
        snapshot = self._snapshot(call)
        hop = self.log.note(kinds.ASKED, call.call_id, what=call.queue or "", more=snapshot)
        self._asked[call.call_id] = Picture(hop, asking, more)
        self._forget(self._asked)

    def _snapshot(self, call: Call) -> Snapshot:
        return Snapshot(
            call,
            lambda: self._rosters.of(call.queue or ""),
            self._standings.picture(),
            self._presence.places.on_their_way,
            self._standings.breaks,
        )

    def routed(self, call_id: str, owner: Person, first: bool, team: Sequence[int]) -> None:
        """It is a customer of `owner`'s, who is asked `first` or not; then these of their team."""
        why = self._standings.of(owner.id)
        what = "owner" if first else "" if why is Reason.NOT_THEIR_TURN else why.value
        more = msgspec.json.encode(list(team)).decode()
        self.log.note(kinds.ROUTE, call_id, owner.id, what, more)

    # ---------------------------------------------------------------------- pages

    def sent(self, person: Person, call: Call) -> None:
        """A page of theirs was sent the call."""
        if call.state is State.RINGING and person.extension in call.ringing:
            self._once(kinds.TOLD, call.call_id, person.id)

    def acknowledged(self, user_id: int, call_id: str) -> None:
        """A page of theirs says that it shows the call; only of one that it was told of."""
        if (kinds.TOLD, user_id) in self._told.get(call_id, ()):
            self._once(kinds.SHOWN, call_id, user_id)

    def page_moved(self, user_id: int, open_now: int) -> None:
        self._standings.changed(user_id)
        self.log.note(kinds.PAGE, user_id=user_id, what=str(open_now))

    def _once(self, kind: str, call_id: str, user_id: int) -> None:
        known = self._told.setdefault(call_id, set())
        if (kind, user_id) not in known:
            known.add((kind, user_id))
            self.log.note(kind, call_id, user_id)
            self._forget(self._told)

    # ------------------------------------------------------------- what follows, and the rest

    def written(self, rows: Sequence[Row]) -> None:
        """Rows of calls are on paper."""
        for row in rows:
            if row.ended_at is not None:
                self.log.note(kinds.FILED, row.call_id, what=str(row.customer_id or ""))

    def permitted(self, call_id: str, user_id: int, why: str) -> None:
        """A listed number may be called by that person."""
        self.log.note(kinds.PERMITTED, call_id, user_id, why)

    def recorded(self, call_id: str) -> None:
        self.log.note(kinds.RECORDED, call_id)

    def filled(self, call_id: str) -> None:
        self.log.note(kinds.FILLED, call_id)

    def phone_changed(self, endpoint: str, state: str) -> None:
        """The phone of an agent is there, or gone; that it rings says nothing here."""
        person = self._directory.rung_at(endpoint)
        there = "unreachable" if state == "unreachable" else "reachable"
        if person and self._phones.get(person.id) != there:
            self._phones[person.id] = there
            self.log.note(kinds.PHONE, user_id=person.id, what=there)

    # ---------------------------------------------------------------------- life

    async def run(self, connected: Callable[[], bool]) -> None:
        """Write, and look whether the exchange is there, for as long as the application lives."""
        self.log.note(kinds.SERVICE, what="started")
        await asyncio.gather(self.log.write(), self._watch(connected))

    async def drain(self) -> None:
        """The service stops: everything is written; `run` must be running."""
        self.log.note(kinds.SERVICE, what="stopped")
        await self.log.drain()

    async def _watch(self, connected: Callable[[], bool]) -> None:
        there, ever = False, False
        while True:
            now = connected()
            if now != there and ever:
                self.log.note(kinds.LINK, what="back" if now else "lost")
            there, ever = now, ever or now
            await asyncio.sleep(GLANCE)

    @staticmethod
    def _forget(known: dict[str, Any]) -> None:
        """The oldest: a call whose end was never heard."""
        if len(known) > MOST:
            del known[next(iter(known))]
