"""The rows of recordings: their state, and what they are about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer
from callcenter.errors import N_, Missing
from callcenter.people.models import User
from callcenter.people.rights import Scope
from callcenter.recordings.models import Mask, Recording


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a call for its recording's tags; "" and None where nothing is."""

    number: str = ""
    agent: str = ""
    customer: str = ""
    started_at: datetime | None = None


async def audible(session: AsyncSession, scope: Scope, call_id: str) -> Recording:
    """The recording of a call that `scope` may see, in any state; raises Missing otherwise."""
    found: Recording | None = await session.scalar(
        scope.one_call(
            select(Recording)
            .join(CallRecord, CallRecord.call_id == Recording.call_id)
            .where(Recording.call_id == call_id)
        )
    )
    if found is None:
        raise Missing(N_("There is no such recording."))
    return found


async def about(session: AsyncSession, call_id: str) -> About | None:
    """What a call's row says; None while it has none."""
    row = (
        await session.execute(
            select(CallRecord.number, User.name, Customer.name, CallRecord.started_at)
            .join(User, User.id == CallRecord.user_id, isouter=True)
            .join(Customer, Customer.id == CallRecord.customer_id, isouter=True)
            .where(CallRecord.call_id == call_id)
        )
    ).one_or_none()
    return About(row[0] or "", row[1] or "", row[2] or "", row[3]) if row else None


async def put(session: AsyncSession, call_id: str, **values: Any) -> Recording:
    """The row of that call with these values, made if there is none. The caller commits.

    What is to be masked is not "ready" before it is, whoever says so: it stays withdrawn.
    """
    row = await session.get(Recording, call_id, with_for_update=True)
    if row is None:
        row = Recording(call_id=call_id, state="waiting", created_at=datetime.now(UTC))
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    if row.state == "ready" and any(mask.done_at is None for mask in await masks(session, call_id)):
        row.state = "waiting"
    return row


async def unfinished(session: AsyncSession) -> Sequence[str]:
    """The calls whose recording was still waited for, or is to be masked."""
    masked = select(Mask.call_id).where(Mask.done_at.is_(None))
    return (
        await session.scalars(
            select(Recording.call_id)
            .where(is_open(), or_(Recording.state == "waiting", Recording.call_id.in_(masked)))
            .order_by(Recording.created_at)
        )
    ).all()


def is_open() -> ColumnElement[bool]:
    """A recording that is not ready, said as its index says it."""
    return Recording.state != literal_column("'ready'")


async def failed(session: AsyncSession, call_ids: Sequence[str]) -> set[str]:
    """Which of these calls have a recording that could not be kept, last time."""
    found: set[str] = set()
    for part in _parts(call_ids):
        found |= set(
            await session.scalars(
                select(Recording.call_id).where(
                    Recording.call_id.in_(part), Recording.state == "failed"
                )
            )
        )
    return found


async def masks(session: AsyncSession, call_id: str) -> Sequence[Mask]:
    """Of a recording, in the order in which they were wanted."""
    return (
        await session.scalars(select(Mask).where(Mask.call_id == call_id).order_by(Mask.id))
    ).all()


async def masked(session: AsyncSession, mask_ids: Sequence[int], now: datetime) -> None:
    """The file is without these stretches. The caller commits."""
    await session.execute(update(Mask).where(Mask.id.in_(mask_ids)).values(done_at=now))


async def pauses(session: AsyncSession, call_id: str) -> str:
    """When the recording of that call was paused, as JSON: [[from, to]], in its seconds."""
    return (
        await session.scalar(select(CallRecord.pauses).where(CallRecord.call_id == call_id))
    ) or "[]"


def _parts(call_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """A statement has a limit of parameters."""
    return (call_ids[start : start + 500] for start in range(0, len(call_ids), 500))


async def was_answered(session: AsyncSession, call_id: str) -> bool:
    """Whether anybody talked; also of a call without a row, because nobody knows."""
    record = await session.get(CallRecord, call_id)
    return record is None or record.answered_at is not None


async def over_and_lasting(
    session: AsyncSession, call_ids: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Which of these calls have ended, and which go on, as far as their rows say; a call without
    a row is neither, because its row may be on its way."""
    over: set[str] = set()
    lasting: set[str] = set()
    for part in _parts(call_ids):
        rows = await session.execute(
            select(CallRecord.call_id, CallRecord.ended_at).where(CallRecord.call_id.in_(part))
        )
        for call_id, ended_at in rows:
            (over if ended_at else lasting).add(call_id)
    return over, lasting
