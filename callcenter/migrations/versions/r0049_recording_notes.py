"""Notes at a second of a recording; how much of one was heard, and who took it away."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_recording_notes_call_id_at_s", "recording_notes", ["call_id", "at_s"])
    with op.batch_alter_table("listenings") as table:
        table.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="heard"))
        table.add_column(sa.Column("heard_s", sa.Double(), nullable=False, server_default="0"))
    op.create_index("ix_listenings_at_id", "listenings", ["at", "id"])


def downgrade() -> None:
    op.drop_index("ix_listenings_at_id", "listenings")
    with op.batch_alter_table("listenings") as table:
        table.drop_column("heard_s")
        table.drop_column("kind")
    op.drop_table("recording_notes")
