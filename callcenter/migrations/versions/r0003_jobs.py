"""Long work: the table of jobs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("title", "params", "result", "problem")),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        _text("counts"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        _time("created_at", null=False),
        _time("started_at"),
        _time("finished_at"),
        sqlite_autoincrement=True,
    )
    for columns in (["user_id", "id"], ["state", "id"]):
        op.create_index(op.f(f"ix_jobs_{'_'.join(columns)}"), "jobs", columns)


def downgrade() -> None:
    op.drop_table("jobs")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _time(name: str, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)
