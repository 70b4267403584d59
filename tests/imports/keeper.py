"""A service of its own that runs an import until somebody ends it: keeper.py URL FOLDER ID ROWS.

It says the job's id once the import is in the middle, and has its process stand still there.
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from callcenter.db import engine_for
from callcenter.jobs.kinds import KINDS
from tests.jobs.house import House, working

RUN = {"import_run": replace(KINDS["import_run"], after="")}  # there are no pages to tell


async def main(url, folder, import_id, rows):
    async with working(House(engine_for(url), Path(folder), kinds=RUN)) as house:
        job_id = await house.start("import_run", import_id=int(import_id), folder=rows)
        await house.works(job_id)
        os.kill(house.jobs.pid(job_id), signal.SIGSTOP)
        sys.stdout.write(f"{job_id}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
