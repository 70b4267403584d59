"""The tables as they are, and how they became so: one file a change in versions/, run by alembic.

`migrate` is called at each start and does nothing when there is nothing to do. All of it happens in
one transaction under one lock: a start cut short leaves the tables as they were, and two processes
that start at once do not meet.
"""

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db import Base
from callcenter.errors import N_, Conflict
from callcenter.migrations import noting, searching

ROOMS = (
    "activities",
    "agents",
    "assignment",
    "callbacks",
    "calls",
    "care",
    "catalogues",
    "customers",
    "dialling",
    "documents",
    "explain",
    "imports",
    "jobs",
    "listening",
    "live",
    "people",
    "prompts",
    "recordings",
    "report_files",
    "report_mail",
    "settings",
    "staffing",
    "switchboard",
)
LOCK = 0x63616C6C  # PostgreSQL's advisory locks have numbers for names; this one is ours


def tables() -> MetaData:
    """The tables of all rooms, as their models describe them."""
    for room in ROOMS:
        import_module(f"callcenter.{room}.models")
    return Base.metadata


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the tables to `revision`: up for the newest, down for an older one ("base": none).

    Raises Conflict for tables of a version that this program does not know.
    """
    async with engine.connect() as connection:
        try:
            await connection.run_sync(_migrate, revision)
        except (CommandError, RevisionError) as error:
            raise Conflict(
                N_("The database was made by a newer version of this program ({reason})."),
                reason=str(error),
            ) from error


def _migrate(connection: Connection, revision: str) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # A table that is altered is made anew and the old one dropped, which must not empty the
        # tables that point to it. (Inside a transaction this would be ignored.)
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    try:
        if revision == "base" or _is_older(connection, revision):
            command.downgrade(_config(connection), revision)
        else:
            command.upgrade(_config(connection), revision)
        if is_sqlite:
            searching.keep(connection)
            noting.keep(connection)
        connection.commit()
    finally:
        connection.rollback()
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _is_older(connection: Connection, revision: str) -> bool:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    now = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(_config(connection))
    before = {step.revision for step in scripts.iterate_revisions(now, "base")} if now else set()
    return revision in before - {now}
