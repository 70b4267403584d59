"""Sums by number, hour and month beside those by day, with all that reports of service need."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0046"
branch_labels = None
depends_on = None

KINDS: dict[str, type[sa.Date] | type[sa.Integer] | sa.String] = {
    "day": sa.Date,
    "month": sa.Date,
    "weekday": sa.Integer,
    "hour": sa.Integer,
    "user_id": sa.Integer,
    "department_id": sa.Integer,
    "queue": sa.String(64),
    "direction": sa.String(16),
    "result": sa.String(16),
    "did": sa.String(64),
}
TABLES = {
    "call_days": ("day", "user_id", "department_id", "queue", "direction", "result", "did"),
    "queue_hours": ("day", "hour", "direction", "department_id", "queue"),
    "queue_days": ("day", "result", "direction", "department_id", "queue"),
    "call_months": ("user_id", "month", "department_id", "queue", "direction", "result"),
    "number_months": ("month", "department_id", "queue", "direction", "result", "did"),
    "queue_weeks": ("weekday", "hour", "month", "direction", "department_id", "queue"),
}
COUNTS = (
    *("calls", "answered", "offered", "offered_answered", "answered_in_time", "abandoned"),
    "abandoned_short",
)
SECONDS = (
    *("waited_s", "waited_answered_s", "waited_abandoned_s", "talked_s", "held_s", "wrapped_s"),
    "longest_wait_s",
)
KEPT = "day, user_id, department_id, queue, direction, result, calls, waited_s, talked_s, held_s"


def upgrade() -> None:
    op.add_column("calls", sa.Column("within_s", sa.Integer, nullable=True))
    op.add_column(
        "calls", sa.Column("wrapped_s", sa.Double, nullable=False, server_default=sa.text("0"))
    )
    # What it was in those days nobody has written down: the queues' of now is the nearest there is.
    op.execute(
        "UPDATE calls SET within_s = coalesce("
        "(SELECT q.service_level_s FROM queues q WHERE q.name = calls.queue), "
        "(SELECT CAST(s.value AS INTEGER) FROM settings s WHERE s.name = 'live_service_level_s'), "
        "20) WHERE direction = 'inbound' AND queue <> ''"
    )
    # The days' sums stay as far as they go. The service fills in the rest when it starts: where a
    # day begins is not known here (callcenter.sums.check).
    op.execute("CREATE TABLE call_days_before AS SELECT * FROM call_days")
    op.drop_table("call_days")
    for name, keys in TABLES.items():
        _create(name, keys)
    op.execute(f"INSERT INTO call_days ({KEPT}, did) SELECT {KEPT}, '' FROM call_days_before")
    op.drop_table("call_days_before")
    op.create_index("ix_call_days_user_id_day", "call_days", ["user_id", "day"])


def _create(name: str, keys: tuple[str, ...]) -> None:
    zero = sa.text("0")
    op.create_table(
        name,
        *(sa.Column(key, KINDS[key], nullable=False, autoincrement=False) for key in keys),
        *(sa.Column(each, sa.Integer, nullable=False, server_default=zero) for each in COUNTS),
        *(sa.Column(each, sa.Double, nullable=False, server_default=zero) for each in SECONDS),
        sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    keys = TABLES["call_days"][:-1]
    names = ", ".join(keys)
    sums = ("calls", "waited_s", "talked_s", "held_s")
    summed = ", ".join(f"sum({name}) AS {name}" for name in sums)
    op.execute(
        f"CREATE TABLE call_days_now AS SELECT {names}, {summed} FROM call_days GROUP BY {names}"
    )
    for name in TABLES:
        op.drop_table(name)
    op.create_table(
        "call_days",
        *(sa.Column(key, KINDS[key], nullable=False, autoincrement=False) for key in keys),
        sa.Column("calls", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in sums[1:]),
        sa.PrimaryKeyConstraint(*keys, name="pk_call_days"),
    )
    columns = ", ".join((*keys, *sums))
    op.execute(f"INSERT INTO call_days ({columns}) SELECT {columns} FROM call_days_now")
    op.drop_table("call_days_now")
    with op.batch_alter_table("calls") as table:
        table.drop_column("wrapped_s")
        table.drop_column("within_s")
