"""The national list as long work: a file is checked, then it takes the place of the list we have.

The check changes nothing: it says how many numbers come, go and stay. What comes is added before
what goes is removed, some thousands at a time, so that calls are written down in between and an
import that is cut off or cancelled leaves no number less protected; begun again, it goes on.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from callcenter.db import Upsert
from callcenter.dialling.finding import National, keep_national
from callcenter.dialling.models import DoNotCall, Source
from callcenter.dialling.national import Found, find_numbers, lines_of, write_bad
from callcenter.jobs.work import Work
from callcenter.people import audit

UPLOAD, KEYS, BAD = "upload", "keys", "bad.csv"  # in the job's folder
TOGETHER = 2_000  # numbers in one transaction
READ = 50_000  # keys in one question

LISTED: Table = DoNotCall.__table__  # type: ignore[assignment]  # a mapped class's is a Table


async def check(work: Work) -> dict[str, Any]:
    """What is in the file, and how it differs from the list we have. Raises Invalid."""
    lines, found = lines_of(work.folder / UPLOAD), Found()
    for done in find_numbers(lines, found):
        work.check()
        work.progress(done, len(lines), numbers=len(found.keys), bad=found.bad_count)
    (work.folder / KEYS).write_text("\n".join(sorted(found.keys)))
    write_bad(work.folder / BAD, found.bad)
    there = await _there(work.engine)
    return {
        "numbers": len(found.keys),
        "added": len(found.keys - there),
        "removed": len(there - found.keys),
        "before": len(there),
        "bad": found.bad_count,
        "doubled": found.doubled,
        "link": f"/switchboard/do-not-call/national/{work.job_id}",
    }


async def replace(work: Work) -> dict[str, Any]:
    """Let the list be what the check with `params["check"]` has found."""
    path = work.folder.parent / str(work.params["check"]) / KEYS
    wanted = set(path.read_text().split())
    there, now = await _there(work.engine), datetime.now(UTC)
    new, gone = sorted(wanted - there), sorted(there - wanted)
    upsert = Upsert(LISTED, work.engine.dialect)
    done, total = 0, len(new) + len(gone)
    for keys in _pieces(new):
        work.check()
        async with work.engine.begin() as connection:
            rows = [(key, Source.NATIONAL.value, "", work.params["by"], now, None) for key in keys]
            await upsert.execute(connection, rows)
        done += len(keys)
        work.progress(done, total, added=done)
    for keys in _pieces(gone):
        work.check()
        async with work.engine.begin() as connection:
            mine = (LISTED.c.source == Source.NATIONAL.value, LISTED.c.number_key.in_(keys))
            await connection.execute(delete(LISTED).where(*mine))
        done += len(keys)
        work.progress(done, total, added=len(new), removed=done - len(new))
    await _keep(work, National(count=len(wanted), at=now, file=work.params["file"]))
    return {"added": len(new), "removed": len(gone)}


async def _keep(work: Work, national: National) -> None:
    async with async_sessionmaker(work.engine).begin() as session:
        await keep_national(session, national)
        said = f"{national.file}: {national.count}"
        audit.note(session, work.params["by"], "do-not-call-imported", said)


async def _there(engine: AsyncEngine) -> set[str]:
    """The keys of the list we have."""
    found: set[str] = set()
    last = ""
    async with engine.connect() as connection:
        while True:
            asked = select(LISTED.c.number_key).where(LISTED.c.source == Source.NATIONAL.value)
            asked = asked.where(LISTED.c.number_key > last).order_by(LISTED.c.number_key)
            keys = (await connection.scalars(asked.limit(READ))).all()
            if not keys:
                return found
            found.update(keys)
            last = keys[-1]


def _pieces(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for place in range(0, len(keys), TOGETHER):
        yield keys[place : place + TOGETHER]
