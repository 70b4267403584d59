"""Calls remember where their recording was paused."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("pauses", sa.Text, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("calls", "pauses")
