"""Exports are customers' data in a file: it does not lie around for longer than it is needed."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from callcenter.db import Sessions
from callcenter.jobs.daily import Daily
from callcenter.jobs.models import Job

KIND = "export"  # in jobs.kinds
FILES = (KIND, "report_file", "calls_file", "recordings_zip")  # kinds that end in a file
KEPT = timedelta(days=7)


def forget_exports(folder: Path) -> Daily:
    """The errand that removes the files of old exports below the jobs' `folder`."""

    async def forget(sessions: Sessions) -> None:
        old = datetime.now(UTC) - KEPT
        async with sessions() as session:
            ids = await session.scalars(
                select(Job.id).where(Job.kind.in_(FILES), Job.finished_at < old)
            )
            found = list(ids)
        await asyncio.to_thread(_remove, folder, found)

    return forget


def _remove(folder: Path, job_ids: Iterable[int]) -> None:
    for job_id in job_ids:
        for path in (folder / str(job_id)).glob("*.*"):
            path.unlink(missing_ok=True)
