"""Some rows at a time: judged against the customers of this moment, and taken in or refused."""

import asyncio
import gc
import sys
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Dialect, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker

from callcenter.errors import N_, Invalid, Missing
from callcenter.imports.duplicates import Holders, Seen, holders
from callcenter.imports.known import Known, known_for
from callcenter.imports.lines import Line
from callcenter.imports.models import Import, ImportRow, RowState
from callcenter.imports.sharing import Place
from callcenter.imports.stored import Stored
from callcenter.imports.verdicts import REFUSED, Flag
from callcenter.imports.writing import (
    Statement,
    Writing,
    codes_taken,
    free,
    own_code,
    put,
    reserve,
)
from callcenter.people.directory import Directory
from callcenter.people.models import User

_TURN_S: Final = 0.0005  # of a thread: the one that writes must not wait for the one that reads
PIECE: Final = 2_000  # rows of a transaction, at most: see turns.HELD_S
_COLLECTING: Final = (200_000, 50, 50)  # rows are many objects, and none of them a circle


class Order(NamedTuple):
    """An import as a job finds it: itself, what is known now, and its rows."""

    made: Import
    known: Known
    stored: Stored


async def order_of(engine: AsyncEngine, params: Mapping[str, Any]) -> Order:
    """What a job was told: {"import_id", "folder"}. Raises Missing, Conflict, Forbidden."""
    gc.freeze()
    gc.set_threshold(*_COLLECTING)
    sys.setswitchinterval(_TURN_S)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    directory = Directory()
    await directory.load(sessions)
    async with sessions() as session:
        made = await session.get(Import, params["import_id"])
        if made is None:
            raise Missing(N_("There is no such import."))
        begun = made.place > 0
        known = await known_for(session, directory, made, begun=begun)
    return Order(made, known, stored_of(made, Path(params["folder"])))


def stored_of(made: Import, folder: Path) -> Stored:
    """The rows of its file. Raises Invalid once they are gone."""
    try:
        return Stored(folder, has_headings=made.has_headings)
    except FileNotFoundError:
        raise Invalid(N_("This file is not kept any more. Upload it again.")) from None


class Taking(NamedTuple):
    """By what lines are judged, what the rows before them have, and what writes them."""

    known: Known
    seen: Seen
    writing: Writing


class Ready(NamedTuple):
    """Some lines as they were judged, and what writes those accepted, with what the database said
    of them: `active` people, `found` holders, codes `taken` of the customers' `ids`."""

    place: int
    lines: Sequence[Line]
    ids: Sequence[int]
    statements: Sequence[Statement]
    active: Set[int]
    found: Holders
    taken: Set[str]
    before: Mapping[str, Any]  # where the sharing stood
    shared: Mapping[str, Any]  # and where it stands then

    def accepted(self) -> list[Line]:
        return [line for line in self.lines if not line.reasons]


async def judge(
    connection: AsyncConnection, lines: Sequence[Line], known: Known, seen: Seen, place: int
) -> None:
    """Give each line its reasons and notes."""
    _judge(lines, await holders(connection, lines), known, seen, place)


def _judge(
    lines: Sequence[Line], found: Holders, known: Known, seen: Seen, place: int
) -> tuple[list[Line], list[Place]]:
    """Those accepted, and where each of them goes."""
    for line in lines:
        seen.judge(line, found)
    accepted = [line for line in lines if not line.reasons]
    places = known.sharer.shares([line.named for line in accepted], place)
    if known.sharer.choices.destination == "people":
        for line, where in zip(accepted, places, strict=True):
            if where.owner_id is None:
                line.notes |= Flag.BEYOND
    return accepted, places


async def made_ready(
    connection: AsyncConnection,
    taking: Taking,
    lines: Sequence[Line],
    place: int,
    now: datetime,
    after: int = 0,
) -> Ready:
    """Judge the lines, and make what writes them. `after`: as in writing.reserve.

    Nobody else can write while the caller holds the lock (writing.hold). Without it holds_true
    tells, once it is held, whether all is still as it was.
    """
    known, seen, writing = taking
    active = await _active(connection)
    found, before = await holders(connection, lines), known.sharer.kept()
    known.sharer.only(active)
    accepted, places = await asyncio.to_thread(_judge, lines, found, known, seen, place)
    ids = await reserve(connection, len(accepted), after)
    taken = await codes_taken(connection, ids)
    ours = taken | seen.among("code", map(own_code, ids))
    statements = await asyncio.to_thread(writing.statements, ids, ours, accepted, places, now)
    after_it = known.sharer.kept()
    return Ready(place, lines, ids, statements, active, found, taken, before, after_it)


async def holds_true(connection: AsyncConnection, ready: Ready) -> bool:
    """Whether the database says the same of them now that the caller holds the lock."""
    return (
        await free(connection, ready.ids)
        and await _active(connection) == ready.active
        and await holders(connection, ready.lines) == ready.found
        and await codes_taken(connection, ready.ids) == ready.taken
    )


async def _active(connection: AsyncConnection) -> set[int]:
    return set(await connection.scalars(select(User.id).where(User.active)))


async def take_in(
    connection: AsyncConnection, taking: Taking, lines: Sequence[Line], place: int, now: datetime
) -> dict[int, int]:
    """Judge the lines and write those accepted; the ids of their customers by number of the row.

    The caller holds the lock (writing.hold).
    """
    ready = await made_ready(connection, taking, lines, place, now)
    await put(connection, ready.statements)
    return {line.row.number: each for line, each in zip(ready.accepted(), ready.ids, strict=True)}


def refused_rows(
    made: Import, lines: Iterable[Line], now: datetime, state: RowState | None = None
) -> list[dict[str, Any]]:
    """Rows of import_rows for the lines that were refused; `state` is found out when not given."""
    return [
        {
            "import_id": made.id,
            "number": line.row.number,
            "flags": int(line.flags),
            "texts": line.row.texts,
            "reasons": line.reasons,
            "state": state or _state_of(made, line),
            "customer_id": None,
            "at": now,
        }
        for line in lines
        if line.reasons
    ]


def _state_of(made: Import, line: Line) -> RowState:
    only_duplicate = line.flags & REFUSED == Flag.DUPLICATE
    skipped = only_duplicate and made.choices.get("skip_duplicates")
    return RowState.DISCARDED if skipped else RowState.OPEN


async def note_refused(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(ImportRow), rows)


def flags_in(lines: Iterable[Line]) -> bytes:
    return bytes(int(line.flags) for line in lines)


def writing_of(dialect: Dialect, made: Import) -> Writing:
    return Writing(dialect, made.id, made.user_id)
