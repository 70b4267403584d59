"""Who writes much into SQLite's file leaves those a turn who want to write, and only them."""

import asyncio

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from callcenter import turns
from callcenter.db import engine_for
from callcenter.turns import leave_turn

SOME = 50  # rounds of the loop, in which a turn would have ended


@pytest.fixture
async def two(tmp_path, monkeypatch):
    """Two services' engines on one file."""
    monkeypatch.setattr(turns, "TURN_S", 60)
    monkeypatch.setattr(turns, "_LOOK_S", 0)
    engines = [engine_for(f"sqlite+aiosqlite:///{tmp_path / 'callcenter.db'}") for _ in range(2)]
    async with engines[0].begin() as connection:
        await connection.execute(text("CREATE TABLE things (id INTEGER)"))
    yield engines
    for engine in engines:
        await engine.dispose()


async def waits(task):
    for _ in range(SOME):
        await asyncio.sleep(0)
    return not task.done()


async def ends(task):
    async with asyncio.timeout(20):
        await task


async def at_it(engine, connection):
    """The task of somebody who has begun to write and cannot yet."""
    asked = asyncio.Event()
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: asked.set())

    async def write():
        await connection.execute(text("INSERT INTO things VALUES (2)"))

    task = asyncio.create_task(write())
    await asked.wait()
    return task


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
@pytest.mark.parametrize("own", [False, True])
async def test_others_have_their_turn_until_they_have_written(two, end, own):
    mine, theirs = two[0], two[0] if own else two[1]
    connection = await theirs.connect()
    await connection.execute(text("INSERT INTO things VALUES (1)"))

    leaving = asyncio.create_task(leave_turn(mine))

    assert await waits(leaving)
    await getattr(connection, end)()
    await ends(leaving)
    await connection.close()


async def test_who_waits_for_the_lock_is_seen(two):
    mine, theirs = two
    async with mine.connect() as connection, theirs.connect() as other:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        waiting = await at_it(theirs, other)
        await connection.rollback()
        leaving = asyncio.create_task(leave_turn(mine))

        assert await waits(leaving)
        await waiting
        await other.rollback()
        await ends(leaving)


async def test_of_two_who_want_to_write_the_second_has_a_turn_too(two):
    mine, theirs = two
    async with theirs.connect() as first, theirs.connect() as second:
        await first.execute(text("INSERT INTO things VALUES (1)"))
        waiting = await at_it(theirs, second)
        leaving = asyncio.create_task(leave_turn(mine))
        await first.commit()
        await waiting

        assert await waits(leaving)
        await second.commit()
        await ends(leaving)


async def test_who_is_cancelled_while_waiting_wants_nothing_any_more(two):
    mine, theirs = two
    async with mine.connect() as connection, theirs.connect() as other:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        waiting = await at_it(theirs, other)
        waiting.cancel()
        await connection.rollback()
        with pytest.raises(asyncio.CancelledError):
            await waiting

        await other.rollback()
        await ends(leave_turn(mine))


async def test_nobody_waits_for_those_who_read(two):
    mine, theirs = two
    async with theirs.connect() as connection:
        await connection.execute(text("SELECT * FROM things"))

        await ends(leave_turn(mine))


async def test_who_does_not_come_to_an_end_is_not_waited_for(two, monkeypatch):
    mine, theirs = two
    async with theirs.connect() as connection:
        await connection.execute(text("INSERT INTO things VALUES (1)"))
        monkeypatch.setattr(turns, "TURN_S", 0)

        await ends(leave_turn(mine))


async def test_where_the_folder_is_missing_sqlite_says_so(tmp_path):
    engine = engine_for(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'callcenter.db'}")

    with pytest.raises(OperationalError, match="unable to open database file"):
        await engine.connect()
