"""The registered address without accents, to look customers up by."""

import sqlalchemy as sa
from alembic import op

from callcenter.customers.search import key_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AT_ONCE = 1000  # rows read, and written, together


def upgrade() -> None:
    op.add_column(
        "customers", sa.Column("registered_key", sa.String(400), nullable=False, server_default="")
    )
    customers = sa.table(
        "customers",
        sa.column("id", sa.Integer),
        sa.column("registered_address", sa.String),
        sa.column("registered_key", sa.String),
    )
    connection, last = op.get_bind(), 0
    having = sa.select(customers.c.id, customers.c.registered_address).where(
        customers.c.registered_address != ""
    )
    change = (
        sa.update(customers)
        .where(customers.c.id == sa.bindparam("of"))
        .values(registered_key=sa.bindparam("key"))
    )
    while rows := connection.execute(
        having.where(customers.c.id > last).order_by(customers.c.id).limit(AT_ONCE)
    ).all():
        connection.execute(change, [{"of": id, "key": key_of(address)} for id, address in rows])
        last = rows[-1][0]


def downgrade() -> None:
    with op.batch_alter_table("customers", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_column("registered_key")
