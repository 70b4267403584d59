"""After the call: sub-outcomes, queues that offer them, time by queue, what is unfinished."""

import sqlalchemy as sa
from alembic import op

from callcenter.db import Utc

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queues", sa.Column("wrap_up_s", sa.Integer))
    op.add_column("outcomes", sa.Column("parent_code", sa.String(32)))
    op.add_column(
        "outcomes", sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true())
    )
    op.add_column(
        "call_notes", sa.Column("version", sa.Integer, nullable=False, server_default="1")
    )
    op.add_column("call_notes", sa.Column("finished_at", Utc))
    op.create_table(
        "outcome_queues",
        sa.Column("code", sa.String(32), sa.ForeignKey("outcomes.code"), primary_key=True),
        sa.Column("queue", sa.String(64), primary_key=True),
    )
    op.create_table(
        "unfinished_calls",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False, index=True),
        sa.Column("department_id", sa.Integer, index=True),
        sa.Column("ended_at", Utc, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("unfinished_calls")
    op.drop_table("outcome_queues")
    for table, *columns in (
        ("call_notes", "finished_at", "version"),
        ("outcomes", "active", "parent_code"),
        ("queues", "wrap_up_s"),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
