"""Agents' time summed by day, and rings in vain."""

import sqlalchemy as sa
from alembic import op

from callcenter.db import Utc

revision = "0053"
down_revision = "0038"
branch_labels = None
depends_on = None

LENGTHS = ("ready", "ringing", "talking", "on_hold", "wrap_up", "break", "unreachable")


def upgrade() -> None:
    op.create_table(
        "agent_days",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date, primary_key=True),
        *(sa.Column(each, sa.BigInteger, nullable=False) for each in LENGTHS),
        sa.Column("breaks", sa.Text, nullable=False, server_default="{}"),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("declined", sa.Integer, nullable=False),
    )
    op.create_table(
        "open_spells",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("cause", sa.String(100), nullable=False),
        sa.Column("since", Utc, nullable=False),
    )
    counted = op.create_table(
        "counted",
        sa.Column("what", sa.String(16), primary_key=True),
        sa.Column("row_id", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counted, [{"what": "states", "row_id": 0}, {"what": "rings", "row_id": 0}])
    op.create_table(
        "vain_rings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("declined", sa.Boolean, nullable=False),
    )
    op.create_index("ix_vain_rings_user_id_at", "vain_rings", ["user_id", "at"])
    op.create_index("ix_vain_rings_call_id", "vain_rings", ["call_id"])


def downgrade() -> None:
    for name in ("vain_rings", "counted", "open_spells", "agent_days"):
        op.drop_table(name)
