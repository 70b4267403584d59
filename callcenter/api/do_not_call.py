"""The do-not-call list: read it, put a number on our own list, take it off again."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.api.parties import names_of, person_ref
from callcenter.api.table import table
from callcenter.api.types import Cursor, PersonRef, Time, Wire
from callcenter.customers.numbers import key_of, shown
from callcenter.dialling import finding, listed
from callcenter.dialling.days import end_of, last_day
from callcenter.dialling.models import LONGEST, DoNotCall
from callcenter.errors import Missing
from callcenter.keys import CONFIG, SESSIONS
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in

Number = Annotated[str, Meta(min_length=1, max_length=64)]
Reason = Annotated[str, Meta(max_length=LONGEST, description="Kept; whoever calls reads it.")]


class ListFilter(Wire):
    """Without digits our own list, the newest first; with some, what has them on any list."""

    q: Annotated[str, Meta(max_length=64)] = ""
    cursor: Cursor = ""


class BarredNumber(Wire):
    """`until` is the last day on which it must not be called, null: for good."""

    number: str
    shown: str
    list: Literal["own", "national"]
    reason: str
    added_by: PersonRef | None
    added_at: Time
    until: date | None


class BarredNumbers(Wire):
    items: list[BarredNumber]
    next: str | None


class NewBarred(Wire):
    number: Number
    reason: Reason
    until: date | None = None


class Freed(Wire):
    number: Number
    reason: Reason


class FreedNumber(Wire):
    number: str


@table.endpoint(
    "GET",
    "/do-not-call",
    "Numbers that must not be called",
    BarredNumbers,
    query=ListFilter,
    needs=Permission.SWITCHBOARD,
)
async def list_barred(request: web.Request, query: ListFilter) -> BarredNumbers:
    async with request.app[SESSIONS]() as session:
        cut = await finding.found(session, query.q, query.cursor)
        items = await _items(request, session, [row for (row,) in cut.rows])
    return BarredNumbers(items=items, next=cut.after or None)


@table.endpoint(
    "POST",
    "/do-not-call",
    "Put a number on our own list, or give it another reason and last day there",
    BarredNumber,
    status=201,
    body=NewBarred,
    needs=Permission.SWITCHBOARD,
)
async def bar(request: web.Request, new: NewBarred) -> BarredNumber:
    zone, by = request.app[CONFIG].zone, signed_in(request).user.id
    until = end_of(new.until.isoformat(), zone) if new.until else None
    wish = listed.Wish(number=new.number, reason=new.reason, until=until)
    async with request.app[SESSIONS].begin() as session:
        row = await listed.put(session, wish, by, datetime.now(UTC))
        (item,) = await _items(request, session, [row])
    return item


@table.endpoint(
    "POST",
    "/do-not-call/remove",
    "Take a number off our own list; why is kept",
    FreedNumber,
    body=Freed,
    errors=(Missing,),
    needs=Permission.SWITCHBOARD,
)
async def free(request: web.Request, freed: Freed) -> FreedNumber:
    by, key = signed_in(request).user.id, key_of(freed.number)
    async with request.app[SESSIONS].begin() as session:
        await listed.remove(session, key, freed.reason, by, datetime.now(UTC))
    return FreedNumber(number=key)


async def _items(
    request: web.Request, session: AsyncSession, rows: list[DoNotCall]
) -> list[BarredNumber]:
    names = await names_of(session, [row.added_by for row in rows])
    zone = request.app[CONFIG].zone
    return [
        BarredNumber(
            number=row.number_key,
            shown=shown(row.number_key),
            list=row.source,  # type: ignore[arg-type]  # a Source
            reason=row.reason,
            added_by=None if row.added_by is None else person_ref(row.added_by, names),
            added_at=row.added_at,
            until=last_day(row.until, zone),
        )
        for row in rows
    ]
