"""The list of activities, the newest first, reads as many as it shows."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_activities_at_id", "activities", ["at", "id"])


def downgrade() -> None:
    op.drop_index("ix_activities_at_id", "activities")
