"""Activities are found without accents."""

import sqlalchemy as sa
from alembic import op

from callcenter.customers.search import key_of

revision = "0039"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.Column("search_key", sa.String(400), nullable=False, server_default="")
    op.add_column("activities", empty)
    connection = op.get_bind()
    rows = sa.table(
        "activities", sa.column("id", sa.Integer), sa.column("name"), sa.column("search_key")
    )
    found = connection.execute(sa.select(rows.c.id, rows.c.name)).all()
    if found:
        put = sa.update(rows).where(rows.c.id == sa.bindparam("row"))
        keys = [{"row": id, "key": key_of(name)} for id, name in found]
        connection.execute(put.values(search_key=sa.bindparam("key")), keys)


def downgrade() -> None:
    op.drop_column("activities", "search_key")
