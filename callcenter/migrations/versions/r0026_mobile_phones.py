"""The number outside at which an agent takes calls."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("mobile", sa.String(20), nullable=False, server_default=""))
    with op.batch_alter_table("users") as table:
        table.alter_column("mobile", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.drop_column("mobile")
