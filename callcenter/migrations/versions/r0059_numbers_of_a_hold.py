"""The numbers that a customer on hold had when the hold was set, and whether there was a file when
a recording was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_hold_numbers",
        sa.Column("number_key", sa.String(64), primary_key=True),
        sa.Column("hold_id", sa.Integer(), primary_key=True, autoincrement=False),
    )
    op.execute(
        "INSERT INTO recording_hold_numbers (number_key, hold_id)"
        " SELECT DISTINCT customer_phones.number_key, recording_holds.id FROM recording_holds"
        " JOIN customer_phones ON customer_phones.customer_id = recording_holds.customer_id"
        " WHERE recording_holds.lifted_at IS NULL AND customer_phones.number_key <> ''"
    )
    op.add_column(
        "recording_proofs",
        sa.Column("file", sa.String(16), nullable=False, server_default="read"),
    )


def downgrade() -> None:
    op.drop_column("recording_proofs", "file")
    op.drop_table("recording_hold_numbers")
