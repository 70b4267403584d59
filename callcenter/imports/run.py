"""The run: rows become customers, some at a time, each transaction with how far the run is.

Cut off at any point it goes on where it was: rows are written with their place, or not at all.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.errors import Invalid, N_n
from callcenter.imports.check import look_through, tell
from callcenter.imports.coming import Coming
from callcenter.imports.duplicates import Seen
from callcenter.imports.kept import forget
from callcenter.imports.lines import Line, line_of
from callcenter.imports.models import Import, ImportRow, RowState
from callcenter.imports.pieces import (
    PIECE,
    Order,
    Taking,
    order_of,
    take_in,
    writing_of,
)
from callcenter.imports.transactions import Transactions, note
from callcenter.imports.undo import take_back
from callcenter.imports.verdicts import counts_of
from callcenter.imports.writing import hold, prepare
from callcenter.jobs.work import Cancelled, Work
from callcenter.sheets.tables import Row
from callcenter.turns import leave_turn


async def run(work: Work) -> dict[str, Any]:
    """The job. Raises Invalid when all or nothing was wanted and a row is wrong."""
    order = await order_of(work.engine, work.params)
    all_or_nothing = order.known.rules.choices.all_or_nothing
    if order.made.place == 0:
        await _begin(work, order, all_or_nothing)
    try:
        await _bring_in(work, order)
    except (Cancelled, Invalid):
        if all_or_nothing:
            await take_back(work.engine, order.made.id, everything=True)
        raise
    forget(order.stored.folder)
    return {"link": f"/imports/{order.made.id}"}


async def _begin(work: Work, order: Order, all_or_nothing: bool) -> None:
    """What an earlier attempt may have left is taken away; nothing of it is promised to anybody."""
    await take_back(work.engine, order.made.id, everything=True)
    if all_or_nothing:
        counts = await look_through(work, order)
        if counts["errors"]:
            await _refuse(work, order.made, counts)
    if not order.stored.flags():
        order.stored.keep_flags(bytes(order.made.rows))


async def _refuse(work: Work, made: Import, counts: Mapping[str, int]) -> None:
    async with work.engine.begin() as connection:
        await connection.execute(update(Import).where(Import.id == made.id).values(counts=counts))
        rows = select(ImportRow.number).where(ImportRow.import_id == made.id)
        first = await connection.scalar(rows.order_by(ImportRow.number).limit(1))
    raise Invalid(
        N_n(
            "Nothing was imported: {n} row has errors, it is row {row}.",
            "Nothing was imported: {n} rows have errors, the first is row {row}.",
            counts["errors"],
        ),
        n=counts["errors"],
        row=first or 0,
    )


async def _bring_in(work: Work, order: Order) -> None:
    made = order.made
    counts = Counter(made.counts if made.place else {})
    async with work.engine.connect() as connection, work.engine.connect() as asking:
        await asking.execution_options(isolation_level="AUTOCOMMIT")
        await prepare(connection)
        pieces = Coming(order, await _seen_before(work, order), connection.dialect)
        transactions = Transactions(connection, asking, order, pieces, counts)
        piece = await transactions.first()
        while piece.lines:
            work.check()
            piece = await transactions.write(piece)
            tell(work, counts, made.rows)
        if made.rows == 0:
            await note(connection, made, 0, counts_of(b""), {})
            await connection.commit()


async def _seen_before(work: Work, order: Order) -> Seen:
    """What the rows have that an earlier attempt accepted: the others are in import_rows."""
    made, known, stored = order
    seen = Seen()
    if made.place:
        async with work.engine.connect() as connection:
            refused = set(
                await connection.scalars(
                    select(ImportRow.number).where(ImportRow.import_id == made.id)
                )
            )
        for row in stored.rows(0, made.place):
            if row.number not in refused:
                seen.take(line_of(row, known.rules))
    return seen


async def again(work: Work) -> dict[str, Any]:
    """The job that tries all import errors of an import once more, as they are now."""
    order = await order_of(work.engine, work.params)
    made, known, _ = order
    taking, last, taken = Taking(known, Seen(), writing_of(work.engine.dialect, made)), 0, 0
    open_rows = (ImportRow.import_id == made.id, ImportRow.state == RowState.OPEN)
    tried = 0
    while True:
        work.check()
        async with work.engine.connect() as connection:
            await hold(connection)
            rows = (
                await connection.execute(
                    select(ImportRow.id, ImportRow.number, ImportRow.texts)
                    .where(*open_rows, ImportRow.id > last)
                    .order_by(ImportRow.id)
                    .limit(PIECE)
                )
            ).all()
            if not rows:
                return {"link": f"/imports/errors?import={made.id}"}
            last = rows[-1][0]
            lines = [line_of(Row(number, texts), known.rules) for _, number, texts in rows]
            now = datetime.now(UTC)
            ids = await take_in(connection, taking, lines, made.rows + last, now)
            for (row_id, number, _), line in zip(rows, lines, strict=True):
                await connection.execute(
                    update(ImportRow)
                    .where(ImportRow.id == row_id)
                    .values(tried_values(line, ids.get(number), now))
                )
            counts = await mended(connection, made.id, len(ids), known.sharer.kept())
            await connection.commit()
        taken, tried = taken + len(ids), tried + len(rows)
        work.progress(tried, counts["errors"] + taken, accepted=taken, errors=tried - taken)
        await leave_turn(work.engine)


def tried_values(line: Line, customer_id: int | None, now: datetime) -> dict[str, Any]:
    """What a row of import_rows becomes once it was tried again."""
    state = RowState.OPEN if customer_id is None else RowState.MENDED
    return {
        "flags": int(line.flags),
        "texts": line.row.texts,
        "reasons": line.reasons,
        "state": state,
        "customer_id": customer_id,
        "at": now,
    }


async def mended(
    connection: AsyncConnection, import_id: int, n: int, shared: Mapping[str, Any]
) -> dict[str, int]:
    """Count `n` errors among the accepted; the counts then."""
    counts: dict[str, int] = dict(
        await connection.scalar(select(Import.counts).where(Import.id == import_id)) or {}
    )
    counts["accepted"] = counts.get("accepted", 0) + n
    counts["errors"] = counts.get("errors", 0) - n
    counts["mended"] = counts.get("mended", 0) + n
    await connection.execute(
        update(Import).where(Import.id == import_id).values(counts=counts, shared=dict(shared))
    )
    return counts
