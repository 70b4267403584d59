"""What is to be done once a day: at the start, and whenever 24 hours have gone by on the wall.

The wall's clock on purpose: a machine that sleeps at night would stretch a day of the other one.
"""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select

from callcenter.db import DATABASE_ERRORS, Sessions, is_away
from callcenter.jobs.models import Job

log = logging.getLogger(__name__)

Daily = Callable[[Sessions], Awaitable[None]]  # opens a session, commits, may be cut off and redone
DAY = timedelta(days=1)
LOOK_S = 600.0
KEPT = timedelta(days=30)  # jobs that are over
LOST = timedelta(days=1)  # a younger folder may belong to a transaction under way


async def each_day(sessions: Sessions, errands: Sequence[Daily]) -> None:
    """Run the errands one after the other, each day, for ever."""
    while True:
        due = datetime.now(UTC) + DAY
        for errand in errands:
            await _run(errand, sessions)
        while datetime.now(UTC) < due:
            await asyncio.sleep(LOOK_S)


async def _run(errand: Daily, sessions: Sessions) -> None:
    try:
        await errand(sessions)
    except DATABASE_ERRORS as error:
        if not is_away(error):
            raise
        log.error("%s has to wait for tomorrow: %s", errand, error)


def forget_jobs(folder: Path) -> Daily:
    """The errand that forgets long finished jobs, their folders below `folder`, and lost ones."""

    async def forget(sessions: Sessions) -> None:
        async with sessions.begin() as session:
            await session.execute(delete(Job).where(Job.finished_at < datetime.now(UTC) - KEPT))
            known = set(await session.scalars(select(Job.id)))
        await asyncio.to_thread(_remove_others, folder, known)

    return forget


def _remove_others(folder: Path, known: set[int]) -> None:
    lost = (datetime.now(UTC) - LOST).timestamp()
    for each in folder.iterdir() if folder.is_dir() else ():
        mine = each.name.isascii() and each.name.isdigit()
        if mine and int(each.name) not in known and each.stat().st_mtime < lost:
            shutil.rmtree(each, ignore_errors=True)
