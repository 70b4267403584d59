"""What a letter was made of, and whose colleague's each copy is: its schedule may be changed while
it waits. Of letters so far it is taken from their schedules."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0058"
branch_labels = None
depends_on = None

LENGTHS = {"report": 64, "view_name": 100, "format": 8, "language": 2}
OLD = {"report": "v.report", "view_name": "v.name", "format": "m.format", "language": "m.language"}


def upgrade() -> None:
    for name, length in LENGTHS.items():
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("report_letters", column)
        op.execute(
            f"UPDATE report_letters SET {name} = coalesce((SELECT {OLD[name]} FROM report_mails m"
            " LEFT JOIN report_views v ON v.id = m.view_id WHERE m.id = mail_id), '')"
        )
    op.add_column("report_copies", sa.Column("user_id", sa.Integer()))


def downgrade() -> None:
    with op.batch_alter_table("report_copies") as table:
        table.drop_column("user_id")
    with op.batch_alter_table("report_letters") as table:
        for name in LENGTHS:
            table.drop_column(name)
