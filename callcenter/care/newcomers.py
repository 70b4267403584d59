"""New customers [7.7]: those an employee made, and those that were given to them."""

import msgspec
from sqlalchemy import Integer, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.care.bounds import bounds
from callcenter.care.employees import employees, owned, whose
from callcenter.customers.models import Customer
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Asker, Column, Kind, Row, Table
from callcenter.reports.pieces import Piece, pieces

MOST_DAYS = 92  # that a table has one by one
COLUMNS = (
    Column("day", N_("From"), Kind.DAY, N_("The day, or the first day of the week or month.")),
    Column("employee", N_("Employee"), Kind.TEXT),
    Column(
        "made",
        N_("Self-created"),
        meaning=N_("Customers whose file their owner made, on the day they became the owner."),
    ),
    Column(
        "given",
        N_("Assigned to them"),
        meaning=N_("Customers whose file somebody else made, on the day their owner got them."),
    ),
    Column(
        "new",
        N_("New customers"),
        meaning=N_("Self-created and assigned ones that are still this employee's."),
    ),
)


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """One row for each employee and day, week or month that has new customers, newest first."""
    asked = stepped(asked)
    parts = pieces(asked)
    cut = bounds(parts, asker.zone)
    made = func.sum(case((Customer.created_by == Customer.owner_id, 1), else_=0)).cast(Integer)
    came = (Customer.assigned_at >= cut.c.start) & (Customer.assigned_at < cut.c.stop)
    found = await session.execute(
        select(cut.c.place, Customer.owner_id, func.count(), made)
        .join_from(cut, Customer, came)
        .where(*owned(asker, asked))
        .group_by(cut.c.place, Customer.owner_id)
    )
    counts = [(place, owner_id, new, by_owner) for place, owner_id, new, by_owner in found]
    people = await employees(session, asker, asked)
    names = {each.id: (order, each.name) for order, each in enumerate(people)}
    counts.sort(key=lambda each: (-each[0], names[each[1]][0]))
    new, by_owner = sum(each[2] for each in counts), sum(each[3] for each in counts)
    whole = Piece(asked.since, asked.until)
    return Table(
        COLUMNS,
        [
            _row(
                *(parts[place], names[owner_id][1], many, own),
                {"owner": str(owner_id)},
                key=str(owner_id),
            )
            for place, owner_id, many, own in counts
        ],
        _row(whole, "", new, by_owner, whose(asker, asked, people)),
        step=asked.step,
    )


def stepped(asked: Asked) -> Asked:
    """Cut into days, weeks or months. Days of a long period would be thousands of rows: months."""
    step = asked.step
    if step not in (Step.WEEK, Step.MONTH):
        step = Step.DAY if asked.days <= MOST_DAYS else Step.MONTH
    return msgspec.structs.replace(asked, step=step)


def _row(
    piece: Piece, name: str, new: int, made: int, owners: dict[str, str], key: str = ""
) -> Row:
    """Of an employee by that id, or (no `key`) of all together."""
    days = f"{piece.since.isoformat()},{piece.until.isoformat()}"
    counts = {"made": made, "given": new - made, "new": new}
    links = {
        "made": address("/customers", owners, came=days, by="owner"),
        "given": address("/customers", owners, came=days, by="others"),
        "new": address("/customers", owners, came=days),
    }
    return Row(
        (piece.since if key else None, name if key else None, made, new - made, new),
        {name: links[name] for name, count in counts.items() if count},
        key=key,
    )
