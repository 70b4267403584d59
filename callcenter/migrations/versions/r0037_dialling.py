"""Numbers that do not want to be called."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "do_not_call",
        sa.Column("number_key", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(16), primary_key=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
    )
    own = sa.text("source = 'own'")
    op.create_index(
        "ix_do_not_call_own",
        "do_not_call",
        ["added_at", "number_key"],
        sqlite_where=own,
        postgresql_where=own,
    )
    op.create_table(
        "do_not_call_changes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("number_key", sa.String(64), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=True),
    )
    op.create_index(
        "ix_do_not_call_changes_number_key_at", "do_not_call_changes", ["number_key", "at"]
    )
    op.create_index("ix_do_not_call_changes_at_id", "do_not_call_changes", ["at", "id"])


def downgrade() -> None:
    op.drop_table("do_not_call_changes")
    op.drop_table("do_not_call")
