"""The team at this moment, told to all pages that show it: the whole first, then differences.

At most four times a second what is new is drawn, and what all pages of one sight see of it is
written once for all of them.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

from callcenter.calls.board import Change
from callcenter.db import Sessions
from callcenter.live.alarms import Alarms, Failing
from callcenter.live.drawing import Drawing
from callcenter.live.lines import AlarmLine, House, PastLine
from callcenter.live.pages import Page, frame
from callcenter.live.picture import Calls, Picture
from callcenter.live.rules import CurrentRules
from callcenter.live.sight import Sight
from callcenter.live.today import Day, Written
from callcenter.people.directory import Directory
from callcenter.tasks import Group

PAUSE: Final = 0.26  # seconds between two updates of a page: four in any second, never five
SILENCE: Final = 0.75  # and without news, before it is told that there are none
SIGNED_OUT, REVOKED, LEAVING = 4002, 4004, 1001  # why a page's socket is closed
NO_NEWS: Final = frame({"type": "no news"})


class Audience:
    """All pages with one sight, and what they were shown."""

    def __init__(self, sight: Sight, house: House) -> None:
        self.sight = sight
        self.pages: list[Page] = []
        self.calls: set[str] = set()  # ids of those they show
        self.house = house
        self.whole: tuple[int, bytes] | None = None  # a frame, of the version it shows


class Team:
    """Listens to board, presence and journal; `alarms_changed` are told when an alarm changes.

    `failing()` are the trunks that carry no calls, None: not known yet; `sure()`: what is shown of
    queues is what the exchange says.
    """

    def __init__(
        self,
        directory: Directory,
        drawing: Drawing,
        day: Day,
        rules: CurrentRules,
        board: Calls,
        house: Callable[[Sight], House],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.alarms_changed: list[Callable[[], None]] = []
        self.failing: Callable[[], Sequence[Failing] | None] = tuple
        self.sure: Callable[[], bool] = lambda: True
        self.published = 0  # updates so far
        self.alerts = Alarms()
        self._directory, self._drawing, self._day = directory, drawing, day
        self._rules = rules
        self._picture = Picture(directory, drawing, day, board)
        self._house, self._now = house, now
        self._audiences: dict[Sight, Audience] = {}
        self._alarms_are_new = False
        self._revoked: set[int] = set()  # wallboards, since we run
        self._something = asyncio.Event()
        self._group = Group()

    # ------------------------------------------------------------- what is heard

    def push(self, change: Change) -> None:
        """A call has changed (listener of the board)."""
        self._drawing.heard(change, self._now())
        self._picture.dirty_calls.add(change.after.call_id)
        for call in (change.before, change.after):
            if call and call.queue:
                self._picture.dirty_queues.add(call.queue)
        self._something.set()

    def agent_changed(self, user_id: int) -> None:
        """(Listener of presence.)"""
        self._picture.dirty_agents.add(user_id)
        if person := self._directory.person(user_id):
            self._picture.dirty_queues |= self._directory.queues_of(person)
        self._something.set()

    def written(self, rows: Sequence[Written]) -> None:
        """(Listener of the journal.)"""
        if changed := self._day.take(rows):
            self._picture.dirty_queues |= changed
            self._something.set()

    def call_changed(self, call_id: str) -> None:
        """A lead is with it now, or not any more (told by Listenings)."""
        self._picture.dirty_calls.add(call_id)
        self._something.set()

    def queue_changed(self, queue: str) -> None:
        """Somebody keeps a place in it, or not any more (listener of KeptPlaces)."""
        self._picture.dirty_queues.add(queue)
        self._something.set()

    def customers_changed(self) -> None:
        """Numbers may be others' now (listener of the cards)."""
        self._picture.dirty_calls |= self._picture.calls.keys()
        self._something.set()

    async def load(self, sessions: Sessions) -> None:
        """The rules, and what the table of calls knows of today."""
        await self.load_rules(sessions)
        await self._day.load(sessions)

    def within(self, queue: str) -> int:
        """The seconds in which an answer is in time there."""
        return self._rules.now.of(queue).service_level_s

    async def load_rules(self, sessions: Sessions) -> None:
        """After a change, too."""
        await self._rules.load(sessions)
        self._picture.dirty_queues |= self._directory.queues.keys()
        self._something.set()

    def silence(self, queue: str, kind: str, by: str) -> None:
        """Nobody is to be told of that alarm any more. Raises Missing when it is over."""
        self.alerts.silence(queue, kind, by)
        self._tell_of_alarms()
        self._something.set()

    # ----------------------------------------------------------------- its pages

    @contextmanager
    def shown(self, page: Page) -> Iterator[None]:
        """`page` is told the whole now and what changes, for as long as the block lasts."""
        self._redraw()
        self._join(page)
        try:
            yield
        finally:
            self._leave(page)

    def sees_queue(self, sight: Sight, queue: str) -> bool:
        self._redraw()
        return self._picture.sees_queue(sight, queue)

    def whole(self, sight: Sight) -> dict[str, Any]:
        """All that sight shows now: "agents", "queues", "calls", "alarms", and the "house"."""
        self._redraw()
        return self._told(sight, self._house(sight))

    def alarms(self, sight: Sight) -> list[AlarmLine]:
        """Those that go on, as far as that sight goes."""
        return [each for each in self.alerts.now if self._picture.sees_alarm(sight, each)]

    def past_alarms(self, sight: Sight) -> list[PastLine]:
        """Those that are over, the last first; a wall shows none."""
        past = () if sight.wall else self.alerts.past
        return [each for each in past if self._picture.sees_alarm(sight, each)]

    @property
    def sessions(self) -> set[str]:
        """Those with a page open."""
        return {page.session for page in self._pages()} - {""}

    def extensions_of(self, session: str) -> set[str]:
        return set()  # no call depends on these pages

    def sign_out(self, session: str) -> None:
        """That sign-in is over."""
        self._close((page for page in self._pages() if page.session == session), SIGNED_OUT)

    def revoke(self, wall_id: int) -> None:
        """The link of that wallboard leads nowhere any more, also for a page on its way in."""
        self._revoked.add(wall_id)
        self._close((page for page in self._pages() if page.wall_id == wall_id), REVOKED)

    def send_away(self) -> None:
        """The service ends: every page is told to come back later."""
        self._close(self._pages(), LEAVING)

    async def close(self) -> None:
        await self._group.close()

    # ------------------------------------------------------------------- telling

    async def run(self) -> None:
        """Tell pages for as long as the application lives."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SILENCE):
                    await self._something.wait()
            self._something.clear()
            self.publish()
            await asyncio.sleep(PAUSE)

    def publish(self) -> None:
        """Tell every page what is new since the last time, or that nothing is."""
        self._picture.dirty_calls |= self._drawing.unknown
        self._redraw()
        queues, failing, sure = self._picture.queues.values(), self.failing(), self.sure()
        if self.alerts.look(queues, self._rules.now, self._now(), failing=failing, sure=sure):
            self._tell_of_alarms()
        for audience in self._audiences.values():
            told = self._news(audience)
            for page in audience.pages:
                page.send(told)
        self._picture.told()
        self._alarms_are_new = False
        self.published += 1

    def _redraw(self) -> None:
        if not self._picture.is_outdated:
            self._picture.redraw()
            return
        self._picture.begin_anew()
        pages = self._pages()
        self._audiences.clear()
        self._picture.told()
        for page in pages:  # some see more now, some less
            self._join(page)

    def _join(self, page: Page) -> None:
        page.sight = sight = None if page.wall_id in self._revoked else page.look()
        if sight is None:
            self._close([page], REVOKED if page.wall_id else SIGNED_OUT)
            return
        audience = self._audiences.get(sight)
        if audience is None:
            audience = self._audiences[sight] = Audience(sight, self._house(sight))
        page.send(frame({"type": "hello", "now": self._now()}))
        page.send(self._whole(audience))
        audience.pages.append(page)

    def _leave(self, page: Page) -> None:
        audience = self._audiences.get(page.sight) if page.sight else None
        if audience and page in audience.pages:
            audience.pages.remove(page)
            if not audience.pages:
                del self._audiences[audience.sight]

    def _whole(self, audience: Audience) -> bytes:
        version = self._picture.version
        if audience.whole is None or audience.whole[0] != version:
            told = self._told(audience.sight, audience.house)
            if not audience.pages:
                audience.calls = {call.call_id for call in told["calls"]}
            audience.whole = version, frame({"type": "whole", **told})
        return audience.whole[1]

    def _told(self, sight: Sight, house: House) -> dict[str, Any]:
        picture = self._picture
        return {
            "agents": picture.agents_for(sight, picture.agents),
            "queues": picture.queues_for(sight, picture.queues),
            "calls": picture.calls_for(sight, picture.calls),
            "alarms": self.alarms(sight),
            "past": self.past_alarms(sight),
            "house": house,
        }

    def _news(self, audience: Audience) -> bytes:
        """A frame for these pages."""
        picture, sight = self._picture, audience.sight
        told: dict[str, Any] = {
            "agents": picture.agents_for(sight, picture.new_agents),
            "queues": picture.queues_for(sight, picture.new_queues),
            "calls": picture.calls_for(sight, picture.new_calls),
        }
        seen = {line.call_id for line in told["calls"]}
        told["gone"] = sorted((picture.new_calls - seen) & audience.calls)
        audience.calls = (audience.calls | seen).difference(told["gone"])
        told = {name: lines for name, lines in told.items() if lines}
        if self._alarms_are_new:
            told |= {"alarms": self.alarms(sight), "past": self.past_alarms(sight)}
        if (house := self._house(sight)) != audience.house:
            told["house"] = audience.house = house
        if not told:
            return NO_NEWS
        audience.whole = None
        return frame({"type": "news", **told})

    def _tell_of_alarms(self) -> None:
        self._alarms_are_new = True
        for listener in self.alarms_changed:
            listener()

    def _pages(self) -> list[Page]:
        return [page for audience in self._audiences.values() for page in audience.pages]

    def _close(self, pages: Iterable[Page], code: int) -> None:
        for page in list(pages):
            self._group.start(page.socket.close(code=code), name="a page of the team goes")
