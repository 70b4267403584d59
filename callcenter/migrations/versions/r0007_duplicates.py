"""What the duplicate check compares: addresses without accents; indexes for what may be ticked."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from callcenter.customers.search import key_of

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None

ONCE: dict[str, Any] = {"sqlite_autoincrement": True}  # see r0001
INDEXED = ("address_key", "email", "tax_code")
AT_ONCE = 1000  # rows read, and written, together


def upgrade() -> None:
    with op.batch_alter_table("customers", table_kwargs=ONCE) as table:
        table.add_column(
            sa.Column("address_key", sa.String(400), nullable=False, server_default="")
        )
        for name in INDEXED:
            table.create_index(f"ix_customers_{name}", [name])
    op.execute("UPDATE customers SET email = lower(email) WHERE email <> ''")
    _fill()


def downgrade() -> None:
    with op.batch_alter_table("customers", table_kwargs=ONCE) as table:
        for name in INDEXED:
            table.drop_index(f"ix_customers_{name}")
        table.drop_column("address_key")


def _fill() -> None:
    customers = sa.table(
        "customers",
        sa.column("id", sa.Integer),
        sa.column("address", sa.String),
        sa.column("address_key", sa.String),
    )
    connection, last = op.get_bind(), 0
    having = sa.select(customers.c.id, customers.c.address).where(customers.c.address != "")
    change = (
        sa.update(customers)
        .where(customers.c.id == sa.bindparam("of"))
        .values(address_key=sa.bindparam("key"))
    )
    while rows := connection.execute(
        having.where(customers.c.id > last).order_by(customers.c.id).limit(AT_ONCE)
    ).all():
        connection.execute(change, [{"of": id, "key": key_of(address)} for id, address in rows])
        last = rows[-1][0]
