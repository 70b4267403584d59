"""The run: rows become customers, some at a time, each piece with how far the run is.

Cut off at any point it goes on where it was: a piece is written with its place, or not at all.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.errors import N_, Invalid, N_n
from callcenter.imports.check import look_through, tell
from callcenter.imports.coming import Coming
from callcenter.imports.duplicates import Seen
from callcenter.imports.kept import forget
from callcenter.imports.lines import Line, line_of
from callcenter.imports.models import Import, ImportRow, RowState, State
from callcenter.imports.pieces import (
    PIECE,
    Order,
    Ready,
    Taking,
    flags_in,
    order_of,
    take_in,
    writing_of,
)
from callcenter.imports.undo import take_back
from callcenter.imports.verdicts import counts_of
from callcenter.imports.writing import hold, prepare, put
from callcenter.jobs.work import Cancelled, Work
from callcenter.sheets.tables import Row
from callcenter.turns import HELD_S, leave_turn


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
    made, many, before = order.made, PIECE, None
    counts = Counter(made.counts if made.place else {})
    async with work.engine.connect() as connection, work.engine.connect() as asking:
        await asking.execution_options(isolation_level="AUTOCOMMIT")
        await prepare(connection)
        pieces = Coming(order, await _seen_before(work, order), connection.dialect)
        piece = await pieces.next(asking, many)
        while piece.lines:
            work.check()
            await hold(connection)
            began = time.monotonic()
            piece = await pieces.true(connection, piece, before)
            many, following = await _both(
                _write(connection, order, piece, counts, began),
                pieces.next(asking, many, piece),
            )
            tell(work, counts, made.rows)
            before, piece = piece, following
        if made.rows == 0:
            await _note(connection, made, 0, counts_of(b""), {})
            await connection.commit()


async def _both(writing: Awaitable[int], coming: Awaitable[Ready]) -> tuple[int, Ready]:
    """What they answer, once neither is at work any more; else what they raised."""
    many, piece = await asyncio.gather(writing, coming, return_exceptions=True)
    if isinstance(many, BaseException):
        raise many
    if isinstance(piece, BaseException):
        raise piece
    return many, piece


def fitting(rows: int, held: float) -> int:
    """How many rows to write at once, when so many took `held` seconds: PIECE on a calm machine."""
    return max(1, PIECE // 8, min(PIECE, int(rows * HELD_S / max(held, HELD_S / 8))))


async def _write(
    connection: AsyncConnection, order: Order, piece: Ready, counts: Counter[str], began: float
) -> int:
    """One piece, its place and its errors in one transaction, counted in `counts`; how many rows
    to write next. Nobody else could write since `began`, and now they may for a while."""
    made, known, stored = order
    if piece.place == 0:  # from here on the run's own errors count
        await connection.execute(delete(ImportRow).where(ImportRow.import_id == made.id))
    if known.rules.choices.all_or_nothing and (wrong := _first_wrong(piece.lines)):
        raise _changed_meanwhile(wrong.row)
    await put(connection, piece.statements)
    flags = flags_in(piece.lines)
    counts.update(counts_of(flags))
    await _note(connection, made, piece.place + len(piece.lines), counts, piece.shared)
    await connection.commit()
    many = fitting(len(piece.lines), time.monotonic() - began)
    stored.note_flags(piece.place, flags)
    await leave_turn(connection.engine)
    return many


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


async def _note(
    connection: AsyncConnection,
    made: Import,
    place: int,
    counts: Mapping[str, int],
    shared: Mapping[str, Any],
) -> None:
    values: dict[str, Any] = {"place": place, "counts": counts, "shared": shared}
    values["state"] = State.RUNNING
    if place >= made.rows:
        values |= {"state": State.DONE, "finished_at": datetime.now(UTC)}
    await connection.execute(update(Import).where(Import.id == made.id).values(values))


def _first_wrong(lines: Sequence[Line]) -> Line | None:
    return next((line for line in lines if line.reasons), None)


def _changed_meanwhile(row: Row) -> Invalid:
    return Invalid(
        N_("Nothing was imported: row {row} was right when it was checked and is not any more."),
        row=row.number,
    )


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
