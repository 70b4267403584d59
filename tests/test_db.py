from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DBAPIError

from callcenter.db import Utc, database, engine_for
from callcenter.migrations import migrate
from callcenter.people.directory import Directory
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.sums.queries import by, slots

MAPPED = text("PRAGMA mmap_size")
PLANS = text("SHOW plan_cache_mode")


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


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
async def test_a_time_comes_back_as_it_was_and_in_utc(engine, microsecond):
    there = datetime(2026, 3, 2, 4, 5, 6, microsecond, timezone(timedelta(hours=7)))

    async with engine.connect() as connection:
        [back, nothing] = (
            await connection.execute(select(literal(there, Utc()), literal(None, Utc())))
        ).one()

    assert back == there and back.utcoffset() == timedelta(0) and nothing is None


@pytest.mark.postgres
async def test_sums_are_planned_for_what_is_asked_and_nothing_after_them(postgres_url):
    today = date(2026, 3, 2)
    who = Asker(Scope(everything=True, user_id=0), Directory(), today, "Asia/Ho_Chi_Minh")
    asked = Asked(since=today, until=today)
    async with database(postgres_url) as (engine, sessions):
        await migrate(engine)
        async with sessions() as session:
            for question in by(session, who, asked, "hour"), slots(session, who, asked, 15):
                await question
                assert await session.scalar(PLANS) == "force_custom_plan"
                await session.commit()
                assert await session.scalar(PLANS) == "auto"
