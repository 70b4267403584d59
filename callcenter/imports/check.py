"""The dry run: a verdict for each row, and no customer written."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, update

from callcenter.imports.ahead import lines_ahead
from callcenter.imports.duplicates import Seen
from callcenter.imports.kept import keeping
from callcenter.imports.models import Import, ImportRow, RowState, State
from callcenter.imports.pieces import (
    PIECE,
    Order,
    flags_in,
    judge,
    note_refused,
    order_of,
    refused_rows,
)
from callcenter.imports.verdicts import counts_of
from callcenter.jobs.work import Work


async def check(work: Work) -> dict[str, Any]:
    """The job. What was found is on disk and in import_rows when it is over, or nothing is."""
    order = await order_of(work.engine, work.params)
    counts = await look_through(work, order)
    async with work.engine.begin() as connection:
        await connection.execute(
            update(Import)
            .where(Import.id == order.made.id, Import.state == State.CHOSEN)
            .values(state=State.CHECKED, counts=counts)
        )
    return {"link": f"/imports/{order.made.id}"}


async def look_through(work: Work, order: Order) -> dict[str, int]:
    """Judge all rows and keep what was found; the counts of verdicts.counts_of."""
    made, known, stored = order
    seen, flags = Seen(), bytearray()
    refused: list[dict[str, Any]] = []  # not written yet: each commit waits for the disk
    await _forget(work, made)
    with (
        keeping(stored.folder, known.rules) as keep,
        lines_ahead(stored, known.rules, PIECE, made.rows) as make,
    ):
        for place, rows in stored.pieces(0, PIECE):
            work.check()
            lines, piece = make(rows)
            keep(place, piece)
            async with work.engine.connect() as connection:
                await judge(connection, lines, known, seen, place)
            refused += refused_rows(made, lines, datetime.now(UTC), RowState.CHECKED)
            if len(refused) >= PIECE:
                await _note(work, refused)
                refused = []
            flags += flags_in(lines)
            tell(work, counts_of(bytes(flags)), made.rows)
    await _note(work, refused)
    stored.keep_flags(bytes(flags))
    known.sharer.go_on({})  # who received what was only a trial
    return counts_of(bytes(flags))


def tell(work: Work, counts: dict[str, int], total: int) -> None:
    """Progress, with the numbers that people look at."""
    told = ("accepted", "duplicate", "malformed", "errors")
    work.progress(counts["rows"], total, **{name: counts[name] for name in told})


async def _forget(work: Work, made: Import) -> None:
    async with work.engine.begin() as connection:
        await connection.execute(
            delete(ImportRow).where(
                ImportRow.import_id == made.id, ImportRow.state == RowState.CHECKED
            )
        )


async def _note(work: Work, refused: list[dict[str, Any]]) -> None:
    async with work.engine.begin() as connection:
        await note_refused(connection, refused)
