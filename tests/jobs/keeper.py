"""A service of its own that does long work until somebody ends it: keeper.py URL FOLDER.

It starts one job and says its id and its child's pid as soon as that is at work.
"""

import asyncio
import sys
from pathlib import Path

from callcenter.db import engine_for
from tests.jobs.house import House, working


async def main(url, folder):
    async with working(House(engine_for(url), Path(folder))) as house:
        job_id = await house.start("wait")
        await house.works(job_id)
        sys.stdout.write(f"{job_id} {house.jobs.pid(job_id)}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
