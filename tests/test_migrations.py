import asyncio
import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from callcenter.db import engine_for
from callcenter.migrations import migrate, noting, searching, tables

NEW_CUSTOMER = text(
    "INSERT INTO customers (code, kind, name, search_key, company, email, address, note,"
    " created_at, updated_at) VALUES ('A', 'person', 'A', 'an@phat.vn', '', '', '', '',"
    " '2026-03-02 12:00:00', '2026-03-02 12:00:00') RETURNING id"
)
OLD_CALL = text(
    "INSERT INTO calls (call_id, exchange, direction, state, caller_name, agents, rung, started_at,"
    " ended_at, result, waited_s, talked_s, held_s, transfers, digits, pauses, journey) VALUES"
    " (:id, 'pbx', 'inbound', 'ended', '', '201', '201', '2026-03-02 12:00:00',"
    " '2026-03-02 12:02:00', 'answered', 1, :talked, :held, '[]', '', '[]', :journey)"
)
OLD_VIEW = text(
    "INSERT INTO report_views (id, user_id, name, report, asked, span, against, shared, is_default,"
    " used_at) VALUES (5, 1, 'Hôm qua', 'calls', '', '', '', :no, :no, '2026-11-27 00:30:00')"
)
OLD_SCHEDULE = text(
    "INSERT INTO report_mails (id, user_id, view_id, every, weekdays, month_day, minute, format,"
    " language, people, addresses, created_at) VALUES"
    " (:id, 1, :view_id, 'day', '', 1, 450, 'csv', 'vi', '1', '', '2026-11-27 00:30:00')"
)
OLD_LETTER = text(
    "INSERT INTO report_letters (id, mail_id, due_at, stage, asked, file_name, problem, created_at)"
    " VALUES (:id, :id, '2026-11-27 00:30:00', 'sending', '', '', '{}', '2026-11-27 00:30:00')"
)


def names(connection):
    return set(inspect(connection).get_table_names()) - {"sqlite_sequence"}


def differences(connection):
    compared = {"include_object": searching.is_compared}
    return compare_metadata(MigrationContext.configure(connection, opts=compared), tables())


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
    async with engine.begin() as connection:
        first = await connection.scalar(NEW_CUSTOMER)
        await connection.execute(text("DELETE FROM customers"))
        second = await connection.scalar(NEW_CUSTOMER)

    assert second > first


async def test_what_no_model_describes_is_there_too(engine):
    """Search's own tables and indexes: those that are left out of the comparison above."""
    sqlite = engine.dialect.name == "sqlite"
    asked = (
        "SELECT name FROM sqlite_master"
        if sqlite
        else "SELECT relname FROM pg_class UNION SELECT proname FROM pg_proc"
    )
    async with engine.connect() as connection:
        found = set(await connection.scalars(text(asked)))

    triggers = {
        f"{name}_{end}" for name in searching.TABLES for end in ("added", "gone", "changed")
    } | set(noting.TRIGGERS)
    functions = {*searching.FUNCTIONS, noting.FUNCTION}
    expected = {*searching.TABLES, *triggers} if sqlite else {*searching.INDEXES, *functions}
    assert expected <= found


async def test_a_table_made_anew_by_a_later_migration_is_searched_as_before(sqlite_url):
    engine = engine_for(sqlite_url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER customer_words_added"))

    await migrate(engine)

    async with engine.begin() as connection:
        await connection.execute(text(str(NEW_CUSTOMER).replace("an@phat.vn", "an phat")))
        asked = text("SELECT count(*) FROM customer_words WHERE customer_words MATCH 'an'")
        assert await connection.scalar(asked) == 1
    await engine.dispose()


async def test_customers_of_before_are_found_and_their_keys_have_no_symbols(engine):
    await migrate(engine, "0003")
    async with engine.begin() as connection:
        await connection.execute(NEW_CUSTOMER)

    await migrate(engine)

    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT search_key FROM customers")) == "an phat vn"
        if engine.dialect.name == "sqlite":
            asked = "SELECT count(*) FROM customer_words WHERE customer_words MATCH 'phat'"
            assert await connection.scalar(text(asked)) == 1


async def test_talk_of_before_loses_its_holds_where_the_journey_knows_them(engine):
    await migrate(engine, "0057")
    talk, hold, later = ["talked", 1000, 60000], ["held", 20000, 9000], ["held", 62000, 4000]
    calls = {
        "in the bridge": (60.0, 9.0, [talk, hold]),
        "out of it": (60.0, 4.0, [talk, later]),
        "taken out before": (51.0, 9.0, [talk, hold]),
        "not known": (60.0, 9.0, []),
        "another talked on": (60.0, 9.0, [talk, ["talked", 10000, 51000, "202"], hold]),
        "another until 25 s": (60.0, 9.0, [talk, hold, ["talked", 15000, 10000, "202"]]),
        "another from 25 s": (60.0, 9.0, [talk, hold, ["talked", 25000, 36000, "202"]]),
    }
    calls |= {f"z{n}": (60.0, 9.0, [talk, hold]) for n in range(1200)}  # not all at once
    async with engine.begin() as connection:
        for call_id, (talked_s, held_s, steps) in calls.items():
            journey = json.dumps([[*step, "201", ""][:5] for step in steps])
            told = {"id": call_id, "talked": talked_s, "held": held_s, "journey": journey}
            await connection.execute(OLD_CALL, told)
        await connection.execute(text("INSERT INTO settings (name, value) VALUES ('sums', '{}')"))

    await migrate(engine)

    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT call_id, talked_s FROM calls"))
        assert dict(list(rows)) == {
            **{"in the bridge": 51.0, "out of it": 60.0},
            **{"taken out before": 51.0, "not known": 60.0},
            **{"another talked on": 60.0, "another until 25 s": 60.0, "another from 25 s": 55.0},
            **{f"z{n}": 51.0 for n in range(1200)},
        }
        # Without it the sums are made anew.
        assert await connection.scalar(text("SELECT count(*) FROM settings")) == 0


async def test_letters_of_before_take_what_they_were_made_of_from_their_schedules(engine):
    await migrate(engine, "0058")
    async with engine.begin() as connection:
        await connection.execute(OLD_VIEW, {"no": False})
        for id, view_id in ((1, 5), (2, 77)):  # there is no view 77 any more
            await connection.execute(OLD_SCHEDULE, {"id": id, "view_id": view_id})
            await connection.execute(OLD_LETTER, {"id": id})

    await migrate(engine)

    made_of = text("SELECT report, view_name, format, language FROM report_letters ORDER BY id")
    async with engine.connect() as connection:
        rows = [tuple(each) for each in await connection.execute(made_of)]
    assert rows == [("calls", "Hôm qua", "csv", "vi"), ("", "", "csv", "vi")]


async def test_a_database_with_sums_of_care_makes_them_anew_with_whom_was_met(engine):
    await migrate(engine, "0059")
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE care_summed SET zone = 'Asia/Ho_Chi_Minh', until = '2026-11-01'")
        )

    await migrate(engine)

    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT until FROM care_summed")) is None
        assert await connection.scalar(text("SELECT count(*) FROM met_days")) == 0
