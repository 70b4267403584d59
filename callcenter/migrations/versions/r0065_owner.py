"""Whether a customer is somebody's, from an index of owners: each row was read for it when an agent
searched by digits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

NAME = "ix_customers_owner_id"
ASSIGNED = sa.text("deleted_at IS NULL AND owner_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        NAME, "customers", ["owner_id"], sqlite_where=ASSIGNED, postgresql_where=ASSIGNED
    )


def downgrade() -> None:
    op.drop_index(NAME, "customers")
