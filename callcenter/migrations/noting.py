"""Which customers' files changed hands, came to the bin or went: the database notes it itself, as
so many statements do that. New ones are not noted, so bringing them in costs nothing.
"""

from typing import Final

from sqlalchemy import Connection, inspect

_COLUMNS: Final = ("owner_id", "assigned_at", "created_by", "deleted_at")
TRIGGERS: Final = ("customers_owner_changed", "customers_owner_gone")
FUNCTION: Final = "note_owner"

_NOTE: Final = "INSERT INTO owner_changes (customer_id) VALUES (old.id);"
_POSTGRESQL: Final = (
    f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN {_NOTE} RETURN NULL; END $$"
)


def keep(connection: Connection) -> None:
    """Make the triggers that are missing: a later migration that makes a table anew loses them."""
    if "owner_changes" not in inspect(connection).get_table_names():
        return
    is_sqlite = connection.dialect.name == "sqlite"
    differs = "IS NOT" if is_sqlite else "IS DISTINCT FROM"
    changed = " OR ".join(f"old.{each} {differs} new.{each}" for each in _COLUMNS)
    does = f"BEGIN {_NOTE} END" if is_sqlite else f"EXECUTE FUNCTION {FUNCTION}()"
    create = "CREATE TRIGGER IF NOT EXISTS" if is_sqlite else "CREATE OR REPLACE TRIGGER"
    changes, goes = TRIGGERS
    for trigger in (
        f"{changes} AFTER UPDATE OF {', '.join(_COLUMNS)} ON customers FOR EACH ROW"
        f" WHEN ({changed})",
        f"{goes} AFTER DELETE ON customers FOR EACH ROW",
    ):
        connection.exec_driver_sql(f"{create} {trigger} {does}")


def lay(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(_POSTGRESQL)
    keep(connection)


def take_up(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    for name in TRIGGERS:
        of = "" if is_sqlite else " ON customers"
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{of}")
    if not is_sqlite:
        connection.exec_driver_sql(f"DROP FUNCTION {FUNCTION}()")
