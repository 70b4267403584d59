"""Whose file each customer's is, as numbers side by side: the service writes them once it runs."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations import noting

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "owner_parts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("whose", sa.LargeBinary, nullable=False),
        sa.Column("came", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "owner_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.Integer, nullable=False),
    )
    kept = op.create_table(
        "owners_kept",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("until", sa.Integer, nullable=False),
    )
    op.bulk_insert(kept, [{"id": 1, "until": 0}])
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # compressed they would be read in thrice the time
        for column in "whose", "came":
            op.execute(f"ALTER TABLE owner_parts ALTER {column} SET STORAGE EXTERNAL")
    noting.lay(connection)


def downgrade() -> None:
    noting.take_up(op.get_bind())
    for name in ("owners_kept", "owner_changes", "owner_parts"):
        op.drop_table(name)
