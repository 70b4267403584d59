"""Indexes for days that come back, and for what points at catalogues and places."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

DAYS = ("birthday", "founded_on")
POINTERS = ("source_id", "project_id", "place_id")


def upgrade() -> None:
    for name in DAYS:
        _index(name, f"{name} IS NOT NULL AND deleted_at IS NULL")
    for name in POINTERS:
        _index(name, f"{name} IS NOT NULL")


def downgrade() -> None:
    for name in (*DAYS, *POINTERS):
        op.drop_index(f"ix_customers_{name}", "customers")


def _index(name: str, where: str) -> None:
    there = sa.text(where)
    op.create_index(
        f"ix_customers_{name}", "customers", [name], sqlite_where=there, postgresql_where=there
    )
