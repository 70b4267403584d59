"""How the sound of a call was is measured in parts: a page that is left begins another one."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call_quality", sa.Column("parts", sa.Text, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("call_quality", "parts")
