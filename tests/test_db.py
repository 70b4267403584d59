from sqlalchemy import text

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
