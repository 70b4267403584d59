"""Interactions one by one [7.9]: those of a day, or of whatever a number of a report counted."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.care.employees import department_ids
from callcenter.care.interactions import ALL, Columns, Interaction, seen_by
from callcenter.care.pieces import begins, ends
from callcenter.keyset import Cut
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker


async def interactions_cut(
    session: AsyncSession, asker: Asker, asked: Asked, *, cursor: str = "", limit: int = 50
) -> Cut[tuple[Interaction]]:
    """The newest first. Raises Invalid for a cursor that is none."""
    return await keyset.cut(
        session,
        select(Interaction).where(*_of_period(asker, asked)),
        (Interaction.at, Interaction.key),
        descending=True,
        cursor=cursor,
        limit=limit,
    )


async def interactions_count(session: AsyncSession, asker: Asker, asked: Asked) -> int:
    """How many those are, counted up to keyset.MOST + 1."""
    return await keyset.count(session, select(Interaction.key).where(*_of_period(asker, asked)))


def narrowed(asker: Asker, asked: Asked, of: Columns) -> list[ColumnElement[bool]]:
    """Those one may see, of those people and channels, of whatever time."""
    found = [seen_by(asker.scope, of)]
    if asked.users:
        found.append(of.user_id.in_(asked.users))
    if (departments := department_ids(asker, asked)) is not None:
        found.append(of.department_id.in_(departments))
    ways = list[ColumnElement[bool]]()
    if asked.direction:
        ways.append(of.channel == asked.direction)
    if asked.types:
        ways.append(of.type_id.in_(asked.types))
    return [*found, or_(*ways)] if ways else found


def _of_period(asker: Asker, asked: Asked) -> list[ColumnElement[bool]]:
    return [
        *narrowed(asker, asked, ALL),
        ALL.at >= begins(asked.since, asker.zone),
        ALL.at < ends(asked.until, asker.zone),
    ]
