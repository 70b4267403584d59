"""Customers interacted with in the period, and those nobody has [7.6]."""

from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Integer,
    LargeBinary,
    case,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import LateChange
from callcenter.care import met, narrowing, sums
from callcenter.care.bounds import begins, ends
from callcenter.care.employees import employees, owned, whose
from callcenter.care.models import MetDay, MetMonth
from callcenter.customers.models import Customer
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker, Column, Kind, Row, Table
from callcenter.reports.pieces import Piece

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
    was = await _was_touched(session, asker, asked)
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


async def _was_touched(session: AsyncSession, asker: Asker, asked: Asked) -> ColumnElement[bool]:
    """On Customer: from the rows of months and days (care.met), and of few days without any from
    their interactions; of many from each customer's."""
    zone, since, until = asker.zone, begins(asked.since, asker.zone), ends(asked.until, asker.zone)
    summed = (await sums.known(session, ZoneInfo(zone))).until
    parts = sums.split([Piece(asked.since, asked.until)], sums.Known(summed, frozenset()))
    if sum(each.days for _, each in parts.others) > FEW_DAYS:
        return narrowing.touched(since, until)
    # Before the rows are read: a row that is made anew meanwhile is right about these as well.
    changed = await session.execute(
        select(Customer.id, narrowing.touched(since, until)).where(
            Customer.id.in_(select(LateChange.customer_id))
        )
    )
    anew = {customer_id: was for customer_id, was in changed}
    days = (MetDay.day.between(each.since, each.until) for _, each in parts.days)
    rows = [
        *await session.scalars(select(MetMonth.customers).where(MetMonth.month.in_(parts.months))),
        *await session.scalars(select(MetDay.customers).where(or_(false(), *days))),
    ]
    found = met.together(rows)
    for _, each in parts.others:
        found |= await met.asked(session, begins(each.since, zone), ends(each.until, zone))
    found = found & ~met.bits(anew) | met.bits(each for each, was in anew.items() if was)
    return _is_flagged(met.flags(found), session.get_bind().dialect.name)


def _is_flagged(flags: bytes, dialect: str) -> ColumnElement[bool]:
    """On Customer; whoever came after these were made is not."""
    given = literal(flags, LargeBinary)
    if dialect == "sqlite":
        return func.substr(given, Customer.id + 1, 1) == literal(b"1", LargeBinary)
    # A fifth quicker there than substr; beyond the end it would be an error.
    return case((Customer.id < len(flags), func.get_byte(given, Customer.id)), else_=0) == ord("1")


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
