"""How the sound of a call was: kept as the phones measured it, told in words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallQuality
from callcenter.errors import N_

GRADES = (  # the least MOS of each; the words of the phone's bars
    (4.0, N_("Good"), "ok"),
    (3.6, N_("Fair"), "ok"),
    (3.1, N_("Poor"), "warn"),
    (0.0, N_("Bad"), "bad"),
)


def grade(mos: float) -> tuple[str, str]:
    """A message id and a kind: "ok", "warn", "bad"."""
    return next((words, kind) for least, words, kind in GRADES if mos >= least)


async def save_quality(
    session: AsyncSession, call_id: str, user_id: int, figures: Mapping[str, float]
) -> None:
    """Write or replace one person's figures of a call; the caller has checked the rights."""
    row = await session.get(CallQuality, (call_id, user_id))
    if row is None:
        row = CallQuality(call_id=call_id, user_id=user_id)
        session.add(row)
    row.measured_at = datetime.now(UTC)
    for name, value in figures.items():
        setattr(row, name, value)


async def quality_of(session: AsyncSession, call_id: str) -> Sequence[CallQuality]:
    """Of each who talked, in the order they ended."""
    found = select(CallQuality).where(CallQuality.call_id == call_id)
    return (await session.scalars(found.order_by(CallQuality.measured_at))).all()
