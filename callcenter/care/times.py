"""Care time per month [7.8]: how long was interacted, by channel; shortest, longest, average."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import CTE, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.activities.models import Activity
from callcenter.calls.models import TALKED, CallRecord
from callcenter.care.bounds import bounds
from callcenter.care.channels import Channel, channels
from callcenter.care.models import (
    MEANING,
    OF_ACTIVITIES,
    OF_CALLS,
    WHO_NOTED,
    Columns,
)
from callcenter.care.narrowing import narrowed
from callcenter.db import Base
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.people.models import User
from callcenter.reports.asked import Asked, Step, query_of
from callcenter.reports.frame import Asker, Column, Kind, Row, Table
from callcenter.reports.pieces import Piece, pieces

_KNOWN = N_("Of the interactions whose length is known: calls, and activities with minutes.")
COLUMNS = (
    Column("month", N_("Month"), Kind.DAY, N_("A month of the company's calendar.")),
    Column("channel", N_("Channel"), Kind.TEXT),
    Column("interactions", N_("Interactions"), meaning=MEANING),
    Column(
        "seconds",
        N_("Total time"),
        Kind.SECONDS,
        N_("How long was talked in calls, and the minutes given with activities."),
    ),
    Column("shortest", N_("Minimum"), Kind.SECONDS, _KNOWN),
    Column("longest", N_("Maximum"), Kind.SECONDS, _KNOWN),
    Column("average", N_("Average length"), Kind.SECONDS, _KNOWN),
)


class Times(NamedTuple):
    """Seconds of so many interactions; `timed` of them have a length, the others None."""

    interactions: int
    timed: int
    seconds: float
    shortest: float | None
    longest: float | None


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """One row for each month and channel in which something was, the newest month first."""
    months = pieces(by_month(asked))
    offered = await channels(session)
    times = await _times(session, asker, asked, months)
    found = [
        (months[place], channel, times[place, channel.key])
        for place in reversed(range(len(months)))
        for channel in offered
        if (place, channel.key) in times
    ]
    whole = together(times for _, _, times in found)
    query = query_of(asked)
    return Table(
        COLUMNS,
        [_row(piece, channel, times, query) for piece, channel, times in found],
        Row(
            (None, None, *_cells(whole)),
            {"interactions": address("/reports/interactions", query)} if found else {},
        ),
        step=Step.MONTH,
    )


def by_month(asked: Asked) -> Asked:
    """Whatever step is asked for: there are only months here."""
    return msgspec.structs.replace(asked, step=Step.MONTH)


async def _times(
    session: AsyncSession, asker: Asker, asked: Asked, months: Sequence[Piece]
) -> dict[tuple[int, tuple[str, int | None]], Times]:
    """By place among the months and key of the channel."""
    cut = bounds(months, asker.zone)
    talks = _sums(cut, asker, asked, OF_CALLS, CallRecord).where(TALKED)
    notes = _sums(cut, asker, asked, OF_ACTIVITIES, Activity).outerjoin(User, WHO_NOTED)
    return {
        (place, (channel, type_id)): Times(many, timed, seconds or 0.0, shortest, longest)
        for statement in (talks, notes)
        for place, channel, type_id, many, timed, seconds, shortest, longest in (
            await session.execute(statement)
        )
    }


def _sums(
    cut: CTE, asker: Asker, asked: Asked, of: Columns, table: type[Base]
) -> Select[*tuple[Any, ...]]:
    by, length = (cut.c.place, of.channel, of.type_id), of.seconds
    return (
        select(*by, func.count(), func.count(length), func.sum(length))
        .add_columns(func.min(length), func.max(length))
        .join_from(cut, table, (of.at >= cut.c.start) & (of.at < cut.c.stop))
        .where(*narrowed(asker, asked, of))
        .group_by(*by)
    )


def together(several: Iterable[Times]) -> Times:
    """The same of all of them."""
    parts = list(several)
    return Times(
        sum(each.interactions for each in parts),
        sum(each.timed for each in parts),
        sum(each.seconds for each in parts),
        min((each.shortest for each in parts if each.shortest is not None), default=None),
        max((each.longest for each in parts if each.longest is not None), default=None),
    )


def _row(piece: Piece, channel: Channel, times: Times, query: dict[str, str]) -> Row:
    link = address("/reports/interactions", query, **piece.link, **channel.query)
    return Row(
        (piece.since, channel.title, *_cells(times)),
        {"interactions": link},
        frozenset({"channel"}) if channel.is_message else frozenset(),
        "-".join(map(str, channel.key)),
    )


def _cells(times: Times) -> tuple[int, float, float | None, float | None, float | None]:
    average = times.seconds / times.timed if times.timed else None
    return times.interactions, times.seconds, times.shortest, times.longest, average
