"""The calls of the last hour out of the table of calls, for a service that has just started."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallRecord
from callcenter.calls.rows import steps_of
from callcenter.dialling.placed import One
from callcenter.dialling.rules import international
from callcenter.people.directory import Directory

LONGEST = timedelta(hours=12)  # a call that began so long ago may have been handed over just now


async def placed_since(
    session: AsyncSession, since: datetime, directory: Directory
) -> list[tuple[int, One]]:
    """(user id, call) of calls to numbers outside since then: of outgoing calls the one they are
    for, and whoever a customer was handed over to or was asked. In no order."""
    rows = await session.scalars(
        select(CallRecord)
        .where(CallRecord.started_at >= since - LONGEST)
        .where((CallRecord.started_at >= since) | (CallRecord.transfers != "[]"))
        .where(CallRecord.result.is_(None) | (CallRecord.result != Result.FAILED))
    )
    found: list[tuple[int, One]] = []
    for row in rows:
        if row.direction == Direction.OUTBOUND and row.number and row.started_at >= since:
            user_id = _placed_by(row, directory)
            found += _one(user_id, row.started_at, row.number, row.call_id)
        for source, number, at in _handed_over(row, directory):
            person = directory.of_extension(source)
            if person and at >= since:
                found += _one(person.id, at, number, row.call_id)
    return found


def _placed_by(row: CallRecord, directory: Directory) -> int | None:
    """Who called: the first who talked; whoever has the call in lists, where nobody did."""
    first = row.agents.partition(",")[0]
    person = directory.of_extension(first) if first else None
    return person.id if person else row.user_id


def _handed_over(row: CallRecord, directory: Directory) -> list[tuple[str, str, datetime]]:
    """(extension, number, when) of each time it was handed over to a number."""
    if row.transfers == "[]":
        return []
    called = {step.what: step.at for step in steps_of(row.journey) if step.kind == "called"}
    moves = msgspec.json.decode(row.transfers, type=list[dict[str, str]])
    return [
        (each["from"], each["to"], called.get(each["to"], row.ended_at or row.started_at))
        for each in moves
        if each["to"].lstrip("+").isdigit() and not directory.of_extension(each["to"])
    ]


def _one(user_id: int | None, at: datetime, number: str, call_id: str) -> list[tuple[int, One]]:
    return [(user_id, One(at, international(number), call_id))] if user_id else []
