"""Which customers there was an interaction with, by day and month. The service makes them, and the
other sums of care anew with them, the next time it sums up: until then reports ask all rows."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, when in ("met_days", "day"), ("met_months", "month"):
        op.create_table(
            name,
            sa.Column(when, sa.Date, primary_key=True),
            sa.Column("customers", sa.LargeBinary, nullable=False),
        )
    op.add_column(
        "late_changes",
        sa.Column("is_moved", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("UPDATE care_summed SET until = NULL")


def downgrade() -> None:
    with op.batch_alter_table("late_changes") as table:
        table.drop_column("is_moved")
    for name in ("met_months", "met_days"):
        op.drop_table(name)
