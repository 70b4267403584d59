"""A customer's status is what it is since some time, always, so that lists sorted by it are quick.

Who never had one has had none since they were made.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ONCE: dict[str, Any] = {"sqlite_autoincrement": True}  # see r0001
INDEX = "ix_customers_listed_status_at"
THERE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    op.execute("UPDATE customers SET status_at = created_at WHERE status_at IS NULL")
    _alter(nullable=False)
    op.create_index(
        INDEX, "customers", ["status_at", "id"], sqlite_where=THERE, postgresql_where=THERE
    )


def downgrade() -> None:
    op.drop_index(INDEX, "customers")
    _alter(nullable=True)


def _alter(*, nullable: bool) -> None:
    with op.batch_alter_table("customers", table_kwargs=ONCE) as table:
        table.alter_column(
            "status_at",
            existing_type=sa.DateTime(timezone=True),
            nullable=nullable,
            server_default=None if nullable else sa.func.now(),
        )
