"""Callbacks, marks on missed calls, and an index of the missed calls alone."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")
MISSED = sa.text("direction = 'inbound' AND result <> 'answered' AND number_key <> ''")


def _when() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("customer_id", sa.Integer(), sa.ForeignKey("customers.id", ondelete="CASCADE")),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("number_key", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), index=True),
        sa.Column("at", _when(), nullable=False),
        sa.Column("remind_at", _when(), nullable=False),
        sa.Column("purpose", sa.String(300), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("department_id", sa.Integer()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", _when(), nullable=False),
        sa.Column("closed_at", _when()),
        sa.Column("closed_by", sa.Integer()),
        sa.Column("closing_call_id", sa.String(64)),
    )
    op.create_index("ix_callbacks_at_id", "callbacks", ["at", "id"])
    op.create_index("ix_callbacks_customer_id_at", "callbacks", ["customer_id", "at"])
    for columns in ["number_key"], ["user_id", "at"]:
        op.create_index(
            f"ix_callbacks_open_{columns[0]}",
            "callbacks",
            columns,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )
    op.create_table(
        "callback_changes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "callback_id",
            sa.Integer(),
            sa.ForeignKey("callbacks.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", _when(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
    )
    op.create_table(
        "missed_marks",
        sa.Column("number_key", sa.String(64), primary_key=True),
        sa.Column("claimed_by", sa.Integer()),
        sa.Column("claimed_at", _when()),
        sa.Column("dismissed_by", sa.Integer()),
        sa.Column("dismissed_at", _when()),
        sa.Column("reason", sa.String(300), nullable=False),
    )
    op.create_index(
        "ix_calls_missed_started_at",
        "calls",
        ["started_at", "number_key"],
        sqlite_where=MISSED,
        postgresql_where=MISSED,
    )


def downgrade() -> None:
    op.drop_index("ix_calls_missed_started_at", "calls")
    for table in "missed_marks", "callback_changes", "callbacks":
        op.drop_table(table)
