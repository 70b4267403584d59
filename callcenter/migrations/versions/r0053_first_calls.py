"""First-call resolution, summed by day."""

import sqlalchemy as sa
from alembic import op

revision = "0053_2"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_call_days",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("resolved", sa.Integer, nullable=False),
    )
    counted = sa.table("counted", sa.column("what", sa.String), sa.column("row_id", sa.BigInteger))
    op.bulk_insert(counted, [{"what": "first calls", "row_id": 0}])


def downgrade() -> None:
    op.drop_table("first_call_days")
    op.execute("DELETE FROM counted WHERE what = 'first calls'")
