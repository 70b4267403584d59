"""Compares or rebuilds in the background when somebody asks for it, one at a time."""

from datetime import date, tzinfo
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db import Sessions
from callcenter.errors import N_, Conflict
from callcenter.sums import check
from callcenter.tasks import Group

Errand = Literal["compare", "rebuild"]


class Keeper:
    """`doing` is what goes on, `day` how far it is (days are gone through from the first)."""

    def __init__(self, engine: AsyncEngine, sessions: Sessions, zone: tzinfo, group: Group) -> None:
        self._engine, self._sessions, self._zone, self._group = engine, sessions, zone, group
        self.doing: Errand | None = None
        self.day: date | None = None

    def start(self, errand: Errand) -> None:
        """Raises Conflict while another one goes on."""
        if self.doing:
            raise Conflict(N_("The sums are being worked on already."))
        self.doing, self.day = errand, None
        self._group.start(self._carry_out(errand), name=f"sums: {errand}")

    async def nightly(self, sessions: Sessions) -> None:
        """The errand of each day; whoever asked for one tonight has seen to it already."""
        if self.doing:
            return
        self.doing, self.day = "compare", None
        try:
            await check.nightly(self._engine, sessions, self._zone)
        finally:
            self.doing = None

    async def _carry_out(self, errand: Errand) -> None:
        try:
            if errand == "rebuild":
                await check.anew(self._engine, self._sessions, self._zone, self._tell)
            await check.compared(self._engine, self._sessions, self._zone, tell=self._tell)
        finally:
            self.doing = None

    def _tell(self, day: date) -> None:
        self.day = day
