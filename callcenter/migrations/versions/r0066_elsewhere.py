"""Customers of a lead's people in other departments are found by these, and those in a department
counted without their rows: a lead's words walked twice as many customers as they see. Whether a
customer is somebody's or a department's is found in an index, on PostgreSQL too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

OWNED = "ix_customers_owned_search_key"
PLACED = "ix_customers_placed_search_key"
OWNER, DEPARTMENT = "ix_customers_owner_id", "ix_customers_department_id"
PEOPLE = "ix_users_department_id"
HELD, STATUSES = "ix_customers_of_owner", "ix_customers_of_owner_status_id"


def upgrade() -> None:
    for name in (OWNED, PLACED, OWNER, STATUSES):
        op.drop_index(name, "customers")
    _lay(OWNED, "owner_id", "search_key", "id", "deleted_at")
    _lay(PLACED, "department_id", "search_key", "id", "deleted_at")
    _lay(OWNER, "owner_id", "id")
    _lay(DEPARTMENT, "department_id", "id")
    _lay(HELD, "owner_id", "department_id", "status_id", "deleted_at")
    op.create_index(PEOPLE, "users", ["department_id"])


def downgrade() -> None:
    op.drop_index(PEOPLE, "users")
    for name in (OWNED, PLACED, OWNER, DEPARTMENT, HELD):
        op.drop_index(name, "customers")
    _lay(OWNED, "owner_id", "search_key", "id", "department_id")
    _lay(PLACED, "department_id", "search_key", "id")
    _lay(OWNER, "owner_id")
    _lay(STATUSES, "owner_id", "status_id", "deleted_at")


def _lay(name: str, *columns: str) -> None:
    where = sa.text(f"deleted_at IS NULL AND {columns[0]} IS NOT NULL")
    op.create_index(name, "customers", list(columns), sqlite_where=where, postgresql_where=where)
