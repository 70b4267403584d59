"""Numbers of calls are compared as those of customers are, so that PostgreSQL's indexes lead from
one to the other: see r0004."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _collate("C")


def downgrade() -> None:
    _collate("default")


def _collate(collation: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f'ALTER TABLE calls ALTER COLUMN number_key TYPE varchar(64) COLLATE "{collation}"'
        )
