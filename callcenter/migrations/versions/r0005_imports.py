"""Imports of customers, and the rows that could not become any."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("headings_key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _text("sheet"),
        sa.Column("has_headings", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("mapping", "choices", "counts", "shared")),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "import_rows",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "import_id",
            sa.Integer(),
            sa.ForeignKey("imports.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        _text("texts"),
        _text("reasons"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    for table, columns in (
        ("imports", ["user_id", "id"]),
        ("imports", ["headings_key"]),
        ("import_rows", ["import_id", "number"]),
        ("import_rows", ["state", "import_id"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)


def downgrade() -> None:
    op.drop_table("import_rows")
    op.drop_table("imports")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
