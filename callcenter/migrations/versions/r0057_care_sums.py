"""Interactions summed by day and month; which of them changed after their day was over."""

import sqlalchemy as sa
from alembic import op

from callcenter.db import Utc

revision = "0057"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, when in ("care_days", "day"), ("care_months", "month"):
        keys = ("type_id", "department_id", "user_id")
        op.create_table(
            name,
            sa.Column(when, sa.Date, nullable=False),
            sa.Column("channel", sa.String(16), nullable=False),
            *(sa.Column(key, sa.Integer, nullable=False, autoincrement=False) for key in keys),
            sa.Column("interactions", sa.Integer, nullable=False),
            sa.Column("timed", sa.Integer, nullable=False),
            sa.Column("seconds", sa.Double, nullable=False),
            sa.Column("shortest", sa.Double, nullable=True),
            sa.Column("longest", sa.Double, nullable=True),
            sa.PrimaryKeyConstraint(when, "channel", *keys, name=f"pk_{name}"),
            sqlite_with_rowid=False,
        )
    # The service sums up what is there once it runs: where a day begins is not known here.
    summed = op.create_table(
        "care_summed",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("until", sa.Date, nullable=True),
    )
    op.bulk_insert(summed, [{"id": 1, "zone": "", "until": None}])
    op.create_table(
        "late_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", Utc, nullable=False),
        sa.Column("customer_id", sa.Integer, nullable=True),
    )


def downgrade() -> None:
    for name in ("late_changes", "care_summed", "care_months", "care_days"):
        op.drop_table(name)
