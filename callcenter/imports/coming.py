"""The rows of a run, piece by piece: each is made ready while the one before it is written.

What makes them takes as long as what writes them, and nobody else need wait for it.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.imports.duplicates import Seen
from callcenter.imports.kept import Kept, lines_of
from callcenter.imports.lines import Line
from callcenter.imports.models import ImportRow
from callcenter.imports.pieces import (
    PIECE,
    Order,
    Ready,
    Taking,
    holds_true,
    made_ready,
    refused_rows,
    writing_of,
)
from callcenter.imports.writing import Insert, Statement, own_code


class Coming:
    """The pieces of an import from its place on; `seen` is what the rows before them have."""

    def __init__(self, order: Order, seen: Seen, dialect: Dialect) -> None:
        self._order = order
        self._kept = Kept(order.stored.folder, order.known.rules)
        self._taking = Taking(order.known, seen, writing_of(dialect, order.made))
        self._refused = Insert(dialect, ImportRow.__table__)
        self._place = order.made.place
        self._rest: list[Line] = []  # were read with those before them
        self._version = -1

    async def next(
        self, connection: AsyncConnection, many: int, before: Ready | None = None
    ) -> Ready:
        """The next piece, with its errors, of so many rows if there are, asked through this
        connection. `before`: the one that is being written."""
        lines, self._rest = await asyncio.to_thread(self._read, self._place, many, self._rest)
        after = max(before.ids, default=0) if before else 0
        ready = await self._made(connection, lines, self._place, after)
        self._place += len(lines)
        return ready

    async def true(self, connection: AsyncConnection, ready: Ready, before: Ready | None) -> Ready:
        """That piece, made once more if it is not what the database says now. `before`: the one
        that was written last. The caller holds the lock."""
        by_hand = {line.values["code"] for line in ready.lines}
        ours = map(own_code, before.ids) if before else ()
        changed = await self._changed(connection)  # asked each time: since the last time it counts
        if not changed and by_hand.isdisjoint(ours):
            return ready
        if await holds_true(connection, ready):
            return ready
        self._taking.seen.leave(ready.lines)
        self._taking.known.sharer.go_on(ready.before)
        n = len(ready.lines)
        lines, _ = await asyncio.to_thread(self._read, ready.place, n, [])
        return await self._made(connection, lines, ready.place)

    async def _changed(self, connection: AsyncConnection) -> bool:
        """Whether somebody else may have written since it was asked last."""
        if connection.dialect.name != "sqlite":
            return True
        before, answer = self._version, await connection.exec_driver_sql("PRAGMA data_version")
        self._version = answer.scalar_one()
        return before != self._version

    async def _made(
        self, connection: AsyncConnection, lines: list[Line], place: int, after: int = 0
    ) -> Ready:
        now = datetime.now(UTC)
        ready = await made_ready(connection, self._taking, lines, place, now, after)
        refused = refused_rows(self._order.made, lines, now)
        noting = await asyncio.to_thread(self._noting, refused)
        return ready._replace(statements=[*ready.statements, *noting])

    def _noting(self, refused: list[dict[str, Any]]) -> list[Statement]:
        if not refused:
            return []
        return list(self._refused.of({name: [row[name] for row in refused] for name in refused[0]}))

    def _read(self, place: int, many: int, lines: list[Line]) -> tuple[list[Line], list[Line]]:
        """`many` lines from that place on, and what was read beyond them. Those that are given are
        there already."""
        while len(lines) < many and (more := self._lines(place + len(lines))):
            lines = lines + more
        return lines[:many], lines[many:]

    def _lines(self, place: int) -> list[Line]:
        """From there to the end of the piece: those of the check are kept in the same ones."""
        first, stored = place - place % PIECE, self._order.stored
        rows = stored.rows(first, first + PIECE)
        lines = self._kept.lines(first, rows) or lines_of(rows, self._order.known.rules)
        return lines[place - first :]
