"""Indexes for days that come back, and for what points at catalogues and places."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0005"
branch_labels = None
depends_on = None

DAYS = ("birthday", "founded_on")
POINTERS = ("source_id", "project_id", "place_id")


def upgrade() -> None:
    for name in (*DAYS, *POINTERS):
        there = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_customers_{name}", "customers", [name], sqlite_where=there, postgresql_where=there
        )


def downgrade() -> None:
    for name in (*DAYS, *POINTERS):
        op.drop_index(f"ix_customers_{name}", "customers")
