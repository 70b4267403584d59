"""The first tables: people, settings, customers, calls, recordings, agents' states."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# An id that calls or recordings remember must never be given a second time, also after its row was
# deleted. PostgreSQL never does; SQLite does unless told.
ONCE: dict[str, Any] = {"sqlite_autoincrement": True}


def upgrade() -> None:
    _people()
    _settings()
    _customers()
    _calls()
    _recordings()
    _agents()


def downgrade() -> None:
    for table in (
        *(
            "agent_states",
            "listenings",
            "recordings",
            "call_days",
            "outcomes",
            "call_notes",
            "calls",
        ),
        *("customer_phones", "customers", "dids", "queues", "settings"),
        *("sign_in_attempts", "tokens", "sessions", "users", "departments"),
    ):
        op.drop_table(table)


def _people() -> None:
    _table(
        "departments",
        _id(),
        _text("name", 100),
        _number("parent_id", "departments.id", null=True),
        sa.UniqueConstraint("name"),
        **ONCE,
    )
    _table(
        "users",
        _id(),
        _text("username", 64),
        _text("name", 200),
        _text("password", 200),
        _text("role", 16),
        _number("department_id", "departments.id", null=True),
        _text("extension", 16, null=True),
        _text("language", 2),
        _text("theme", 8),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("extension"),
        sa.UniqueConstraint("username"),
        **ONCE,
    )
    _table(
        "sessions",
        _text("id", 64, key=True),
        _number("user_id", "users.id"),
        _text("csrf", 64),
        *(_time(name) for name in ("created_at", "seen_at", "expires_at")),
        _text("address", 64),
        _text("device", 300),
        indexes=[["user_id"]],
    )
    _table(
        "tokens",
        _text("id", 64, key=True),
        _number("user_id", "users.id"),
        _text("name", 100),
        _time("created_at"),
        _time("expires_at", null=True),
    )
    _table(
        "sign_in_attempts",
        _id(),
        _text("username", 64),
        _text("address", 64),
        _time("at"),
        indexes=[["at"], ["username"]],
    )


def _settings() -> None:
    _table("settings", _text("name", 64, key=True), _text("value"))
    _table(
        "queues",
        _text("name", 64, key=True),
        _text("title", 100),
        _number("department_id", "departments.id", null=True),
    )
    _table(
        "dids",
        _text("number", 64, key=True),
        sa.Column("queue", sa.String(64), sa.ForeignKey("queues.name"), nullable=False),
    )


def _customers() -> None:
    _table(
        "customers",
        _id(),
        _text("code", 32),
        _text("kind", 16),
        _text("name", 200),
        _text("search_key", 400),
        _text("company", 200),
        _text("email", 200),
        _text("address", 300),
        _text("note"),
        _number("owner_id", "users.id", null=True),
        _number("department_id", "departments.id", null=True),
        _time("created_at"),
        _time("updated_at"),
        sa.UniqueConstraint("code"),
        indexes=[["department_id", "name"], ["owner_id", "name"], ["search_key"]],
        **ONCE,
    )
    _table(
        "customer_phones",
        _id(),
        sa.Column(
            "customer_id",
            sa.Integer(),
            sa.ForeignKey("customers.id", ondelete="CASCADE"),
            nullable=False,
        ),
        _text("number_key", 64),
        _text("raw", 64),
        _text("reversed_digits", 64),
        _number("position"),
        indexes=[["customer_id"], ["number_key"], ["reversed_digits"]],
    )


def _calls() -> None:
    _table(
        "calls",
        _text("call_id", 64, key=True),
        _text("exchange", 32),
        _text("direction", 16),
        _text("state", 16),
        _text("number", 64, null=True),
        _text("number_key", 64, null=True),
        _text("caller_name", 300),
        _text("did", 64, null=True),
        _text("queue", 64, null=True),
        *(_number(name, null=True) for name in ("user_id", "department_id", "customer_id")),
        _text("agents"),
        _text("rung"),
        _time("started_at"),
        _time("answered_at", null=True),
        _time("ended_at", null=True),
        _text("result", 16, null=True),
        _number("cause", null=True),
        *(_seconds(name) for name in ("waited_s", "talked_s", "held_s")),
        _text("ended_by", 16, null=True),
        _text("transfers"),
        _text("digits", 64),
        indexes=[
            ["started_at", "call_id"],
            ["user_id", "started_at"],
            ["department_id", "started_at"],
            ["customer_id", "started_at"],
            ["number_key", "started_at"],
        ],
    )
    _notes_and_sums()


def _notes_and_sums() -> None:
    _table(
        "call_notes",
        _text("call_id", 64, key=True),
        _number("user_id"),
        _text("note"),
        _text("outcome", 32, null=True),
        _time("updated_at"),
    )
    _table(
        "outcomes",
        _text("code", 32, key=True),
        _text("name_vi", 100),
        _text("name_en", 100),
        _number("position"),
    )
    _table(
        "call_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("user_id", sa.Integer(), primary_key=True),
        sa.Column("department_id", sa.Integer(), primary_key=True),
        _text("queue", 64, key=True),
        _text("direction", 16, key=True),
        _text("result", 16, key=True),
        _number("calls"),
        *(_seconds(name) for name in ("waited_s", "talked_s", "held_s")),
    )


def _recordings() -> None:
    _table(
        "recordings",
        _text("call_id", 64, key=True),
        _text("state", 16),
        _text("problem"),
        _text("path", 300),
        _seconds("duration_s"),
        _number("size"),
        sa.Column("peaks", sa.LargeBinary(), nullable=True),
        _text("silent", 16),
        _time("created_at"),
    )
    _table(
        "listenings",
        _id(),
        _text("call_id", 64),
        _number("user_id"),
        _time("at"),
        indexes=[["call_id", "at"]],
    )


def _agents() -> None:
    _table(
        "agent_states",
        _id(),
        _number("user_id"),
        _time("at"),
        _text("state", 16),
        _text("reason", 100),
        _text("cause", 100),
        indexes=[["user_id", "at"]],
    )


def _table(name: str, *parts: Any, indexes: list[list[str]] | None = None, **options: Any) -> None:
    op.create_table(name, *parts, **options)
    for columns in indexes or []:
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name, columns)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def _text(
    name: str, longest: int | None = None, *, null: bool = False, key: bool = False
) -> sa.Column[str]:
    kind = sa.String(longest) if longest else sa.Text()
    return sa.Column(name, kind, primary_key=key, nullable=null)


def _number(name: str, points_to: str | None = None, *, null: bool = False) -> sa.Column[int]:
    foreign = [sa.ForeignKey(points_to)] if points_to else []
    return sa.Column(name, sa.Integer(), *foreign, nullable=null)


def _seconds(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=False)


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)
