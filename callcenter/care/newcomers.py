"""New customers [7.7]: those an employee made, and those that were given to them."""

import asyncio
import itertools
import math
from collections.abc import Sequence

import msgspec
import numpy as np
from sqlalchemy import Integer, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.care import owners
from callcenter.care.bounds import begins, bounds, ends
from callcenter.care.employees import employees, owned, whose
from callcenter.care.owners import Owned
from callcenter.customers.models import Customer
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Asker, Column, Kind, Row, Table
from callcenter.reports.pieces import Piece, pieces

MOST_DAYS = 92  # that a table has one by one
# Place of the piece, owner, their new customers, and those of these they made.
Counts = list[tuple[int, int, int, int]]
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
    people = await employees(session, asker, asked)
    if now := await owners.now(session, came=True):
        ids = [each.id for each in people]
        counts = await asyncio.to_thread(_counted, now, ids, parts, asker.zone)
    else:
        counts = await _asked(session, asker, asked, parts)
    names = {each.id: (order, each.name) for order, each in enumerate(people)}
    counts.sort(key=lambda each: (-each[0], names[each[1]][0]))
    new, by_owner = sum(each[2] for each in counts), sum(each[3] for each in counts)
    # Encoded once for each piece: a year of some hundred people has thousands of rows.
    lists = [_came(each) for each in parts]
    all_of_them = address(_came(Piece(asked.since, asked.until)), whose(asker, asked, people))
    return Table(
        COLUMNS,
        [
            Row(
                (parts[place].since, names[owner_id][1], *_numbers(many, own)),
                _links(f"{lists[place]}&owner={owner_id}", many, own),
                key=str(owner_id),
            )
            for place, owner_id, many, own in counts
        ],
        Row((None, None, *_numbers(new, by_owner)), _links(all_of_them, new, by_owner)),
        step=asked.step,
    )


def _counted(now: Owned, people: Sequence[int], parts: Sequence[Piece], zone: str) -> Counts:
    edges = [begins(each.since, zone) for each in parts] + [ends(parts[-1].until, zone)]
    first, *later = (int(each.timestamp()) // owners.QUARTER_S for each in edges)
    # By quarters of an hour: 0 before all pieces and after them, each piece from 1 on.
    of_quarters = np.zeros(later[-1] - first + 2, np.int32)
    for place, (since, until) in enumerate(itertools.pairwise([first, *later]), 1):
        of_quarters[since - first + 1 : until - first + 1] = place
    sizes = len(parts) + 1, len(people) + 1, 2
    which = of_quarters.take(now.came - (first - 1), mode="clip") * sizes[1] + now.places(people)
    found = np.bincount(which * 2 + (now.whose & 1), minlength=math.prod(sizes))
    found = found.reshape(sizes)[1:, 1:]
    at = np.nonzero(found.any(axis=2))
    rows = zip(*(each.tolist() for each in (*at, found[at])), strict=True)
    return [(place, people[who], given + made, made) for place, who, (given, made) in rows]


async def _asked(
    session: AsyncSession, asker: Asker, asked: Asked, parts: Sequence[Piece]
) -> Counts:
    """The same of each file, by the database."""
    cut = bounds(parts, asker.zone)
    made = func.sum(case((Customer.created_by == Customer.owner_id, 1), else_=0)).cast(Integer)
    came = (Customer.assigned_at >= cut.c.start) & (Customer.assigned_at < cut.c.stop)
    found = await session.execute(
        select(cut.c.place, Customer.owner_id, func.count(), made)
        .join_from(cut, Customer, came)
        .where(*owned(asker, asked))
        .group_by(cut.c.place, Customer.owner_id)
    )
    return [(place, owner_id, new, by_owner) for place, owner_id, new, by_owner in found]


def stepped(asked: Asked) -> Asked:
    """Cut into days, weeks or months. Days of a long period would be thousands of rows: months."""
    step = asked.step
    if step not in (Step.WEEK, Step.MONTH):
        step = Step.DAY if asked.days <= MOST_DAYS else Step.MONTH
    return msgspec.structs.replace(asked, step=step)


def _came(piece: Piece) -> str:
    """The list of whoever came then."""
    return address("/customers", came=f"{piece.since.isoformat()},{piece.until.isoformat()}")


def _numbers(new: int, made: int) -> tuple[int, int, int]:
    return made, new - made, new


def _links(came: str, new: int, made: int) -> dict[str, str]:
    """Of the numbers that are not 0; `came` is the list of all of these."""
    links = {"new": came} if new else {}
    if made:
        links["made"] = f"{came}&by=owner"
    if new > made:
        links["given"] = f"{came}&by=others"
    return links
