"""Files in nobody's hand have no place among those of owners and departments: an import of them
writes three indexes less, two of which took its rows all over them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_customers_owned_search_key": ("owner_id", "search_key", "id", "department_id"),
    "ix_customers_owned_created_at": ("owner_id", "created_at", "id"),
    "ix_customers_placed_search_key": ("department_id", "search_key", "id"),
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        _lay(name, columns, f"deleted_at IS NULL AND {columns[0]} IS NOT NULL")


def downgrade() -> None:
    for name, columns in INDEXES.items():
        _lay(name, columns, "deleted_at IS NULL")


def _lay(name: str, columns: tuple[str, ...], where: str) -> None:
    op.drop_index(name, "customers")
    there = sa.text(where)
    op.create_index(name, "customers", list(columns), sqlite_where=there, postgresql_where=there)
