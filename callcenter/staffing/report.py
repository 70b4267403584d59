"""The agents' report as a table, one line an agent, and what their calls ended in beside it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import BreakReason
from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallNote, CallRecord, Outcome
from callcenter.errors import N_
from callcenter.pages.formats import name_of
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker, Column, Kind, Report, Row, Table, Value
from callcenter.staffing.columns import BOTH, Figure, calls_link, figures, time_link
from callcenter.staffing.lines import Line, lines, together
from callcenter.staffing.queries import times

NAME = Column("agent", N_("Employee"), Kind.TEXT)
DELETED = N_("Deleted employee")
ALL = N_("Total")
NONE = "-"  # the key of calls without an outcome


async def agents(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """A line for whoever was signed in, had calls or owes something, as far as one may see."""
    found = await lines(session, asker, asked)
    order = (BreakReason.offered.desc(), BreakReason.position, BreakReason.code)
    reasons = (await session.scalars(select(BreakReason).order_by(*order))).all()
    return await asyncio.to_thread(table, found, figures(reasons, found), asked)


def table(found: Sequence[Line], columns: Sequence[Figure], asked: Asked) -> Table:
    """The lines with these columns, and all together below."""
    return Table(
        columns=[NAME, *(each.column for each in columns)],
        rows=[_row(line, line.name or DELETED, columns, asked) for line in found],
        total=_row(together(found), ALL, columns, asked) if found else None,
    )


def _row(line: Line, name: str, columns: Sequence[Figure], asked: Asked) -> Row:
    values = [each.value(line) for each in columns]
    # Each address once: many columns lead to the same, and working them out takes the longest.
    href = lru_cache(None)(lambda link: link(line, asked))
    links = {
        each.column.key: href(each.href)
        for each, value in zip(columns, values, strict=True)
        if value and href(each.href)
    }
    if line.user_id:
        links[NAME.key] = href(time_link)
    plain = bool(line.user_id and line.name)
    is_message = frozenset() if plain else frozenset({NAME.key})
    return Row((name, *values), links, is_message, str(line.user_id))


async def outcomes(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    """Answered calls by what they ended in: a column for each first-level outcome, its sub-outcomes
    in it. From the calls themselves, because an outcome may be chosen or changed at any time."""
    first_level = (
        await session.scalars(
            select(Outcome).where(Outcome.parent_code.is_(None)).order_by(Outcome.position)
        )
    ).all()
    counts = await _by_outcome(session, asker, asked)
    used = {code for each in counts.values() for code in each}
    shown = [each for each in first_level if each.active or each.code in used]
    names = {user_id: asker.directory.known(user_id) for user_id in counts}
    columns = [
        NAME,
        Column("answered", N_("Answered"), Kind.COUNT, N_("Answered calls with customers.")),
        *(
            Column(
                f"outcome_{each.code}",
                name_of(each),
                Kind.COUNT,
                N_("Answered calls that ended in this outcome, or in one below it."),
                is_plain=True,
            )
            for each in shown
        ),
        Column(NONE, N_("Without an outcome"), Kind.COUNT, N_("Answered, and nothing was chosen.")),
    ]
    codes = [*(each.code for each in shown), NONE]
    rows = [
        _outcome_row(
            Line(user_id=user_id),
            person.name if person else DELETED,
            counts[user_id],
            codes,
            asked,
        )
        for user_id, person in names.items()
    ]
    rows.sort(key=lambda row: str(row.cells[0]).casefold())
    total: Counter[str] = sum(counts.values(), Counter())
    everybody = Line(people=tuple(counts))
    last = _outcome_row(everybody, ALL, total, codes, asked) if rows else None
    return Table(columns, rows, last)


async def _by_outcome(session: AsyncSession, asker: Asker, asked: Asked) -> dict[int, Counter[str]]:
    """By user id, how many calls ended in each first-level outcome, or in none."""
    since, until = times(asked, ZoneInfo(asker.zone))
    # Written out: PostgreSQL takes a value that is bound twice for two, and would not group by it.
    code = func.coalesce(Outcome.parent_code, Outcome.code, literal_column(f"'{NONE}'"))
    statement = (
        select(CallRecord.user_id, code, func.count())
        .select_from(CallRecord)
        .outerjoin(CallNote, CallNote.call_id == CallRecord.call_id)
        .outerjoin(Outcome, Outcome.code == CallNote.outcome)
        .where(CallRecord.started_at >= since, CallRecord.started_at < until)
        .where(CallRecord.result == Result.ANSWERED.value, CallRecord.user_id.is_not(None))
        .where(CallRecord.direction.in_([Direction.INBOUND.value, Direction.OUTBOUND.value]))
        .where(CallRecord.ended_at.is_not(None))
    )
    if asked.users:
        statement = statement.where(CallRecord.user_id.in_(asked.users))
    if asked.departments:
        below = frozenset[int]().union(*map(asker.directory.below, asked.departments))
        statement = statement.where(CallRecord.department_id.in_(below))
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for user_id, outcome, n in await session.execute(
        asker.scope.calls(statement).group_by(CallRecord.user_id, code)
    ):
        found[user_id or 0][outcome] += n
    return found


def _outcome_row(
    line: Line, name: str, counts: Counter[str], codes: Sequence[str], asked: Asked
) -> Row:
    links = {
        f"outcome_{code}": calls_link(direction=BOTH, result="answered", outcome=code)(line, asked)
        for code in codes
        if code != NONE and counts[code]
    }
    if counts.total():
        links["answered"] = calls_link(direction=BOTH, result="answered")(line, asked)
    links[NAME.key] = time_link(line, asked)
    plain = bool(line.user_id) and name != DELETED
    cells: tuple[Value, ...] = (name, counts.total(), *(counts[code] for code in codes))
    is_message = frozenset() if plain else frozenset({NAME.key})
    return Row(cells, links, is_message, str(line.user_id))


AGENTS = Report(
    name="agents",
    title=N_("Agents’ report"),
    answer=agents,
    about=N_(
        "Who was signed in, in which states and on which breaks, and what came of their calls."
    ),
)
OUTCOMES = Report(
    name="agent-outcomes",
    title=N_("Outcomes by employee"),
    answer=outcomes,
    about=N_("What the calls of each employee ended in."),
)
