"""One import error tried again, with what somebody has put right in it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.errors import N_, Conflict
from callcenter.imports.duplicates import Seen
from callcenter.imports.known import Known
from callcenter.imports.lines import Line, line_of
from callcenter.imports.models import Import, ImportRow, RowState
from callcenter.imports.pieces import Taking, take_in, writing_of
from callcenter.imports.run import mended, tried_values
from callcenter.imports.writing import hold
from callcenter.sheets.tables import Row, tidy

LONGEST = 32_767  # letters of a cell, as in Excel


class Mended(NamedTuple):
    """`customer_id` is None while something is still wrong, which `line` says."""

    line: Line
    customer_id: int | None


async def mend(
    engine: AsyncEngine, made: Import, row: ImportRow, known: Known, texts: Sequence[str]
) -> Mended:
    """Keep what was typed, and make a customer of it if that is possible now.

    Raises Conflict when somebody else was quicker.
    """
    typed = [tidy(text, LONGEST) for text in texts]
    line = line_of(Row(row.number, typed), known.rules)
    async with engine.connect() as connection:
        await hold(connection)
        state, shared = (
            await connection.execute(
                select(ImportRow.state, Import.shared)
                .join(Import, Import.id == ImportRow.import_id)
                .where(ImportRow.id == row.id)
            )
        ).one()
        if state != RowState.OPEN:
            raise Conflict(N_("Somebody has dealt with this row meanwhile."))
        known.sharer.go_on(shared)
        now, taking = datetime.now(UTC), Taking(known, Seen(), writing_of(engine.dialect, made))
        ids = await take_in(connection, taking, [line], made.rows + row.id, now)
        customer_id = ids.get(row.number)
        await connection.execute(
            update(ImportRow)
            .where(ImportRow.id == row.id)
            .values(tried_values(line, customer_id, now))
        )
        if customer_id is not None:
            await mended(connection, made.id, 1, known.sharer.kept())
        await connection.commit()
    return Mended(line, customer_id)


async def discard(engine: AsyncEngine, row_id: int, *, back: bool = False) -> None:
    """Take a row out of the list of errors, or put it back."""
    before, after = RowState.OPEN, RowState.DISCARDED
    if back:
        before, after = after, before
    async with engine.begin() as connection:
        await connection.execute(
            update(ImportRow)
            .where(ImportRow.id == row_id, ImportRow.state == before)
            .values(state=after, at=datetime.now(UTC))
        )
