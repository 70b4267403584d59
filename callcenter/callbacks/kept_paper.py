"""Places that callers keep in a queue, as they are remembered and written down."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from callcenter.callbacks.missed import LONGEST, with_siblings
from callcenter.callbacks.models import KeptPlaceRow, KeptState, MissedMark
from callcenter.callbacks.turns import KeptPlace
from callcenter.calls.call import Direction
from callcenter.calls.models import CallRecord
from callcenter.db import DATABASE_ERRORS, Sessions, is_away

log = logging.getLogger(__name__)

RETRY = 2.0  # seconds, while the database is away


@dataclass(slots=True, eq=False)
class Entry:
    """One place; `call` is the call to them that is under way, `by` the agent it is kept for."""

    place: KeptPlace
    number: str
    number_key: str
    asked_at: datetime
    tries: int = 0
    state: KeptState = KeptState.OPEN
    closed_at: datetime | None = None
    closing_call_id: str | None = None
    call: str = ""
    by: int | None = None

    def row(self) -> KeptPlaceRow:
        return KeptPlaceRow(
            call_id=self.place.id,
            queue=self.place.queue,
            number=self.number,
            number_key=self.number_key,
            since=self.place.since,
            asked_at=self.asked_at,
            due=self.place.due,
            tries=self.tries,
            state=self.state.value,
            closed_at=self.closed_at,
            closing_call_id=self.closing_call_id,
        )


@dataclass(frozen=True, slots=True)
class End:
    """What a place came to without us; `call_id` is the conversation with them."""

    state: KeptState
    call_id: str | None = None


class Paper:
    """The table, for as long as the database may be away."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._unwritten: dict[str, Entry] = {}
        self._one = asyncio.Lock()  # writes at a time: whoever waits for it knows that all is there

    def note(self, entry: Entry) -> None:
        """It has changed; `write` writes it as it is then."""
        self._unwritten[entry.place.id] = entry

    async def load(self) -> list[Entry]:
        """The open ones."""
        is_open = select(KeptPlaceRow).where(KeptPlaceRow.state == KeptState.OPEN.value)
        while True:
            try:
                async with self._sessions() as session:
                    rows = list(await session.scalars(is_open))
            except DATABASE_ERRORS as error:
                await _again(error)
            else:
                return [_entry(row) for row in rows]

    async def end_of(self, entry: Entry) -> End | None:
        """Whether somebody has talked with them since, from whatever number of theirs, or has put
        their missed call aside; None: neither. As the inbox has it, and out of the same tables."""
        async with self._sessions() as session:
            keys = await with_siblings(session, [entry.number_key])
            talk = select(CallRecord.call_id).where(
                CallRecord.number_key.in_(keys),
                CallRecord.started_at >= entry.asked_at - LONGEST,
                CallRecord.answered_at > entry.asked_at,
                CallRecord.direction != Direction.INTERNAL,
            )
            if call_id := await session.scalar(talk.limit(1)):
                return End(KeptState.REACHED, call_id)
            aside = select(MissedMark.number_key).where(
                MissedMark.number_key.in_(keys), MissedMark.dismissed_at >= entry.asked_at
            )
            return End(KeptState.GIVEN_UP) if await session.scalar(aside.limit(1)) else None

    async def end_when_there(self, entry: Entry) -> End | None:
        """The same, however long the database may be away."""
        while True:
            try:
                return await self.end_of(entry)
            except DATABASE_ERRORS as error:
                await _again(error)

    async def write(self) -> None:
        """Everything noted so far."""
        async with self._one:
            while batch := self._unwritten:
                self._unwritten = {}
                rows = [entry.row() for entry in batch.values()]
                try:
                    async with self._sessions.begin() as session:
                        for row in rows:
                            await session.merge(row)
                except DATABASE_ERRORS as error:
                    self._unwritten = batch | self._unwritten
                    await _again(error)


def _entry(row: KeptPlaceRow) -> Entry:
    place = KeptPlace(row.since, row.call_id, row.queue, row.due)
    return Entry(place, row.number, row.number_key, row.asked_at, row.tries)


async def _again(error: BaseException) -> None:
    """Wait for a database that is away; anything else is a mistake of ours."""
    if not is_away(error):
        raise error
    log.warning("kept places wait for the database: %s", error)
    await asyncio.sleep(RETRY)
