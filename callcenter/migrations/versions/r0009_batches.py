"""What was done with many customers at once, to be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_batches",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("asked", "allowed", "done")),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "customer_batch_rows",
        sa.Column(
            "batch_id",
            sa.Integer(),
            sa.ForeignKey("customer_batches.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("department_id", sa.Integer()),
        sa.Column("assigned_at", sa.DateTime(timezone=True)),
        sa.Column("to_owner_id", sa.Integer()),
        sa.Column("to_department_id", sa.Integer()),
    )


def downgrade() -> None:
    op.drop_table("customer_batch_rows")
    op.drop_table("customer_batches")
