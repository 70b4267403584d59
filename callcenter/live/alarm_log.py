"""Alarms as they are written down: those that go on outlive the service, the others can be read."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_, select

from callcenter.db import DATABASE_ERRORS, Sessions, is_away
from callcenter.live.alarms import MOST_PAST, Alarms, ended
from callcenter.live.lines import AlarmLine, PastLine
from callcenter.live.models import AlarmRow

log = logging.getLogger(__name__)

RETRY = 2.0  # seconds, while the database is away
SHOWN = timedelta(days=1)  # so long after its end one stands on the board after a restart
KEPT = timedelta(days=30)

Key = tuple[str, str, datetime]  # queue or trunk, kind, since when


class AlarmLog:
    """Told of each change by `note`, which never waits; `run` writes."""

    def __init__(self, sessions: Sessions, alarms: Alarms) -> None:
        self._sessions, self._alarms = sessions, alarms
        self._written: dict[Key, AlarmLine | PastLine] = {}  # as the table has them
        self._something = asyncio.Event()
        self._one = asyncio.Lock()

    def note(self) -> None:
        """Something has begun, ended or was silenced (listener of the team)."""
        self._something.set()

    async def load(self) -> None:
        """Let the alarms go on where they were."""
        recent = AlarmRow.ended_at > datetime.now(UTC) - SHOWN
        asked = select(AlarmRow).where(or_(AlarmRow.ended_at.is_(None), recent))
        newest = asked.order_by(AlarmRow.ended_at.is_not(None), AlarmRow.ended_at.desc())
        async with self._sessions() as session:
            lines = [_line(row) for row in await session.scalars(newest.limit(10 * MOST_PAST))]
        now = [each for each in lines if isinstance(each, AlarmLine)]
        past = [each for each in lines if isinstance(each, PastLine)]
        self._alarms.resume(now, past)
        self._written = self._lines()

    async def run(self) -> None:
        """Write for as long as the application lives."""
        while True:
            await self._something.wait()
            self._something.clear()
            await self.drain()

    async def drain(self) -> None:
        """Write down what has changed."""
        async with self._one:
            while news := _news(now := self._lines(), self._written):
                try:
                    async with self._sessions.begin() as session:
                        for line in news:
                            await session.merge(_row(line))
                except DATABASE_ERRORS as error:
                    if not is_away(error):
                        raise
                    log.warning("alarms wait for the database: %s", error)
                    await asyncio.sleep(RETRY)
                else:
                    self._written = now

    def _lines(self) -> dict[Key, AlarmLine | PastLine]:
        every: list[AlarmLine | PastLine] = [*self._alarms.past, *self._alarms.now]
        return {(each.queue, each.kind, each.since): each for each in every}


async def forget(sessions: Sessions) -> None:
    """Remove those that are old enough (once a day)."""
    async with sessions.begin() as session:
        old = AlarmRow.ended_at < datetime.now(UTC) - KEPT
        await session.execute(delete(AlarmRow).where(old))


def _news(
    now: dict[Key, AlarmLine | PastLine], written: dict[Key, AlarmLine | PastLine]
) -> list[AlarmLine | PastLine]:
    """Of more that end at once than `now` keeps, the others have just ended."""
    news = [line for key, line in now.items() if written.get(key) != line]
    gone = [line for key, line in written.items() if key not in now]
    at = datetime.now(UTC)
    return news + [ended(line, at) for line in gone if isinstance(line, AlarmLine)]


def _row(line: AlarmLine | PastLine) -> AlarmRow:
    return AlarmRow(
        queue=line.queue,
        kind=line.kind,
        began_at=line.since,
        ended_at=line.until if isinstance(line, PastLine) else None,
        title=line.title,
        limit=line.limit,
        why=line.why,
        silenced=line.silenced,
    )


def _line(row: AlarmRow) -> AlarmLine | PastLine:
    facts = {name: getattr(row, name) for name in ("queue", "kind", "title", "limit", "why")}
    facts |= {"since": row.began_at, "silenced": row.silenced}
    if row.ended_at is None:
        return AlarmLine(**facts, quiet=True)  # whoever was to know has been told
    return PastLine(**facts, until=row.ended_at)
