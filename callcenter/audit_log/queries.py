"""Questions about the audit's entries."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.keyset import Cut
from callcenter.people.models import AuditEntry, User
from callcenter.people.rights import Statement

Line = tuple[AuditEntry, str | None]  # with the name of whoever did it; None: the system


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilters:
    """Empty values do not filter. `since` is included, `until` is not."""

    text: str = ""  # a piece of what it says
    user_id: int | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


async def entries_cut(session: AsyncSession, filters: LogFilters, cursor: str = "") -> Cut[Line]:
    """The newest first."""
    statement = select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.user_id)
    columns = (AuditEntry.at, AuditEntry.id)
    return await keyset.cut(
        session, _narrowed(statement, filters), columns, descending=True, cursor=cursor
    )


async def entries_count(session: AsyncSession, filters: LogFilters) -> int:
    """How many those are, counted up to keyset.MOST + 1."""
    return await keyset.count(session, _narrowed(select(AuditEntry.id), filters))


async def people(session: AsyncSession) -> list[tuple[int, str]]:
    """Everybody who ever had an account, by name: who has left may have done it."""
    rows = await session.execute(select(User.id, User.name).order_by(User.name, User.id))
    return [(id, name) for id, name in rows]


def _narrowed(statement: Statement, filters: LogFilters) -> Statement:
    if filters.user_id is not None:
        statement = statement.where(AuditEntry.user_id == filters.user_id)
    if filters.action:
        statement = statement.where(AuditEntry.action == filters.action)
    if filters.since:
        statement = statement.where(AuditEntry.at >= filters.since)
    if filters.until:
        statement = statement.where(AuditEntry.at < filters.until)
    for word in filters.text.split():
        statement = statement.where(AuditEntry.detail.icontains(word, autoescape=True))
    return statement
