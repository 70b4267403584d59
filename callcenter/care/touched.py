"""Customers interacted with in the period, and those nobody has [7.6]."""

import asyncio
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
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
from callcenter.care import met, narrowing, owners, sums
from callcenter.care.bounds import begins, ends
from callcenter.care.employees import employees, owned, whose
from callcenter.care.models import MetDay, MetMonth
from callcenter.care.owners import Owned
from callcenter.customers.models import Customer
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker, Column, Kind, Row, Table
from callcenter.reports.pieces import Piece

FEW_DAYS = 31  # beyond, to look at each customer is quicker than to read all interactions
Counts = Mapping[int, tuple[int, int]]  # owner -> files, and those of them interacted with
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
    everybody = await employees(session, asker, asked)
    was = await _met(session, asker, asked)
    now = await owners.now(session) if was is not None else None
    if was is None or now is None:
        counts = await _asked(session, asker, asked, was)
    else:
        counts = await asyncio.to_thread(_counted, now, was, [each.id for each in everybody])
    people = [each for each in everybody if each.id in counts]
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


def _counted(now: Owned, was: int, people: Sequence[int]) -> Counts:
    bits = np.frombuffer(met.written(was) or b"\0", np.uint8)  # of none numpy makes anything
    flags = np.unpackbits(bits, count=len(now.whose), bitorder="little")
    found = np.bincount(now.places(people) * 2 + flags, minlength=2 * len(people) + 2)
    rows = found.reshape(-1, 2)[1:].tolist()
    return {
        user_id: (others + many, many)
        for user_id, (others, many) in zip(people, rows, strict=True)
        if others + many
    }


async def _asked(session: AsyncSession, asker: Asker, asked: Asked, was: int | None) -> Counts:
    """The same of each file, by the database."""
    if was is None:
        since, until = begins(asked.since, asker.zone), ends(asked.until, asker.zone)
        is_met = narrowing.touched(since, until)
    else:
        is_met = _is_flagged(met.flags(was), session.get_bind().dialect.name)
    found = await session.execute(
        select(Customer.owner_id, func.count())
        .add_columns(func.sum(case((is_met, 1), else_=0)).cast(Integer))
        .where(*owned(asker, asked))
        .group_by(Customer.owner_id)
    )
    return {owner_id: (files, many) for owner_id, files, many in found}


async def _met(session: AsyncSession, asker: Asker, asked: Asked) -> int | None:
    """Bits of customers, from the rows of months and days (care.met), and of few days without any
    from their interactions; None: of many, where asking for each customer is quicker."""
    zone = asker.zone
    summed = (await sums.known(session, ZoneInfo(zone))).until
    parts = sums.split([Piece(asked.since, asked.until)], sums.Known(summed, frozenset()))
    if sum(each.days for _, each in parts.others) > FEW_DAYS:
        return None
    # Before the rows are read: a row that is made anew meanwhile is right about these as well.
    is_met = narrowing.touched(begins(asked.since, zone), ends(asked.until, zone))
    changed = await session.execute(
        select(Customer.id, is_met).where(Customer.id.in_(select(LateChange.customer_id)))
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
    return found & ~met.bits(anew) | met.bits(each for each, was in anew.items() if was)


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
