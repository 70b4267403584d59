import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from callcenter.db import engine_for
from callcenter.migrations import migrate, tables


def names(connection):
    return set(inspect(connection).get_table_names()) - {"sqlite_sequence"}


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), tables())


async def seen(engine, question):
    async with engine.connect() as connection:
        return await connection.run_sync(question)


async def test_the_tables_are_those_the_models_describe(engine):
    assert await seen(engine, differences) == []


async def test_every_rooms_models_are_among_them():
    package = Path(__file__).parent.parent / "callcenter"
    rooms = {path.parent.name for path in package.glob("*/models.py")}

    modules = {mapper.class_.__module__ for mapper in registry_mappers()}

    assert modules == {f"callcenter.{room}.models" for room in rooms}


def registry_mappers():
    from callcenter.db import Base

    tables()
    return Base.registry.mappers


async def test_down_takes_everything_away_and_up_brings_it_back(engine):
    await migrate(engine, "base")
    assert await seen(engine, names) <= {"alembic_version"}

    await migrate(engine)
    assert await seen(engine, differences) == []


async def test_a_second_start_changes_nothing_and_loses_nothing(engine):
    async with engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO settings (name, value) VALUES ('company', 'An')")
        )

    await migrate(engine)

    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT value FROM settings")) == "An"


async def test_two_processes_that_start_at_once_do_not_meet(database_url):
    first, second = engine_for(database_url), engine_for(database_url)
    await migrate(first, "base")

    await asyncio.gather(migrate(first), migrate(second))

    assert await seen(first, differences) == []
    await first.dispose()
    await second.dispose()


async def test_a_migration_cut_short_leaves_the_tables_as_they_were(engine, monkeypatch):
    await migrate(engine, "base")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="power cut"):
        patch.setattr("alembic.op.create_index", power_cut)
        await migrate(engine)
    assert await seen(engine, names) <= {"alembic_version"}

    await migrate(engine)
    assert await seen(engine, differences) == []


def power_cut(*_, **__):
    raise RuntimeError("power cut")


async def test_foreign_keys_hold_again_after_a_migration_on_sqlite(sqlite_url):
    engine = engine_for(sqlite_url)
    await migrate(engine)

    async with engine.connect() as connection:
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
    await engine.dispose()


async def test_an_id_is_never_given_twice_because_calls_remember_it(engine):
    new = text(
        "INSERT INTO customers (code, kind, name, search_key, company, email, address, note,"
        " created_at, updated_at) VALUES ('A', 'person', 'A', 'a', '', '', '', '',"
        " '2026-03-02 12:00:00', '2026-03-02 12:00:00') RETURNING id"
    )
    async with engine.begin() as connection:
        first = await connection.scalar(new)
        await connection.execute(text("DELETE FROM customers"))
        second = await connection.scalar(new)

    assert second > first
