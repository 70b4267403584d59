"""An index for calls of one outcome."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_call_notes_outcome", "call_notes", ["outcome"])


def downgrade() -> None:
    op.drop_index("ix_call_notes_outcome", "call_notes")
