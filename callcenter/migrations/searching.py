"""What customers are searched by besides their tables: kept by the database itself.

SQLite: FTS5 tables over the words of names and over pieces of three digits, kept by triggers. Their
own savepoint is a write for each *statement*, so many customers come in with few statements of many
rows each (`VALUES (…), (…), …`): 100,000 rows cost a third more than without; one by one, thrice.
PostgreSQL: GIN indexes over two functions of ours, so no extension has to be allowed by anybody.
"""

from typing import Final

from sqlalchemy import Connection

WORDS: Final = {"customer_words": "customers", "contact_words": "contacts"}
DIGITS: Final = "phone_digits"
# Names that alembic does not compare: no model describes them. tests/test_migrations.py does.
FUNCTIONS: Final = ("key_words", "digit_triples")
INDEXES: Final = ("ix_customers_words", "ix_contacts_words", "ix_customer_phones_triples")
TABLES: Final = (*WORDS, DIGITS)
SHADOWS: Final = tuple(
    f"{name}_{part}" for name in TABLES for part in ("data", "idx", "docsize", "config")
)

# Keys are folded and their words stand between single spaces already (customers.search), so a
# tokenizer that knows nothing but ASCII is the right one. Prefixes of up to six letters have lists
# of their own: without, "nguyen*" would first put together the lists of all words it begins.
_TABLE: Final = (
    "CREATE VIRTUAL TABLE {name} USING fts5(search_key, content='{table}', content_rowid='id',"
    " tokenize='ascii', detail=none, columnsize=0, prefix='1 2 3 4 5 6')"
)
_DIGITS: Final = (
    "CREATE VIRTUAL TABLE phone_digits USING fts5(reversed_digits, content='customer_phones',"
    " content_rowid='id', tokenize='trigram', detail=none, columnsize=0)"
)
_TRIGGERS: Final = (
    "CREATE TRIGGER IF NOT EXISTS {name}_added AFTER INSERT ON {table} BEGIN"
    " INSERT INTO {name} (rowid, {column}) VALUES (new.id, new.{column}); END",
    "CREATE TRIGGER IF NOT EXISTS {name}_gone AFTER DELETE ON {table} BEGIN"
    " INSERT INTO {name} ({name}, rowid, {column}) VALUES ('delete', old.id, old.{column}); END",
    "CREATE TRIGGER IF NOT EXISTS {name}_changed AFTER UPDATE OF {column} ON {table}"
    " WHEN old.{column} <> new.{column} BEGIN"
    " INSERT INTO {name} ({name}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
    " INSERT INTO {name} (rowid, {column}) VALUES (new.id, new.{column}); END",
)
_POSTGRESQL: Final = (
    "CREATE FUNCTION key_words(key text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS"
    " $$ SELECT array_to_tsvector(array_remove(string_to_array(key, ' '), '')) $$",
    "CREATE FUNCTION digit_triples(digits text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE"
    " AS $$ SELECT coalesce(array_agg(substr(digits, place, 3)), '{}')"
    " FROM generate_series(1, length(digits) - 2) AS place $$",
    "CREATE INDEX ix_customers_words ON customers USING gin (key_words(search_key))",
    "CREATE INDEX ix_contacts_words ON contacts USING gin (key_words(search_key))",
    "CREATE INDEX ix_customer_phones_triples ON customer_phones"
    " USING gin (digit_triples(reversed_digits))",
)


def is_compared(_: object, name: str | None, kind: str, reflected: bool, __: object) -> bool:
    """Alembic's include_object: everything but what stands here."""
    return not (
        reflected and name in {"table": (*TABLES, *SHADOWS), "index": INDEXES}.get(kind, ())
    )


def lay(connection: Connection) -> None:
    """Make it all, over the rows that are there."""
    if connection.dialect.name != "sqlite":
        for statement in _POSTGRESQL:
            connection.exec_driver_sql(statement)
        return
    for name, table in WORDS.items():
        connection.exec_driver_sql(_TABLE.format(name=name, table=table))
    connection.exec_driver_sql(_DIGITS)
    for name in TABLES:
        connection.exec_driver_sql(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")
        connection.exec_driver_sql(f"INSERT INTO {name} ({name}) VALUES ('optimize')")
    keep(connection)


def keep(connection: Connection) -> None:
    """Make the triggers that are missing: a later migration that makes a table anew loses them."""
    known = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    there = set(known.scalars())
    for name, table, column in (
        *((name, table, "search_key") for name, table in WORDS.items()),
        (DIGITS, "customer_phones", "reversed_digits"),
    ):
        if name in there:
            for trigger in _TRIGGERS:
                connection.exec_driver_sql(trigger.format(name=name, table=table, column=column))


def take_up(connection: Connection) -> None:
    """Take it all away again."""
    if connection.dialect.name == "sqlite":
        for name in TABLES:
            for end in ("added", "gone", "changed"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}_{end}")
            connection.exec_driver_sql(f"DROP TABLE {name}")
        return
    for index in INDEXES:
        connection.exec_driver_sql(f"DROP INDEX {index}")
    connection.exec_driver_sql("DROP FUNCTION key_words(text)")
    connection.exec_driver_sql("DROP FUNCTION digit_triples(text)")
