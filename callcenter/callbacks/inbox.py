"""The one inbox: missed calls and callbacks in memory, told to the pages they concern.

Read from the database at start; what the journal writes, what people change and what becomes due
brings it up to date, line by line. Pages never ask: they hear by /events when their part changes.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.callbacks import changes, queries
from callcenter.callbacks.lines import Lines
from callcenter.callbacks.missed import Missed, missed_lines
from callcenter.callbacks.planned import Agenda, Planned, planned_of
from callcenter.callbacks.visible import is_theirs, reminder, sees
from callcenter.calls.call import Direction
from callcenter.calls.rows import Row
from callcenter.customers.numbers import shown
from callcenter.db import DATABASE_ERRORS, Sessions, is_away
from callcenter.people.directory import Directory, Person
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope
from callcenter.settings.parameters import parameters

log = logging.getLogger(__name__)

BREATH = 0.2  # seconds between two looks: what comes together is told together
TICK = 60.0  # seconds: lines grow old, and may become everybody's
EVERY = timedelta(hours=1)  # everything is read again: old lines go
SELDOM = timedelta(seconds=20)  # nor more often, however many customers change
RETRY = 2.0  # seconds, while the database is away
STARTED = 1000  # calls begun from a callback that are remembered
AT_A_TIME = 20  # pages told without a break: a millisecond
AT_ONCE = 500  # keys refreshed together

Tell = Callable[[int, dict[str, Any]], None]


class Inbox:
    """`tell(user_id, message)` reaches open pages, `pages()` says whose there are, and `ready`
    whether an agent could make a call now."""

    def __init__(
        self,
        sessions: Sessions,
        directory: Directory,
        *,
        tell: Tell = lambda *_: None,
        pages: Callable[[], Collection[int]] = tuple,
        ready: Callable[[int], bool] = lambda _: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.agenda = Agenda()
        self.now = now
        self._sessions, self._directory = sessions, directory
        self._tell, self._pages, self._ready = tell, pages, ready
        self.lines = Lines()
        self._told: dict[int, dict[str, Any]] = {}
        self._picture: object = None  # of all there was when pages were last told
        self._keys: set[str] = set()  # of lines to be read again
        self._callbacks: set[int] = set()  # to be read again
        self._reading = False  # lines, at this moment
        self._everything = False
        self._loaded_at = datetime.min.replace(tzinfo=UTC)
        self._talks: list[changes.Talk] = []
        self._started: OrderedDict[str, int] = OrderedDict()  # call_id -> callback's id
        self._something = asyncio.Event()

    # ---------------------------------------------------------------- what happens

    def written(self, rows: Iterable[Row]) -> None:
        """Rows of calls are on paper (listener of the journal)."""
        for row in rows:
            if not row.number_key or row.direction == Direction.INTERNAL:
                continue
            if row.answered_at is None and row.ended_at is None:
                continue
            missed = row.direction == Direction.INBOUND and row.answered_at is None
            # Of most calls nothing follows. While lines are being read, nobody knows which.
            if missed or self._reading or self.lines.of_number(row.number_key):
                self._keys.add(row.number_key)
                self._something.set()
            begun = self._started.get(row.call_id)
            if row.answered_at and (
                begun is not None or self.agenda.concerned(row.number_key, row.customer_id)
            ):
                self._talks.append(
                    changes.Talk(
                        call_id=row.call_id,
                        number_key=row.number_key,
                        customer_id=row.customer_id,
                        answered_at=row.answered_at,
                        until=row.ended_at or self.now(),
                        callback_id=begun,
                    )
                )
                self._something.set()

    def customers_changed(self, number_keys: Collection[str] | None) -> None:
        """Numbers, names or owners of customers have changed; None: of many."""
        if number_keys is None:
            self._everything = True
        else:
            self._keys |= {key for key in number_keys if self._reading or self.lines.of_number(key)}
            for key in number_keys:
                self._callbacks |= self.agenda.of_number(key)
        self._something.set()

    def started(self, call_id: str, callback_id: int) -> None:
        """That call was begun from the callback's button."""
        self._started[call_id] = callback_id
        while len(self._started) > STARTED:
            self._started.popitem(last=False)

    def look(self) -> None:
        """Somebody's state is another: they may be the one to take what is anyone's."""
        if self.agenda.has_offers:
            self._something.set()

    async def changed(self, *callback_ids: int) -> None:
        """These callbacks were changed and committed: the pages hear of it now."""
        await self._read(callback_ids)
        await self.tell()
        self._something.set()

    async def taken(self, callback_id: int, by: Person) -> None:
        """That one of anyone's is `by`'s now; whoever was asked just then is told who has it."""
        asked, planned = self.agenda.offered_to(callback_id), self.agenda.all.get(callback_id)
        await self.changed(callback_id)
        if asked not in (None, by.id) and planned:
            name = planned.name or shown(planned.number)
            said = {"type": "note", "what": "callback-claimed", "by": by.name, "name": name}
            self._tell(asked or 0, said)

    async def marked(self, line: Missed) -> None:
        """A mark on it was changed and committed."""
        await self._refresh(line.number_keys)
        await self.tell()

    # ---------------------------------------------------------------- questions

    def missed(self, scope: Scope) -> list[Missed]:
        """What `scope` may see, dismissed lines too."""
        return [line for line in self.lines.all() if sees(scope, line)]

    def line(self, scope: Scope, number_key: str) -> Missed | None:
        found = self.lines.of_number(number_key)
        return found if found and sees(scope, found) else None

    def state(self, user_id: int) -> dict[str, Any]:
        """What that user's pages show: {"inbox": {missed, due, mark}, "reminders": [...]}."""
        person = self._directory.person(user_id)
        rights = self._directory.rights_of(person) if person else None
        if not person or not rights or not rights.may(Permission.CALLBACKS):
            return {"inbox": None, "reminders": []}
        scope = self._directory.scope_of(person, Permission.CALLBACKS)
        due = [each for each in self.agenda.due() if is_theirs(each, scope)]
        shown_now = [
            each for each in due if user_id in (each.user_id, self.agenda.offered_to(each.id))
        ]
        return {
            "inbox": {
                "missed": self.lines.count(scope),
                "due": len(due),
                "mark": self.lines.mark(scope),
            },
            "reminders": [reminder(each) for each in shown_now],
        }

    def picture(self, user_id: int) -> str:
        """Another text whenever a page of that user's inbox would look different."""
        said = self.state(user_id)["inbox"] or {}
        return "-".join(str(said.get(name, 0)) for name in ("missed", "due", "mark"))

    # ---------------------------------------------------------------- work

    async def load(self) -> None:
        """Everything, from the database."""
        async with self._sessions() as session:
            self.agenda.load([planned_of(*line) for line in await queries.open_ones(session)])
            lines = await missed_lines(session, await self._since(session))
        self._loaded_at = self.now()
        self.lines.load(lines, self.now())

    async def run(self) -> None:
        """Keep it up to date for as long as the application lives."""
        self._everything = True
        self._something.set()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._something.wait()
            self._something.clear()
            try:
                await self.catch_up()
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.warning("the inbox waits for the database: %s", error)
                await asyncio.sleep(RETRY)
                self._everything = True
                self._something.set()
                continue
            await self.tell()
            await asyncio.sleep(BREATH)

    async def catch_up(self) -> None:
        """Do what has come up since the last time."""
        self._reading = True
        try:
            await self._catch_up()
        finally:
            self._reading = False

    async def _catch_up(self) -> None:
        while self._talks:
            async with self._sessions.begin() as session:
                closed = await changes.reached(session, self._talks[0], self.now())
                ids = [callback.id for callback in closed]
            del self._talks[0]
            self._put_planned(ids, [])
        age = self.now() - self._loaded_at
        if age > EVERY or (self._everything and age > SELDOM):
            self._everything = False
            self._keys.clear()
            self._callbacks.clear()
            await self.load()
        if self._callbacks:
            some = list(self._callbacks)
            self._callbacks.clear()
            await self._read(some)
        keys, self._keys = list(self._keys), set()  # what comes meanwhile is for the next time
        for place in range(0, len(keys), AT_ONCE):
            await self._refresh(keys[place : place + AT_ONCE])

    async def tell(self) -> None:
        """Tell each open page what has changed for it; calls go on between some pages and the next.

        A page that has just opened was told everything (`state`) as it did.
        """
        now = self.now()
        self.lines.count_anew(now)
        self.agenda.settle(now, self._able)
        picture = (self.lines.picture(), self.agenda.picture())
        if picture == self._picture:
            return
        self._picture = picture
        there = set(self._pages())
        self._told = {user_id: said for user_id, said in self._told.items() if user_id in there}
        for place, user_id in enumerate(sorted(there)):
            said = self.state(user_id)
            if said != self._told.get(user_id):
                self._told[user_id] = said
                self._tell(user_id, {"type": "inbox", **said})
            if place % AT_A_TIME == 0:
                await asyncio.sleep(0)

    async def _read(self, callback_ids: Collection[int]) -> None:
        async with self._sessions() as session:
            found = await queries.open_ones(session, list(callback_ids))
        self._put_planned(callback_ids, [planned_of(*line) for line in found])

    def _put_planned(self, ids: Collection[int], planned: Iterable[Planned]) -> None:
        planned = list(planned)
        there = [each for id in ids if (each := self.agenda.all.get(id))]
        self.agenda.put(ids, planned)
        for department_id in {each.department_id for each in (*there, *planned)}:
            self.lines.news[department_id] += 1

    async def _refresh(self, keys: Collection[str]) -> None:
        concerned = self.lines.with_siblings(keys)
        async with self._sessions() as session:
            found = await missed_lines(session, await self._since(session), concerned)
        self.lines.replace(concerned, found, self.now())

    async def _since(self, session: Any) -> datetime:
        days = (await parameters(session)).missed_days
        return self.now() - timedelta(days=days)

    def _able(self, department_id: int | None) -> list[int]:
        there = set(self._pages())
        return [
            person.id
            for person in self._directory.people()
            if person.id in there
            and person.department_id == department_id
            and self._ready(person.id)
        ]

    def _pause(self) -> float:
        next_at = self.agenda.next_at()
        left = (next_at - self.now()).total_seconds() if next_at else TICK
        if self._everything:
            left = min(left, SELDOM.total_seconds())
        return max(BREATH, min(TICK, left))
