"""Kept questions to reports, for their owner or for those below as well."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0053_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_views",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("report", sa.String(64), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("span", sa.String(16), nullable=False),
        sa.Column("against", sa.String(16), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_report_views_user_id", "report_views", ["user_id"])
    op.create_index("ix_report_views_shared", "report_views", ["shared"])


def downgrade() -> None:
    op.drop_table("report_views")
