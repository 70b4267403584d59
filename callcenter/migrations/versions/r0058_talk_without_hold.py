"""Time on hold in which both stayed connected was counted as talk as well: where a call's journey
is known it is taken out. The next comparison of the sums makes these anew."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

AT_ONCE = 1_000  # rows in memory
CALLS = sa.table(
    "calls",
    *(sa.column(name, sa.String) for name in ("call_id", "journey")),
    *(sa.column(name, sa.Double) for name in ("talked_s", "held_s")),
    sa.column("ended_at", sa.DateTime),
)


def upgrade() -> None:
    connection = op.get_bind()
    columns = CALLS.c
    held = sa.select(columns.call_id, columns.talked_s, columns.journey).where(
        columns.held_s > 0, columns.talked_s > 0, columns.ended_at.is_not(None)
    )
    some = held.order_by(columns.call_id).limit(AT_ONCE)
    right = (
        sa.update(CALLS)
        .where(columns.call_id == sa.bindparam("id"))
        .values(talked_s=sa.bindparam("spoken"))
    )
    last, any_changed = "", False
    while rows := connection.execute(some.where(columns.call_id > last)).all():
        changed = [
            {"id": call_id, "spoken": spoken}
            for call_id, talked_s, journey in rows
            if (spoken := without_holds(talked_s, json.loads(journey))) < talked_s
        ]
        if changed:
            connection.execute(right, changed)
        last, any_changed = rows[-1].call_id, any_changed or bool(changed)
    if any_changed:
        op.execute("DELETE FROM settings WHERE name = 'sums'")


def without_holds(talked_s: float, journey: list[Any]) -> float:
    """Seconds of talk, less the holds that lie within the talks of the journey: [kind, at, length,
    who, …], in milliseconds. What does not have them in it stays as it is."""
    talked = [
        (who, at, at + length)
        for kind, at, length, who, *_ in journey
        if kind == "talked" and length
    ]
    talks = [(start, end) for _, start, end in talked]
    holds = [
        piece
        for kind, at, length, *_ in journey
        if kind == "held" and length
        for piece in _alone(at, at + length, talked)
    ]
    both = _length(talks) + _length(holds) - _length([*talks, *holds])
    if talked_s * 1000 <= _length(talks) - both / 2:
        return talked_s
    return max(0.0, round(talked_s - both / 1000, 6))


def _alone(start: int, end: int, talked: list[tuple[str, int, int]]) -> list[tuple[int, int]]:
    """What of a hold no other agent talked through, than the one who was in talk as it began."""
    holding = {who for who, since, until in talked if since <= start <= until}
    others = [
        (max(start, since), min(end, until))
        for who, since, until in talked
        if holding - {who} and since < end and until > start
    ]
    left, at = [], start
    for since, until in sorted(others):
        if at < since:
            left.append((at, since))
        at = max(at, until)
    return [*left, (at, end)] if at < end else left


def _length(times: list[tuple[int, int]]) -> int:
    """Of all of them together."""
    total, until = 0, 0
    for start, end in sorted(times):
        total += max(0, end - max(start, until))
        until = max(until, end)
    return total


def downgrade() -> None:
    """What was talk and hold at once is not known any more: it stays."""
