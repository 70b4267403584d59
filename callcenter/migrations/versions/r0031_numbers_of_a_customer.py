"""Whom somebody may see, from indexes alone: by whose number has rung, by owner and department."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OLD, NEW = "ix_customer_phones_customer_id", "ix_customer_phones_customer_id_number_key"
OWNED = ["owner_id", "search_key", "id"]


def upgrade() -> None:
    op.create_index(NEW, "customer_phones", ["customer_id", "number_key"])
    op.drop_index(OLD, "customer_phones")
    _index_owned([*OWNED, "department_id"])


def downgrade() -> None:
    _index_owned(OWNED)
    op.create_index(OLD, "customer_phones", ["customer_id"])
    op.drop_index(NEW, "customer_phones")


def _index_owned(columns: list[str]) -> None:
    name, there = "ix_customers_owned_search_key", sa.text("deleted_at IS NULL")
    op.drop_index(name, "customers")
    op.create_index(name, "customers", columns, sqlite_where=there, postgresql_where=there)
