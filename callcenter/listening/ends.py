"""What ends a lead's listening besides the call and their own wish: pages that go, rights, us."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from callcenter.calls.board import Board
from callcenter.listening.at_exchange import AtExchange
from callcenter.listening.visits import Visit
from callcenter.live.sight import sight_now
from callcenter.people.directory import Directory
from callcenter.tasks import Group

GRACE_S: Final = 3.0  # for a page, or its phone's connection, to come back


class Ends:
    """`visits()` are those of now; `leave(visit, why)` ends one."""

    def __init__(
        self,
        board: Board,
        directory: Directory,
        at: AtExchange,
        visits: Callable[[], list[Visit]],
        leave: Callable[[Visit, str], Coroutine[Any, Any, None]],
    ) -> None:
        self.has_page: Callable[[int], bool] = lambda user_id: False  # Desk's
        self.group = Group()
        self._board, self._directory, self._at = board, directory, at
        self._visits, self._leave = visits, leave

    def lost(self, extension: str, at_once: bool, is_back: Callable[[], bool]) -> None:
        """A phone's page has gone (Phones says so): nobody listens at a page that is not there."""
        for visit in self._visits():
            if visit.extension == extension == visit.lead.endpoint:
                self._start(self._lost(visit, at_once, is_back))

    def page_moved(self, user_id: int, open_now: int) -> None:
        """A page came or went (Desk says so): whoever has none any more cannot see what they do."""
        for visit in self._visits():
            if visit.lead.id == user_id and not open_now:
                self._start(self._lost(visit, False, lambda: self.has_page(user_id)))

    async def _lost(self, visit: Visit, at_once: bool, is_back: Callable[[], bool]) -> None:
        if not at_once:
            await asyncio.sleep(GRACE_S)
        if at_once or not is_back():
            await self._leave(visit, "page-lost")

    def people_changed(self) -> None:
        """Somebody has left, or works elsewhere now, or may do less."""
        for visit in self._visits():
            sight = sight_now(self._directory, visit.lead.id)
            agent = self._directory.known(visit.agent.id) or visit.agent
            if sight is None or not sight.person(agent):
                self._start(self._leave(visit, "not-yours"))

    async def all_leave(self) -> None:
        """The service ends: nobody would see, or write down, who goes on listening."""
        await asyncio.gather(*(self._leave(each, "") for each in self._visits()))

    async def after_login(self) -> None:
        """Nobody goes on listening of whom we know nothing any more: we were away."""
        for call in self._board.calls():
            there = self._board.channels(call.call_id)
            leads = there.leads if there else {}
            known = {visit.extension for visit in self._visits() if visit.call_id == call.call_id}
            for extension in leads.keys() - known:
                await self._at.quietly(self._at.hang_up(leads[extension]))

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        self.group.start(job, name="a lead in a call goes")
