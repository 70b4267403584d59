"""SQLite's indexes of search are made one again each day, so that they are read as quickly as ever.

Each write leaves a small index beside the others, and SQLite joins them only so far: after a
million customers there are some twenty, and a question reads each. PostgreSQL has no such thing.
"""

import asyncio
from typing import Final

from sqlalchemy import text

from callcenter.db import Sessions
from callcenter.migrations.searching import TABLES

ENOUGH: Final = 4  # indexes beside each other that do no harm
PAGES: Final = 50  # joined in one transaction: some ten milliseconds during which nobody writes
PAUSE_S: Final = 0.1  # after each, for whoever waits to write


async def merge_search(sessions: Sessions) -> None:
    """The daily errand: join them, in steps that let others write in between."""
    async with sessions() as session:
        if session.get_bind().dialect.name != "sqlite":
            return
    for name in TABLES:
        async with sessions() as session:
            parts = text(f"SELECT count(DISTINCT segid) FROM {name}_idx")
            many = (await session.scalar(parts) or 0) > ENOUGH
        pages = -PAGES  # the first step, being negative, means all of them
        while many:
            many, pages = await _step(sessions, name, pages), PAGES
            await asyncio.sleep(PAUSE_S)


async def _step(sessions: Sessions, name: str, pages: int) -> bool:
    """Whether there was something to join."""
    changes = text("SELECT total_changes()")
    async with sessions.begin() as session:
        before = await session.scalar(changes) or 0
        step = text(f"INSERT INTO {name} ({name}, rank) VALUES ('merge', :pages)")
        await session.execute(step, {"pages": pages})
        # The command itself counts as one.
        return (await session.scalar(changes) or 0) - before > 1
