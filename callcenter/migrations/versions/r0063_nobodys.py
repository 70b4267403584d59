"""The customers of a department who have no owner, which are few among all who have none."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

INDEX = "ix_customers_unassigned_department_id"


def upgrade() -> None:
    there = sa.text("deleted_at IS NULL AND owner_id IS NULL")
    op.create_index(
        INDEX,
        "customers",
        ["department_id", "owner_id", "deleted_at", "id"],
        sqlite_where=there,
        postgresql_where=there,
    )


def downgrade() -> None:
    op.drop_index(INDEX, "customers")
