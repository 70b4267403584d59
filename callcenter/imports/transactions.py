"""The pieces of a run, written: as many in one transaction as nobody waits for.

New numbers go everywhere in their indexes, so that a commit costs much for one piece and little
more for several. Who wants to write waits for the piece that is at work, and for that commit.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.errors import N_, Invalid
from callcenter.imports.coming import Coming
from callcenter.imports.lines import Line
from callcenter.imports.models import Import, ImportRow, State
from callcenter.imports.pieces import PIECE, Order, Ready, flags_in
from callcenter.imports.verdicts import counts_of
from callcenter.imports.writing import hold, put
from callcenter.sheets.tables import Row
from callcenter.turns import HELD_S, leave_turn, wanted

TOGETHER_S: Final = 0.5  # work that is lost where a run is cut off


class Transactions:
    """Of one run. Each is written with how far the run is then, counted in `counts`.

    The pieces are written through `connection`, and made ready through `asking` meanwhile, which
    sees nothing of a transaction before its end.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        asking: AsyncConnection,
        order: Order,
        pieces: Coming,
        counts: Counter[str],
    ) -> None:
        self._connection, self._asking = connection, asking
        self._order, self._pieces, self._counts = order, pieces, counts
        self._written: list[Ready] = []  # those of this transaction
        self._many = PIECE

    async def first(self) -> Ready:
        return await self._pieces.next(self._asking, self._many, ())

    async def write(self, piece: Ready) -> Ready:
        """That piece and others after it; the first that is not written, empty at the end."""
        await hold(self._connection)
        until, ended = time.monotonic() + TOGETHER_S, False
        before, self._written = self._written, []  # its first was made before the last one's end
        while not ended:
            began = time.monotonic()
            piece = await self._pieces.true(self._connection, piece, before)
            before = self._written
            before.append(piece)
            ended, piece = await _both(
                self._write(piece, began, until),
                self._pieces.next(self._asking, self._many, before),
            )
        return piece

    async def _write(self, piece: Ready, began: float, until: float) -> bool:
        """One piece and its errors; whether the transaction ended with it, and others have had
        their turn. Nobody else could write since `began` at least."""
        made, known, stored = self._order
        if piece.place == 0:  # from here on the run's own errors count
            mine = delete(ImportRow).where(ImportRow.import_id == made.id)
            await self._connection.execute(mine)
        if known.rules.choices.all_or_nothing and (wrong := _first_wrong(piece.lines)):
            raise _changed_meanwhile(wrong.row)
        await put(self._connection, piece.statements)
        self._counts.update(counts_of(flags_in(piece.lines)))
        place, engine = piece.place + len(piece.lines), self._connection.engine
        if place < made.rows and time.monotonic() < until and not wanted(engine):
            return False
        await note(self._connection, made, place, self._counts, piece.shared)
        await self._connection.commit()
        self._many = fitting(len(piece.lines), time.monotonic() - began)
        for each in self._written:
            stored.note_flags(each.place, flags_in(each.lines))
        await leave_turn(engine)
        return True


async def _both(writing: Awaitable[bool], coming: Awaitable[Ready]) -> tuple[bool, Ready]:
    """What they answer, once neither is at work any more; else what they raised."""
    ended, piece = await asyncio.gather(writing, coming, return_exceptions=True)
    if isinstance(ended, BaseException):
        raise ended
    if isinstance(piece, BaseException):
        raise piece
    return ended, piece


def fitting(rows: int, held: float) -> int:
    """How many rows to write at once, when so many took `held` seconds with the commit: PIECE on a
    calm machine."""
    return max(1, PIECE // 8, min(PIECE, int(rows * HELD_S / max(held, HELD_S / 8))))


async def note(
    connection: AsyncConnection,
    made: Import,
    place: int,
    counts: Mapping[str, int],
    shared: Mapping[str, Any],
) -> None:
    """How far the run is. The caller commits."""
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
