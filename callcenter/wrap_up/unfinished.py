"""Calls whose outcome is still to be chosen: written at their end, gone once that is done."""

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.calls.call import Call, Direction, State
from callcenter.calls.models import CallNote, CallRecord, UnfinishedCall
from callcenter.db import DATABASE_ERRORS, Sessions, is_away
from callcenter.people.directory import Directory
from callcenter.people.rights import Scope
from callcenter.wrap_up.outcomes import catalogue, offered, says_enough

if TYPE_CHECKING:
    from callcenter.agents.presence import Presence
    from callcenter.calls.board import Change

log = logging.getLogger(__name__)

BATCH = 500  # calls a transaction
PATIENCE = 1.0  # seconds until a database that failed is tried again
REMEMBERED = timedelta(days=2)  # nobody can say any more what an older call ended in

Whose = Callable[[Call], tuple[int | None, int | None]]


class Debts:
    """A listener of the board. `whose(call)` is its (user_id, department_id)."""

    def __init__(self, sessions: Sessions, whose: Whose) -> None:
        self._sessions = sessions
        self._whose = whose
        # Unbounded on purpose: a row is small, and a slow database may not lose one.
        self._rows: list[UnfinishedCall] = []
        self._queues: dict[str, str | None] = {}
        self._something = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    def note(self, change: "Change") -> None:
        """A call has changed; one that ended after a conversation is owed an outcome."""
        call = change.after
        if call.state is not State.ENDED or (change.before and change.before.state is State.ENDED):
            return
        user_id, department_id = self._whose(call)
        if user_id is None or not call.agents or call.direction is Direction.INTERNAL:
            return
        ended_at = call.ended_at or datetime.now(UTC)
        if ended_at < datetime.now(UTC) - REMEMBERED:
            return
        self._rows.append(
            UnfinishedCall(
                call_id=call.call_id,
                user_id=user_id,
                department_id=department_id,
                ended_at=ended_at,
            )
        )
        self._queues[call.call_id] = call.queue
        self._something.set()
        self._written.clear()

    async def write(self) -> None:
        """Write for as long as the application lives."""
        while True:
            await self._something.wait()
            batch = self._rows[:BATCH]
            try:
                async with self._sessions.begin() as session:
                    await _owe(session, batch, self._queues)
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.exception("%d unfinished calls wait for the database", len(self._rows))
                await asyncio.sleep(PATIENCE)
                continue
            del self._rows[: len(batch)]
            for each in batch:
                self._queues.pop(each.call_id, None)
            if not self._rows:
                self._something.clear()
                self._written.set()

    async def drain(self) -> None:
        """Wait until everything noted so far is written; `write` must be running."""
        await self._written.wait()


async def finish(session: AsyncSession, note: CallNote) -> bool:
    """Whoever wrote `note` says that it is all; whether it is. Without committing.

    A call whose outcome is not chosen although there is a choice stays in the list.
    """
    record = await session.get(CallRecord, note.call_id)
    offers = await catalogue(session)
    queue = record.queue if record else None
    if note.outcome is None and record is None:  # so young that nobody knows its queue yet
        enough = not any(each.active for each in offers)
    else:
        enough = says_enough(offers, note.outcome, queue)
    if enough:
        note.finished_at = datetime.now(UTC)
        await session.flush()
        await session.execute(delete(UnfinishedCall).where(UnfinishedCall.call_id == note.call_id))
    return enough


async def unfinished_cut(
    session: AsyncSession,
    scope: Scope,
    *,
    but: Collection[str] = (),
    of: int | None = None,
    cursor: str = "",
    limit: int = 50,
) -> keyset.Cut[tuple[CallRecord, CallNote | None]]:
    """Calls to finish with their notes, newest first: one's own, or those of one's team.

    `but` are ids to leave out: those whose agents are in wrap-up now. `of`: those of that user.
    """
    return await keyset.cut(
        session,
        _within(scope, but, of, CallRecord, CallNote),
        (CallRecord.started_at, CallRecord.call_id),
        descending=True,
        cursor=cursor,
        limit=limit,
    )


async def unfinished_count(
    session: AsyncSession, scope: Scope, *, but: Collection[str] = (), of: int | None = None
) -> int:
    """How many calls those are, counted up to keyset.MOST + 1."""
    return await keyset.count(session, _within(scope, but, of, CallRecord.call_id))


def in_wrap_up(presence: "Presence | None", directory: Directory, scope: Scope) -> set[str]:
    """Ids of the calls that people of that scope are about to finish."""
    people = directory.within(scope) if presence else []
    calls = [presence.unfinished(each.id) for each in people] if presence else []
    return {call.call_id for call in calls if call}


def _within(
    scope: Scope, but: Collection[str], of: int | None, *columns: Any
) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(*columns)
        .select_from(UnfinishedCall)
        .join(CallRecord, CallRecord.call_id == UnfinishedCall.call_id)
        .outerjoin(CallNote, CallNote.call_id == UnfinishedCall.call_id)
    )
    if of is not None:
        statement = statement.where(UnfinishedCall.user_id == of)
    if but:
        statement = statement.where(UnfinishedCall.call_id.not_in(but))
    if scope.everything:
        return statement
    own = UnfinishedCall.user_id == scope.user_id
    if not scope.departments:
        return statement.where(own)
    return statement.where(or_(own, UnfinishedCall.department_id.in_(scope.departments)))


async def _owe(
    session: AsyncSession, batch: list[UnfinishedCall], queues: dict[str, str | None]
) -> None:
    """Write those that nobody has finished in the meantime, and that there is a choice for."""
    offers = await catalogue(session)
    call_ids = [each.call_id for each in batch]
    there = set(
        await session.scalars(
            select(UnfinishedCall.call_id).where(UnfinishedCall.call_id.in_(call_ids))
        )
    )
    done = await session.execute(
        select(CallNote.call_id, CallNote.finished_at).where(
            CallNote.call_id.in_(call_ids), CallNote.finished_at.is_not(None)
        )
    )
    finished = {call_id: at for call_id, at in done if at is not None}
    for each in batch:
        at = finished.get(each.call_id)
        if each.call_id in there or (at and at >= each.ended_at):
            continue
        if offered(offers, queues.get(each.call_id)):
            there.add(each.call_id)
            await session.merge(each)
