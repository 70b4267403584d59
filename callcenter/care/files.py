"""Customer interaction [7.4]: who works which files, one column for each status [6.2]."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.care.employees import Employee, employees, owned, whose
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers.models import Customer
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker, Column, Kind, Row, Table

NO_STATUS = 0  # as in lists.filters: files that have none yet

Counts = Mapping[int, int]  # a status's id, or NO_STATUS -> files


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """As it is now, whatever period is asked for."""
    people = await employees(session, asker, asked)
    counts = await _counts(session, asker, asked)
    shown = [each for each in people if each.expected or each.id in counts]
    statuses = await _statuses(session, {status for each in counts.values() for status in each})
    total: defaultdict[int, int] = defaultdict(int)
    for each in counts.values():
        for status, files in each.items():
            total[status] += files
    names = [status for status, _ in statuses]
    return Table(
        columns=_columns(statuses),
        rows=[_row(each, counts.get(each.id, {}), names) for each in shown],
        total=Row(
            (N_("Total"), "", *_numbers(total, names)),
            _links(total, names, whose(asker, asked, shown)),
            frozenset({"employee"}),
        ),
    )


async def _counts(session: AsyncSession, asker: Asker, asked: Asked) -> dict[int, Counts]:
    """Owner -> how many of their files are in each status."""
    found: defaultdict[int, Counter[int]] = defaultdict(Counter)
    rows = await session.execute(
        select(Customer.owner_id, Customer.status_id, func.count())
        .where(*owned(asker, asked))
        # As they lie in the index, else SQLite sorts them all.
        .group_by(Customer.owner_id, Customer.department_id, Customer.status_id)
    )
    for owner_id, status_id, files in rows:
        found[owner_id or 0][status_id or NO_STATUS] += files
    return dict(found)


async def _statuses(session: AsyncSession, used: set[int]) -> list[tuple[int, str]]:
    """Those of the catalogue in its order, put away ones only where files still have them; last
    that there is none, if any file has none."""
    rows = await session.execute(
        select(CatalogueItem.id, CatalogueItem.name, CatalogueItem.active)
        .where(CatalogueItem.catalogue == Catalogue.STATUS.value)
        .order_by(CatalogueItem.position, CatalogueItem.id)
    )
    found = [(item_id, name) for item_id, name, active in rows if active or item_id in used]
    return [*found, (NO_STATUS, "")] if NO_STATUS in used else found


def _columns(statuses: Sequence[tuple[int, str]]) -> list[Column]:
    in_status = N_("Customers of this employee that are in this status now.")
    return [
        Column("employee", N_("Employee"), Kind.TEXT),
        Column("type", N_("Type of employee"), Kind.TEXT),
        Column(
            "files",
            N_("Number of customer files"),
            meaning=N_("Customers that this employee owns now, without those in the bin."),
        ),
        *(
            Column(_key(status), name, meaning=in_status, is_plain=True)
            if status
            else Column(_key(status), N_("No status yet"), meaning=in_status)
            for status, name in statuses
        ),
    ]


def _row(employee: Employee, counts: Counts, statuses: Sequence[int]) -> Row:
    return Row(
        (employee.name, employee.type, *_numbers(counts, statuses)),
        _links(counts, statuses, {"owner": str(employee.id)}),
        key=str(employee.id),
    )


def _numbers(counts: Counts, statuses: Sequence[int]) -> list[int]:
    return [sum(counts.values()), *(counts.get(each, 0) for each in statuses)]


def _links(counts: Counts, statuses: Sequence[int], owners: dict[str, str]) -> dict[str, str]:
    """Of the numbers that are not 0."""
    links = {
        _key(each): address("/customers", owners, status=str(each))
        for each in statuses
        if counts.get(each)
    }
    return {"files": address("/customers", owners)} | links if counts else {}


def _key(status: int) -> str:
    return f"status-{status}"
