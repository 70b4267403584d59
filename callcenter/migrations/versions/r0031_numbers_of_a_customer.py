"""The numbers of a customer without their rows: whoever has rung an agent is one of theirs."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OLD, NEW = "ix_customer_phones_customer_id", "ix_customer_phones_customer_id_number_key"


def upgrade() -> None:
    op.create_index(NEW, "customer_phones", ["customer_id", "number_key"])
    op.drop_index(OLD, "customer_phones")


def downgrade() -> None:
    op.create_index(OLD, "customer_phones", ["customer_id"])
    op.drop_index(NEW, "customer_phones")
