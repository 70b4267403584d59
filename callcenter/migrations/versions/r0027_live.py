"""Wallboards, messages of team leads, thresholds of queues' alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

UNREAD = sa.text("read_at IS NULL")


def _when() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "wallboards",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column(
            "department_id", sa.Integer(), sa.ForeignKey("departments.id", ondelete="CASCADE")
        ),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("theme", sa.String(8), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", _when(), nullable=False),
        sa.Column("revoked_at", _when()),
        sa.Column("revoked_by", sa.Integer()),
    )
    op.create_table(
        "team_messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", _when(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False, index=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("to_all", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "team_message_readers",
        sa.Column(
            "message_id",
            sa.Integer(),
            sa.ForeignKey("team_messages.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("user_id", sa.Integer(), primary_key=True),
        sa.Column("read_at", _when()),
    )
    op.create_index(
        "ix_team_message_readers_unread",
        "team_message_readers",
        ["user_id"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )
    op.create_table(
        "queue_alerts",
        sa.Column(
            "queue",
            sa.String(64),
            sa.ForeignKey("queues.name", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("wait_s", sa.Integer()),
        sa.Column("nobody_s", sa.Integer()),
        sa.Column("abandoned_percent", sa.Integer()),
    )


def downgrade() -> None:
    for table in "queue_alerts", "team_message_readers", "team_messages", "wallboards":
        op.drop_table(table)
