"""Search: words of names and pieces of numbers; the order of lists; an agent's own customers."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations import searching

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Compared letter by letter, whatever the database's language: a prefix is a range, and SQLite and
# PostgreSQL sort lists alike.
PLAIN = {
    "customers": ("search_key", "code"),
    "contacts": ("search_key",),
    "customer_phones": ("number_key", "reversed_digits"),
}
# What lists are sorted by, for those outside the bin, and with the filters used most.
LISTED = {
    "listed": [["search_key"], ["code"], ["created_at"]],
    "owned": [["owner_id", "search_key"], ["owner_id", "created_at"]],
    "placed": [["department_id", "search_key"]],
    "in_status": [["status_id", "search_key"]],
}
UNASSIGNED = {"unassigned": [["search_key"], ["created_at"]]}
INSTEAD_OF = {
    "ix_customers_search_key": ["search_key"],
    "ix_customers_owner_id_name": ["owner_id", "name"],
    "ix_customers_department_id_name": ["department_id", "name"],
    "ix_customers_status_id": ["status_id"],
    "ix_customers_deleted_at": ["deleted_at"],
}
# A number leads to its customer without reading the row.
NUMBERS = ("number_key", "reversed_digits")
THERE = "deleted_at IS NULL"
BINNED = "deleted_at IS NOT NULL"  # else SQLite would take this index for those that are not


def upgrade() -> None:
    _symbols_to_spaces()
    if op.get_bind().dialect.name == "postgresql":
        _collate("C")
    for name in INSTEAD_OF:
        op.drop_index(name, "customers")
    for each, where in ((LISTED, THERE), (UNASSIGNED, f"{THERE} AND owner_id IS NULL")):
        for name, columns in _indexes(each):
            _index_some(name, [*columns, "id"], where)
    _index_some("ix_customers_deleted_at", ["deleted_at"], BINNED)
    for column in NUMBERS:
        op.drop_index(f"ix_customer_phones_{column}", "customer_phones")
        op.create_index(
            f"ix_customer_phones_{column}_customer_id", "customer_phones", [column, "customer_id"]
        )
    op.create_index("ix_calls_user_id_customer_id", "calls", ["user_id", "customer_id"])
    op.create_index("ix_calls_user_id_number_key", "calls", ["user_id", "number_key"])
    searching.lay(op.get_bind())


def downgrade() -> None:
    searching.take_up(op.get_bind())
    op.drop_index("ix_calls_user_id_number_key", "calls")
    op.drop_index("ix_calls_user_id_customer_id", "calls")
    for column in NUMBERS:
        op.drop_index(f"ix_customer_phones_{column}_customer_id", "customer_phones")
        op.create_index(f"ix_customer_phones_{column}", "customer_phones", [column])
    op.drop_index("ix_customers_deleted_at", "customers")
    for name, _ in (*_indexes(UNASSIGNED), *_indexes(LISTED)):
        op.drop_index(name, "customers")
    for name, columns in INSTEAD_OF.items():
        op.create_index(name, "customers", columns)
    if op.get_bind().dialect.name == "postgresql":
        _collate("default")


def _indexes(named: dict[str, list[list[str]]]) -> list[tuple[str, list[str]]]:
    return [
        (f"ix_customers_{name}_{columns[-1]}", columns)
        for name, several in named.items()
        for columns in several
    ]


def _index_some(name: str, columns: list[str], where: str) -> None:
    there = sa.text(where)
    op.create_index(name, "customers", columns, sqlite_where=there, postgresql_where=there)


def _collate(collation: str) -> None:
    lengths = {"search_key": 400, "code": 32, "number_key": 64, "reversed_digits": 64}
    for table, columns in PLAIN.items():
        for column in columns:
            op.execute(
                f"ALTER TABLE {table} ALTER COLUMN {column}"
                f' TYPE varchar({lengths[column]}) COLLATE "{collation}"'
            )


def _symbols_to_spaces() -> None:
    """Keys written before had symbols in them; now they are words and single spaces."""
    connection = op.get_bind()
    for table in ("customers", "contacts", "places"):
        rows = sa.table(table, sa.column("id", sa.Integer), sa.column("search_key", sa.String))
        found = connection.execute(sa.select(rows.c.id, rows.c.search_key)).all()
        changed = [
            {"row": id, "key": " ".join("".join(_or_space(each) for each in key).split())}
            for id, key in found
            if not key.replace(" ", "").isalnum()
        ]
        if changed:
            connection.execute(
                sa.update(rows)
                .where(rows.c.id == sa.bindparam("row"))
                .values(search_key=sa.bindparam("key")),
                changed,
            )


def _or_space(letter: str) -> str:
    return letter if letter.isalnum() else " "
