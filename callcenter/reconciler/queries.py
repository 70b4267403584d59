"""The rows that are compared, and what was found."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.calls.models import CallRecord
from callcenter.reconciler.judging import OTHER_SUM, Kind, Known
from callcenter.recordings.models import Finding, Proof, Recording
from callcenter.recordings.queries import is_open

AT_ONCE = 500  # rows of one statement


async def newest(session: AsyncSession, since: datetime) -> list[Known]:
    """Recordings made since then, and all that could not be kept or are still waited for."""
    recent = _known().where(Recording.created_at >= since)
    open_ones = _known().where(is_open())
    return [*await _all(session, recent), *await _all(session, open_ones)]


async def after(session: AsyncSession, call_id: str) -> list[Known]:
    """The next of all recordings, in the order of their ids."""
    statement = _known().where(Recording.call_id > call_id)
    return await _all(session, statement.order_by(Recording.call_id).limit(AT_ONCE))


async def of_calls(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, Known]:
    """The recordings of these calls."""
    wanted, found = list(call_ids), dict[str, Known]()
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        rows = await _all(session, _known().where(Recording.call_id.in_(part)))
        found |= {each.call_id: each for each in rows}
    return found


async def are_calls(session: AsyncSession, call_ids: Iterable[str]) -> set[str]:
    """Which of these are calls that have ended."""
    wanted, found = list(call_ids), set[str]()
    for start in range(0, len(wanted), AT_ONCE):
        found |= set(
            await session.scalars(
                select(CallRecord.call_id).where(
                    CallRecord.call_id.in_(wanted[start : start + AT_ONCE]),
                    CallRecord.ended_at.is_not(None),
                )
            )
        )
    return found


async def is_kept(session: AsyncSession, key: str) -> bool:
    """Whether what is found under that key is a call's recording."""
    place, _, path = key.partition("/")
    taken = select(Recording.call_id).where(Recording.path == path).limit(1)
    return place == "kept" and await session.scalar(taken) is not None


async def summed(session: AsyncSession, sums: Mapping[str, str], now: datetime) -> None:
    """These calls' files have these sums now, as they should. The caller commits.

    A recording that was kept anew meanwhile has another: that one is right.
    """
    for call_id, sha256 in sums.items():
        await session.execute(
            update(Recording)
            .where(Recording.call_id == call_id, Recording.sha256.in_(("", sha256)))
            .values(checked_at=now, sha256=sha256)
        )


async def write_down(
    session: AsyncSession, looked_at: Iterable[str], found: Mapping[str, Finding]
) -> None:
    """Of the keys that were looked at, `found` are what there is now. What was found before keeps
    its time, and what somebody has accepted stays accepted while its reason does."""
    keys = list(dict.fromkeys((*looked_at, *found)))
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        rows = await session.scalars(select(Finding).where(Finding.key.in_(part)))
        old = {row.key: row for row in rows}
        gone = [key for key in old if key not in found]
        await session.execute(delete(Finding).where(Finding.key.in_(gone)))
        for key in part:
            if key in found and (key not in old or old[key].reason != found[key].reason):
                await session.merge(found[key])


async def keys(session: AsyncSession, below: str = "") -> list[str]:
    """Of all that was found and may be well by now; `below`: what their keys begin with."""
    statement = select(Finding.key).where(Finding.key.startswith(below, autoescape=True))
    return list(await session.scalars(statement))


async def changed(session: AsyncSession) -> set[str]:
    """The calls whose files were found to have another sum: only reading them again clears that."""
    rows = await session.scalars(select(Finding.call_id).where(Finding.reason == OTHER_SUM))
    return set(rows)


async def counts(session: AsyncSession) -> dict[Kind, int]:
    """How many of each list nobody has accepted."""
    rows = await session.execute(
        select(Finding.kind, func.count())
        .where(Finding.accepted_at.is_(None))
        .group_by(Finding.kind)
    )
    return dict.fromkeys(Kind, 0) | {Kind(kind): count for kind, count in rows}


async def proven(session: AsyncSession) -> int:
    """How many recordings are not there because they were deleted, with proof; counted up to
    keyset.MOST + 1."""
    return await keyset.count(session, select(Proof.call_id))


async def listed(session: AsyncSession, kind: Kind, limit: int) -> Sequence[Finding]:
    """The newest of a list, those that nobody has accepted."""
    statement = select(Finding).where(Finding.kind == kind, Finding.accepted_at.is_(None))
    return (
        await session.scalars(statement.order_by(Finding.found_at.desc(), Finding.key).limit(limit))
    ).all()


async def calls_of(
    session: AsyncSession, findings: Iterable[Finding]
) -> dict[str, tuple[datetime, str | None]]:
    """When each call that is named began, and with which number (None: withheld)."""
    ids = {each.call_id for each in findings if each.call_id}
    columns = CallRecord.call_id, CallRecord.started_at, CallRecord.number
    rows = await session.execute(select(*columns).where(CallRecord.call_id.in_(ids)))
    return {call_id: (started_at, number) for call_id, started_at, number in rows}


def _known() -> Select[Any]:
    return select(
        *(getattr(Recording, name) for name in _OF_RECORDING),
        CallRecord.talked_s,
        CallRecord.answered_at,
        CallRecord.ended_at,
    ).join(CallRecord, CallRecord.call_id == Recording.call_id, isouter=True)


_OF_RECORDING = (
    *("call_id", "state", "kind", "problem", "path", "size", "sha256"),
    *("duration_s", "created_at", "checked_at"),
)


async def _all(session: AsyncSession, statement: Select[Any]) -> list[Known]:
    return [Known(**row._mapping) for row in await session.execute(statement)]
