"""When somebody was last seen, since when an extension is theirs, which accounts are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ADDED = ("seen_at", "extension_since", "deleted_at")


def upgrade() -> None:
    for name in ADDED:
        op.add_column("users", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ADDED:  # SQLite drops a column in place: nothing points at these
        op.drop_column("users", name)
