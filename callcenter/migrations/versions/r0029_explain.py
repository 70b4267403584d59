"""The journey of a call, and what its service did on the way."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("journey", sa.Text(), nullable=False, server_default="[]"))
    op.create_table(
        "call_hops",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
    )
    op.create_index("ix_call_hops_call_id", "call_hops", ["call_id"])
    op.create_index("ix_call_hops_kind_at", "call_hops", ["kind", "at"])
    op.create_index("ix_call_hops_user_id_at", "call_hops", ["user_id", "at"])


def downgrade() -> None:
    op.drop_table("call_hops")
    op.drop_column("calls", "journey")
