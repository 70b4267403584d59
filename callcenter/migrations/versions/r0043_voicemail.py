"""Recordings of two kinds: of calls, and what callers left whom nobody answered."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(16), nullable=False, server_default="call")
    with op.batch_alter_table("recordings") as table:
        table.add_column(kind)


def downgrade() -> None:
    with op.batch_alter_table("recordings") as table:
        table.drop_column("kind")
