"""What was wrong in queues and with providers: since when, until when."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("silenced", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("queue", "kind", "began_at", name="pk_alarms"),
    )
    op.create_index("ix_alarms_ended_at", "alarms", ["ended_at"])


def downgrade() -> None:
    op.drop_table("alarms")
