"""Care time per month [7.8]: how long was interacted, by channel; shortest, longest, average."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.care.channels import Channel, channels
from callcenter.care.models import MEANING
from callcenter.care.sums import Times, summed, together
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.reports.asked import Asked, Step, query_of
from callcenter.reports.frame import Asker, Column, Kind, Row, Table
from callcenter.reports.pieces import Piece, pieces

_KNOWN = N_("Of the interactions whose length is known: calls, and activities with minutes.")
COLUMNS = (
    Column("month", N_("Month"), Kind.MONTH, N_("A month of the company's calendar.")),
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


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """One row for each month and channel in which something was, the newest month first."""
    months = pieces(by_month(asked))
    offered = await channels(session)
    times = await summed(session, asker, asked, months)
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
