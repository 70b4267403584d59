"""How the sound of a call was: kept as the phones measured it, told in words."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallQuality
from callcenter.errors import N_

MOST_PARTS = 50  # a page that is reloaded more often than that has told enough
MEANS = ("loss", "loss_out", "jitter_ms", "rtt_ms", "mos")

GRADES = (  # the least MOS of each; the words of the phone's bars
    (4.0, N_("Good"), "ok"),
    (3.6, N_("Fair"), "ok"),
    (3.1, N_("Poor"), "warn"),
    (0.0, N_("Bad"), "bad"),
)


def grade(mos: float) -> tuple[str, str]:
    """A message id and a kind: "ok", "warn", "bad"."""
    return next((words, kind) for least, words, kind in GRADES if mos >= least)


def together(parts: Collection[Mapping[str, float]]) -> dict[str, float]:
    """The figures of a whole call: means by how long each part was, and the worst second of all."""
    total = sum(each["seconds"] for each in parts)
    weights = [each["seconds"] / total if total else 1 / len(parts) for each in parts]
    means = {
        name: sum(each[name] * weight for each, weight in zip(parts, weights, strict=True))
        for name in MEANS
    }
    rounded = {name: round(value, 4) for name, value in means.items()}
    return rounded | {
        "seconds": round(total, 1),
        "mos_low": min(each["mos_low"] for each in parts),
        "deaf_s": round(sum(each["deaf_s"] for each in parts), 1),
    }


async def save_quality(
    session: AsyncSession, call_id: str, user_id: int, part: str, figures: Mapping[str, float]
) -> dict[str, float]:
    """Write or replace what one person's page has measured of a call; the caller has checked the
    rights. `part` is that page's: what others told before stays. The figures of all of them.
    """
    row = await session.get(CallQuality, (call_id, user_id), with_for_update=True)
    if row is None:
        row = CallQuality(call_id=call_id, user_id=user_id, parts="{}")
        session.add(row)
    parts: dict[str, Mapping[str, float]] = json.loads(row.parts)
    if part in parts or len(parts) < MOST_PARTS:
        parts[part] = figures
    row.parts = json.dumps(parts)
    row.measured_at = datetime.now(UTC)
    whole = together(parts.values())
    for name, value in whole.items():
        setattr(row, name, value)
    return whole


async def quality_of(session: AsyncSession, call_id: str) -> Sequence[CallQuality]:
    """Of each who talked, in the order they ended."""
    found = select(CallQuality).where(CallQuality.call_id == call_id)
    return (await session.scalars(found.order_by(CallQuality.measured_at))).all()
