import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from callcenter.db import database, engine_for

MAPPED = text("PRAGMA mmap_size")


async def test_the_service_reads_sqlites_file_in_place_and_jobs_do_not(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'callcenter.db'}"

    async with database(url) as (engine, _), engine.connect() as connection:
        assert await connection.scalar(MAPPED) > 0

    job = engine_for(url)
    async with job.connect() as connection:
        assert await connection.scalar(MAPPED) == 0
    await job.dispose()


async def test_a_statement_that_fails_does_not_tell_what_was_in_it(engine):
    with pytest.raises(DBAPIError) as caught:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT :it FROM nowhere"), {"it": "mật khẩu"})

    assert "nowhere" in str(caught.value) and "mật khẩu" not in str(caught.value)
