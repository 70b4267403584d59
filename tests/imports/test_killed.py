"""The service is killed in the middle of an import, and with it the process that does the work."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from sqlalchemy import func, select, update

from callcenter.config import ROOT
from callcenter.customers.models import CustomerChange, CustomerPhone
from callcenter.imports.models import Import, State
from tests.imports.keeper import RUN
from tests.imports.workshop import Workshop
from tests.jobs.house import House, working

ROWS = 16_000  # several pieces


async def test_an_import_whose_service_was_killed_goes_on_and_no_row_is_lost_or_doubled(
    engine, tmp_path
):
    shop, jobs = Workshop(engine, tmp_path / "imports"), tmp_path / "jobs"
    await shop.open()
    file = [(f"K{n}" if n % 20 else "", f"09{n:08}") for n in range(30_000_000, 30_000_000 + ROWS)]
    import_id = await shop.file(["Tên", "Số điện thoại"], file, ["name", "phone"])
    await started(shop, import_id)

    job_id = await cut_off(engine, jobs, import_id, shop.folder(import_id))
    made = await shop.made(import_id)
    assert (made.state, 0 < made.place < ROWS) == (State.RUNNING, True)
    assert len(await shop.customers(import_id)) == made.counts["accepted"]

    async with working(House(engine, jobs, kinds=RUN)) as again:
        await again.works(job_id)
        row = await again.ends(job_id)

    made, good = await shop.made(import_id), ROWS - ROWS // 20
    assert (row.state, row.attempts, made.state) == ("done", 2, State.DONE)
    assert (made.counts["accepted"], made.counts["errors"]) == (good, ROWS // 20)
    assert len({each.name for each in await shop.customers(import_id)}) == good
    assert sorted(await shop.refused(import_id)) == list(range(2, ROWS + 2, 20))
    async with shop.sessions() as session:
        numbers = select(func.count(), func.count(CustomerPhone.number_key.distinct())).select_from(
            CustomerPhone
        )
        assert tuple((await session.execute(numbers)).one()) == (good, good)
        assert await session.scalar(select(func.count()).select_from(CustomerChange)) == good


async def started(shop, import_id):
    async with shop.sessions.begin() as session:
        await session.execute(
            update(Import).where(Import.id == import_id).values(state=State.RUNNING)
        )


async def cut_off(engine, jobs, import_id, rows):
    """The job of that import, once a service that ran it was killed in the middle."""
    url = engine.url.render_as_string(hide_password=False)
    keeper = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.imports.keeper", url, str(jobs), str(import_id), str(rows)),
        stdout=PIPE,
        cwd=ROOT,
    )
    async with asyncio.timeout(60):
        job_id = int(await keeper.stdout.readline())
    keeper.kill()
    await keeper.wait()
    return job_id
