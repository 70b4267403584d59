"""Pages of a long list by the last row seen: as quick on the last page as on the first.

A cursor is opaque to whoever carries it: which way to go, and the sort values of a row.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, TypeDecorator, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.errors import N_, Invalid

MOST = 10_000  # rows counted; above it a page says "10,000+"
NEAR = (timedelta(hours=1), timedelta(days=1), timedelta(days=16))

Row = TypeVar("Row", bound=tuple[Any, ...])
Columns = Sequence[InstrumentedAttribute[Any]]


@dataclass(frozen=True, slots=True)
class Cut(Generic[Row]):
    """Some rows of a list, and the cursors of those before and after; "" where there are none."""

    rows: Sequence[Row]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Place:
    backwards: bool
    values: tuple[Any, ...]


async def cut(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    columns: Columns,
    *,
    descending: bool,
    cursor: str = "",
    limit: int = 50,
    edge: datetime | None = None,
) -> Cut[Any]:
    """At most `limit` rows of `statement`, from `cursor` on ("" from the start).

    Sorted by `columns`, the last of which is unique; none may be NULL, and the first entity of each
    row has them as attributes. `edge` says that the first is a time, and where the list begins: its
    rows are looked for near there first, for a database that would sort the whole list to have the
    beginning of it (PostgreSQL that of a union). Raises Invalid for a cursor that is none.
    """
    place = _read(cursor, columns) if cursor else _Place(backwards=False, values=())
    down = descending is not place.backwards
    if place.values:
        there = tuple_(*(literal(v, c.type) for v, c in zip(place.values, columns, strict=True)))
        statement = statement.where(_beyond(tuple_(*columns), there, down))
    statement = statement.order_by(*(c.desc() if down else c.asc() for c in columns))
    statement = statement.limit(limit + 1)
    start: Any = place.values[0] if place.values else edge
    for span in NEAR if edge else ():
        near = columns[0].between(*((start - span, start) if down else (start, start + span)))
        found = (await session.execute(statement.where(near))).all()
        if len(found) > limit:
            break
    else:
        found = (await session.execute(statement)).all()
    rows = [tuple(row) for row in found[:limit]]
    more = len(found) > limit
    if place.backwards:
        rows.reverse()
    has_before = more if place.backwards else bool(cursor)
    has_after = True if place.backwards else more
    return Cut(
        rows,
        before=_written(True, rows[0][0], columns) if rows and has_before else "",
        after=_written(False, rows[-1][0], columns) if rows and has_after else "",
    )


async def count(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> int:
    """How many rows `statement` has, counted up to MOST + 1 and no further."""
    some = statement.order_by(None).limit(MOST + 1).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


def _beyond(here: Any, there: Any, down: bool) -> ColumnElement[bool]:
    beyond: ColumnElement[bool] = here < there if down else here > there
    return beyond


def _written(backwards: bool, entity: object, columns: Columns) -> str:
    values = [getattr(entity, column.key) for column in columns]
    return base64.urlsafe_b64encode(msgspec.json.encode([backwards, *values])).decode().rstrip("=")


def _read(cursor: str, columns: Columns) -> _Place:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        backwards, *values = msgspec.json.decode(text, type=list[Any])
        if not isinstance(backwards, bool) or len(values) != len(columns):
            raise ValueError(cursor)
        typed = [msgspec.convert(v, _kind(c)) for v, c in zip(values, columns, strict=True)]
        if any(isinstance(value, datetime) and value.tzinfo is None for value in typed):
            raise ValueError(cursor)
        if not all(_is_storable(value) for value in typed):
            raise ValueError(cursor)
    except (ValueError, binascii.Error) as error:  # msgspec's errors are ValueErrors
        raise Invalid(N_("This page of the list does not exist."), field="cursor") from error
    return _Place(backwards, tuple(typed))


def _is_storable(value: object) -> bool:
    """Whether a database can be asked about it: anybody may write a cursor by hand."""
    match value:
        case str():
            return "\0" not in value
        case int():
            return abs(value) < 2**31
        case datetime():
            return 1900 < value.year < 2200
    return True


def _kind(column: InstrumentedAttribute[Any]) -> type[Any]:
    kind = column.type
    return kind.impl_instance.python_type if isinstance(kind, TypeDecorator) else kind.python_type
