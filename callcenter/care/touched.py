"""Customers interacted with in the period, and those nobody has [7.6]."""

from sqlalchemy import ColumnElement, Integer, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.care import narrowing
from callcenter.care.bounds import begins, ends
from callcenter.care.employees import employees, owned, whose
from callcenter.customers.models import Customer
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker, Column, Kind, Row, Table

FEW_DAYS = 31  # beyond, to look at each customer is quicker than to read all interactions
COLUMNS = (
    Column("employee", N_("Employee"), Kind.TEXT),
    Column(
        "files",
        N_("Number of customer files"),
        meaning=N_("Customers that this employee owns now, without those in the bin."),
    ),
    Column(
        "touched",
        N_("Interacted"),
        meaning=N_(
            "Of these, customers with whom anybody of the company had an interaction in the period."
        ),
    ),
    Column(
        "untouched",
        N_("Not interacted"),
        meaning=N_("Of these, customers with whom nobody had an interaction in the period."),
    ),
    Column(
        "share",
        N_("Share interacted"),
        Kind.SHARE,
        N_("Customers interacted with, divided by the customer files."),
    ),
)


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """One row for each employee who has files."""
    was = _was_touched(asker, asked)
    touched = func.sum(case((was, 1), else_=0)).cast(Integer)
    found = await session.execute(
        select(Customer.owner_id, func.count(), touched)
        .where(*owned(asker, asked))
        .group_by(Customer.owner_id)
    )
    counts = {owner_id: (files, many) for owner_id, files, many in found}
    people = [each for each in await employees(session, asker, asked) if each.id in counts]
    days = f"{asked.since.isoformat()},{asked.until.isoformat()}"
    files, many = (sum(each[place] for each in counts.values()) for place in (0, 1))
    return Table(
        COLUMNS,
        [
            _row(each.name, *counts[each.id], {"owner": str(each.id)}, days, key=str(each.id))
            for each in people
        ],
        _row(N_("Total"), files, many, whose(asker, asked, people), days),
    )


def _was_touched(asker: Asker, asked: Asked) -> ColumnElement[bool]:
    """On Customer, in the way that is quicker for so many of them and so many days."""
    since, until = begins(asked.since, asker.zone), ends(asked.until, asker.zone)
    everybodys = asker.scope.everything and not (asked.users or asked.departments)
    if everybodys and asked.days <= FEW_DAYS:
        return Customer.id.in_(narrowing.met(since, until))
    return narrowing.touched(since, until)


def _row(
    name: str,
    files: int,
    touched: int,
    owners: dict[str, str],
    days: str,
    key: str = "",
) -> Row:
    counts = {"files": files, "touched": touched, "untouched": files - touched}
    links = {
        "files": address("/customers", owners),
        "touched": address("/customers", owners, touched=days),
        "untouched": address("/customers", owners, untouched=days),
    }
    return Row(
        (name, files, touched, files - touched, touched / files if files else None),
        {name: links[name] for name, count in counts.items() if count},
        frozenset() if key else frozenset({"employee"}),
        key,
    )
