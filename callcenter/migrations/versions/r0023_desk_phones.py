"""Which of an agent's phones rings: the page's, or one on the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("rings", sa.String(8), nullable=False, server_default="browser")
    )
    with op.batch_alter_table("users") as table:
        table.alter_column("rings", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.drop_column("rings")
