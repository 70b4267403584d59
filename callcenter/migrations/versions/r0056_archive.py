"""Recordings on legal hold, and what is left of deleted ones."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0047"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recording_holds",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("call_id", sa.String(64), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("lifted_at", TIME, nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
    )
    op.create_index("ix_recording_holds_call_id", "recording_holds", ["call_id"])
    op.create_index("ix_recording_holds_customer_id", "recording_holds", ["customer_id"])
    op.create_table(
        "recording_proofs",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("wanted_at", TIME, nullable=False),
        sa.Column("erased_at", TIME, nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
    )
    op.create_index(
        "ix_recording_proofs_wanted_at_call_id", "recording_proofs", ["wanted_at", "call_id"]
    )
    op.create_index("ix_recording_proofs_made_at", "recording_proofs", ["made_at"])


def downgrade() -> None:
    op.drop_table("recording_proofs")
    op.drop_table("recording_holds")
