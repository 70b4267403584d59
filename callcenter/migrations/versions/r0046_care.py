"""How long an activity took; indexes for the reports about care: customers by owner and status, and
by when they came to their owner; calls talked in, by time and by customer.

Whoever has an owner has had them since some time: where it was not written down, since the file was
made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0049"
branch_labels = None
depends_on = None

ASSIGNED = "deleted_at IS NULL AND owner_id IS NOT NULL"
TALKED = "result = 'answered' AND customer_id IS NOT NULL AND direction <> 'internal'"
OF_TALKS = ("customer_id", "user_id", "department_id", "direction", "result", "talked_s")
INDEXES = {  # name: table, columns, which rows
    "ix_customers_of_owner_status_id": (
        "customers",
        ("owner_id", "status_id", "deleted_at"),
        ASSIGNED,
    ),
    "ix_customers_came": (
        "customers",
        ("assigned_at", "owner_id", "created_by", "deleted_at"),
        ASSIGNED,
    ),
    "ix_calls_talked_started_at": ("calls", ("started_at", *OF_TALKS), TALKED),
    "ix_calls_talked_customer_id": (
        "calls",
        ("customer_id", "started_at", "direction", "result"),
        TALKED,
    ),
}


def upgrade() -> None:
    op.add_column("activities", sa.Column("minutes", sa.Integer()))
    op.execute(
        "UPDATE customers SET assigned_at = created_at"
        " WHERE owner_id IS NOT NULL AND assigned_at IS NULL"
    )
    for name, (table, columns, rows) in INDEXES.items():
        where = sa.text(rows)
        op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table)
    op.drop_column("activities", "minutes")
