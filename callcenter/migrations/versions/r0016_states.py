"""Reasons of breaks and their limits, states that wait for the end of a call, mended states."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REASONS = (  # code, Vietnamese, English, minutes, what the service wrote until now
    ("short", "Nghỉ ngắn", "Short break", 10, "Short break"),
    ("lunch", "Ăn trưa", "Lunch", 60, "Lunch"),
    ("meeting", "Họp nhóm", "Meeting", None, "Meeting"),
    ("training", "Đào tạo", "Training", None, "Training"),
    ("restroom", "Vệ sinh cá nhân", "Restroom", 10, ""),
)


def upgrade() -> None:
    reasons = op.create_table(
        "break_reasons",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("name_vi", sa.String(100), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("minutes", sa.Integer),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("offered", sa.Boolean, nullable=False),
    )
    op.bulk_insert(
        reasons,
        [
            {
                "code": code,
                "name_vi": name_vi,
                "name_en": name_en,
                "minutes": minutes,
                "position": position,
                "offered": True,
            }
            for position, (code, name_vi, name_en, minutes, _) in enumerate(REASONS, 1)
        ],
    )
    op.create_table(
        "state_lines",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_index("ix_state_lines_at", "state_lines", ["at"])
    op.add_column("departments", sa.Column("break_limit", sa.Integer))
    op.add_column(
        "agent_states", sa.Column("booked", sa.String(64), nullable=False, server_default="")
    )
    states = sa.table("agent_states", sa.column("reason", sa.String))
    for code, *_, written in REASONS:
        if written:
            op.execute(states.update().where(states.c.reason == written).values(reason=code))


def downgrade() -> None:
    op.drop_column("agent_states", "booked")
    op.drop_column("departments", "break_limit")
    op.drop_table("state_lines")
    op.drop_table("break_reasons")
