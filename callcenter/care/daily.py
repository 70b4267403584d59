"""Interactions one by one [7.9]: those of a day, or of whatever a number of a report counted."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.activities.models import Activity
from callcenter.calls.models import CallNote
from callcenter.care.bounds import begins, ends
from callcenter.care.channels import Channel, channels
from callcenter.care.models import ALL, MEANING, Interaction
from callcenter.care.narrowing import narrowed
from callcenter.care.sums import summed
from callcenter.customers.models import Customer
from callcenter.errors import N_, Invalid
from callcenter.keyset import Cut
from callcenter.people.models import User
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker, Column, Kind, Row, Table
from callcenter.reports.pieces import Piece

MOST = 20_000  # of a file
COLUMNS = (
    Column("at", N_("Time"), Kind.MOMENT, MEANING),
    Column("customer", N_("Customer"), Kind.TEXT),
    Column("employee", N_("Employee"), Kind.TEXT),
    Column("channel", N_("Channel"), Kind.TEXT),
    Column("what", N_("Name of the activity"), Kind.TEXT),
    Column("note", N_("Note"), Kind.TEXT),
    Column(
        "seconds",
        N_("Length"),
        Kind.SECONDS,
        N_("How long was talked, or the minutes given with the activity."),
    ),
)


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
        edge=ends(asked.until, asker.zone),
    )


async def interactions_count(session: AsyncSession, asker: Asker, asked: Asked) -> int:
    """How many those are."""
    found = await summed(session, asker, asked, [Piece(asked.since, asked.until)])
    return sum(each.interactions for each in found.values())


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """All of them, for a file. Raises Invalid for more than MOST."""
    titles = {each.key: each for each in await channels(session)}
    found = await session.execute(
        select(Interaction, User.name, Customer.name)
        .add_columns(Activity.name, func.coalesce(Activity.description, CallNote.note))
        .outerjoin(User, User.id == ALL.user_id)
        .outerjoin(Customer, Customer.id == Interaction.customer_id)
        .outerjoin(Activity, Activity.id == Interaction.activity_id)
        .outerjoin(CallNote, CallNote.call_id == Interaction.call_id)
        .where(*_of_period(asker, asked))
        .order_by(ALL.at.desc(), Interaction.key.desc())
        .limit(MOST + 1)
    )
    rows = [_row(titles, *row) for row in found]
    if len(rows) > MOST:
        raise Invalid(N_("More than {n} interactions: choose fewer days, please."), n=MOST)
    return Table(COLUMNS, rows)


def _row(
    titles: Mapping[tuple[str, int | None], Channel],
    one: Interaction,
    employee: str | None,
    customer: str | None,
    what: str | None,
    note: str | None,
) -> Row:
    channel = titles.get((one.channel, one.type_id))
    return Row(
        (
            *(one.at, customer, employee, channel.title if channel else ""),
            *(what, note, one.seconds),
        ),
        is_message=frozenset({"channel"} if channel and channel.is_message else ()),
        key=one.key,
    )


def _of_period(asker: Asker, asked: Asked) -> list[ColumnElement[bool]]:
    return [
        *narrowed(asker, asked, ALL),
        ALL.at >= begins(asked.since, asker.zone),
        ALL.at < ends(asked.until, asker.zone),
    ]
