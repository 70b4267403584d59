"""What happened with a customer, newest first, out of several sources on one line of time.

A source is a function of (session, customer_id, before, limit): its entries with `at` < `before`,
newest first, at most so many. Rooms append theirs to SOURCES. Calls come from the page, which knows
which of them may be seen.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.models import CustomerChange

PAGE = 30  # entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Drawn by `template`, which is given `entry`; `kind` is what the page filters by."""

    at: datetime
    key: str  # unique among all entries
    kind: str  # "call", "status", "activity", "document", "file"
    icon: str
    template: str  # below web/templates
    by: int | None = None  # a user's id
    values: Mapping[str, Any] = field(default_factory=dict)


Source = Callable[[AsyncSession, int, datetime, int], Awaitable[Sequence[Entry]]]

# Of the history, what is worth a line here; the rest stands in the tab of changes.
TOLD = {
    "created": "plus",
    "owner": "team",
    "merged": "users",
    "restored": "check",
    "shared": "users",
}


async def statuses(
    session: AsyncSession, customer_id: int, before: datetime, limit: int
) -> Sequence[Entry]:
    """Changes of the profile's status [6.3]."""
    return await _changes(session, customer_id, before, limit, {"status": "edit"}, "status")


async def milestones(
    session: AsyncSession, customer_id: int, before: datetime, limit: int
) -> Sequence[Entry]:
    """The file itself: made, given to somebody, shared, merged."""
    return await _changes(session, customer_id, before, limit, TOLD, "file")


SOURCES: list[Source] = [statuses, milestones]


async def timeline(
    session: AsyncSession,
    sources: Iterable[Source],
    customer_id: int,
    before: datetime,
    kind: str = "",
    limit: int = PAGE,
) -> tuple[list[Entry], datetime | None]:
    """About `limit` entries before that time, of one kind or all; and where the next ones begin.

    Entries of one moment are not torn apart. None: there are no more.
    """
    found: list[Entry] = []
    for source in sources:
        found += await source(session, customer_id, before, limit + 1)
    wanted = [entry for entry in found if kind in ("", entry.kind)]
    wanted.sort(key=lambda entry: (entry.at, entry.key), reverse=True)
    cut = limit
    while 0 < cut < len(wanted) and wanted[cut].at == wanted[cut - 1].at:
        cut += 1
    more = len(wanted) > cut
    return wanted[:cut], wanted[cut - 1].at if more else None


async def _changes(
    session: AsyncSession,
    customer_id: int,
    before: datetime,
    limit: int,
    icons: Mapping[str, str],
    kind: str,
) -> list[Entry]:
    rows = await session.scalars(
        select(CustomerChange)
        .where(CustomerChange.customer_id == customer_id, CustomerChange.at < before)
        .where(CustomerChange.field.in_(icons))
        .order_by(CustomerChange.at.desc(), CustomerChange.id.desc())
        .limit(limit)
    )
    return [
        Entry(
            at=row.at,
            key=f"change-{row.id:012}",
            kind=kind,
            icon=icons[row.field],
            template="customers/timeline_change.html",
            by=row.user_id,
            values={"field": row.field, "old": row.old, "new": row.new},
        )
        for row in rows
    ]
