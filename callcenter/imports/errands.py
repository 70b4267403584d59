"""What is done once a day: files of imports that nobody needs any more are removed."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.db import Sessions
from callcenter.imports import queries, uploads
from callcenter.jobs.daily import Daily

LOST = timedelta(days=1)  # a younger upload may still be on its way


def forget_files(folder: Path) -> Daily:
    """The errand for the files below `folder`; imports themselves and their errors stay."""

    async def forget(sessions: Sessions) -> None:
        async with sessions() as session:
            old = await queries.old(session)
        await asyncio.to_thread(_remove, folder, set(old))

    return forget


def _remove(folder: Path, old: Collection[int]) -> None:
    lost = (datetime.now(UTC) - LOST).timestamp()
    for each in folder.iterdir() if folder.is_dir() else ():
        number = int(each.name) if each.name.isascii() and each.name.isdigit() else None
        is_lost = each.name.startswith("incoming-") and each.stat().st_mtime < lost
        if number in old or is_lost:
            each.unlink() if each.is_file() else uploads.forget(each)
