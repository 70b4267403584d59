"""Recordings are known by their sum; where they have gaps, what is masked, what does not agree."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0053"
branch_labels = None
depends_on = None

NEW = (
    sa.Column("gaps", sa.Text(), nullable=False, server_default="[]"),
    sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
    sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
)

NOT_READY = sa.text("state <> 'ready'")


def upgrade() -> None:
    with op.batch_alter_table("recordings") as table:
        for column in NEW:
            table.add_column(column)
    op.create_index("ix_recordings_created_at", "recordings", ["created_at"])
    op.create_index(
        "ix_recordings_not_ready",
        "recordings",
        ["state"],
        sqlite_where=NOT_READY,
        postgresql_where=NOT_READY,
    )
    op.create_table(
        "recording_masks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("from_s", sa.Double(), nullable=False),
        sa.Column("to_s", sa.Double(), nullable=False),
        sa.Column("sound", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_recording_masks_call_id", "recording_masks", ["call_id"])
    op.create_table(
        "recording_findings",
        sa.Column("key", sa.String(400), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_recording_findings_call_id", "recording_findings", ["call_id"])


def downgrade() -> None:
    op.drop_table("recording_findings")
    op.drop_table("recording_masks")
    op.drop_index("ix_recordings_not_ready", "recordings")
    op.drop_index("ix_recordings_created_at", "recordings")
    with op.batch_alter_table("recordings") as table:
        for column in NEW:
            table.drop_column(column.name)
