"""Interactions (care.models) that changed when their day was over: reports have summed that day up.

Whoever changes one notes it here in the same transaction. Until care.summing has summed its day up
anew, and forgotten the note, reports ask the calls and activities of that day themselves. A note is
of a quarter of an hour, as no day of any zone begins within one: of many changes there are few.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .call import Direction, Result
from .models import TALKED, CallRecord, LateChange
from .rows import Row

# No day is summed up that was not over for twice as long (care.summing): a transaction that found
# a moment to be younger has ended by then.
YOUNG = timedelta(hours=1)
QUARTER_S = 900

Changed = Iterable[tuple[Row | None, Row]]


async def note(
    connection: AsyncConnection | AsyncSession, moments: Collection[tuple[datetime, int | None]]
) -> None:
    """When these interactions were, and the ids of their customers."""
    since = datetime.now(UTC) - YOUNG
    if noted := {(_quarter(at), whose) for at, whose in moments if at < since}:
        rows = [{"at": at, "customer_id": whose} for at, whose in noted]
        await connection.execute(insert(LateChange), rows)


async def note_calls(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    """Those of these calls that are interactions now: before they change, or after."""
    await note_rows(session, CallRecord.started_at, CallRecord.customer_id, TALKED, *which)


async def note_rows(
    session: AsyncSession, at: Any, customer_id: Any, *which: Any, is_moved: bool = False
) -> None:
    """The same of rows of whatever table these columns are. `is_moved`: to another file, of the
    customer with that id, and nothing else of theirs changes."""
    since = datetime.now(UTC) - YOUNG
    if session.get_bind().dialect.name == "sqlite":
        seconds = cast(func.strftime("%s", at), Integer) // QUARTER_S * QUARTER_S
        quarter = func.strftime("%Y-%m-%d %H:%M:%S.000000", seconds, "unixepoch")
    else:
        quarter = func.date_bin(text("interval '15 minutes'"), at, datetime(2000, 1, 1, tzinfo=UTC))
    rows = select(quarter, customer_id, literal(is_moved)).where(at < since, *which).distinct()
    names = ["at", "customer_id", "is_moved"]
    await session.execute(insert(LateChange).from_select(names, rows))


def _quarter(at: datetime) -> datetime:
    """When the quarter of an hour began in which that was."""
    return datetime.fromtimestamp(at.timestamp() // QUARTER_S * QUARTER_S, UTC)


def moments_of(changed: Changed) -> list[tuple[datetime, int | None]]:
    """Of the rows of calls that count otherwise, or elsewhere, than those before them."""
    found: list[tuple[datetime, int | None]] = []
    since = datetime.now(UTC) - YOUNG
    for before, after in changed:
        if after.started_at < since and _counts(before) != _counts(after):
            found += [(row.started_at, row.customer_id) for row in (before, after) if row]
    return found


def _counts(row: Row | None) -> tuple[object, ...] | None:
    """What reports tell of an interaction; None: it is none."""
    if row is None or row.result != Result.ANSWERED or row.customer_id is None:
        return None
    if row.direction == Direction.INTERNAL:
        return None
    whose = row.user_id, row.department_id, row.customer_id
    return row.started_at, row.direction, row.talked_s, *whose
