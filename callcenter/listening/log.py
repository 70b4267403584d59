"""Writes down who listened: the beginning before anybody hears a word, the rest behind it."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Executable, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import DATABASE_ERRORS, Sessions, is_away
from callcenter.listening.models import Stretch
from callcenter.listening.visits import Visit, Way
from callcenter.people import audit

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds until a database that failed is tried again


class Log:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        # Unbounded on purpose: there are few, and a slow database may not lose one.
        self._waiting: list[Executable] = []
        self._something = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    async def begin(self, visit: Visit, told: bool) -> None:
        """On paper once it returns, in the audit as well."""
        async with self._sessions.begin() as session:
            await session.execute(insert(Stretch).values(**_row(visit, visit.way, told)))
            audit.note(session, visit.lead.id, "call-heard", f"{visit.call_id} {visit.agent.name}")

    def goes_on(self, visit: Visit, told: bool) -> None:
        """In another way, or with another agent, from now on."""
        self.ends(visit)
        self._note(insert(Stretch).values(**_row(visit, visit.way, told)))

    def takes_over(self, visit: Visit) -> None:
        """The call is the lead's own from now on: a moment, not a stretch."""
        self.ends(visit)
        row = _row(visit, "take_over", True)
        self._note(insert(Stretch).values(**row | {"ended_at": row["began_at"]}))

    def ends(self, visit: Visit) -> None:
        open_now = (
            (Stretch.call_id == visit.call_id)
            & (Stretch.user_id == visit.lead.id)
            & Stretch.ended_at.is_(None)
        )
        self._note(update(Stretch).where(open_now).values(ended_at=datetime.now(UTC)))

    async def load(self) -> None:
        """Whatever was open when the service ended is over by now."""
        async with self._sessions.begin() as session:
            still = update(Stretch).where(Stretch.ended_at.is_(None))
            await session.execute(still.values(ended_at=datetime.now(UTC)))

    async def write(self) -> None:
        """Write for as long as the application lives."""
        while True:
            await self._something.wait()
            batch = self._waiting[:]
            try:
                async with self._sessions.begin() as session:
                    for each in batch:
                        await session.execute(each)
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.exception("%d lines about who listened wait for the database", len(batch))
                await asyncio.sleep(PATIENCE)
                continue
            del self._waiting[: len(batch)]
            if not self._waiting:
                self._something.clear()
                self._written.set()

    async def drain(self) -> None:
        """Wait until everything so far is written; `write` must be running."""
        await self._written.wait()

    def _note(self, statement: Executable) -> None:
        self._waiting.append(statement)
        self._written.clear()
        self._something.set()


def _row(visit: Visit, way: Way, told: bool) -> dict[str, object]:
    return {
        "call_id": visit.call_id,
        "user_id": visit.lead.id,
        "agent_id": visit.agent.id,
        "way": way,
        "told": told,
        "began_at": datetime.now(UTC),
        "ended_at": None,
    }


async def of_call(session: AsyncSession, call_id: str) -> Sequence[Stretch]:
    """Every stretch of that call in which somebody listened, in order."""
    asked = select(Stretch).where(Stretch.call_id == call_id).order_by(Stretch.id)
    return (await session.scalars(asked)).all()
