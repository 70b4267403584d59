"""The list of calls as a file [7.5], as long work: read in pieces, written as they come."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.calls.list_views import filters_of, narrowed_to, read
from callcenter.calls.models import CallNote, CallRecord
from callcenter.calls.queries import conditions, outcome_names
from callcenter.config import ROOT
from callcenter.customers import queries as customers
from callcenter.customers.models import Customer
from callcenter.customers.numbers import shown
from callcenter.errors import N_, Forbidden
from callcenter.exports import csv_file, xlsx
from callcenter.exports.columns import Cell, Column, mapped
from callcenter.exports.csv_file import Lines
from callcenter.exports.xlsx import Value
from callcenter.jobs.work import Work
from callcenter.pages.call_words import DIRECTIONS, RESULTS, STATES
from callcenter.pages.formats import Formats, name_of
from callcenter.pages.language import Words, speak
from callcenter.people import audit
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope
from callcenter.report_files.csv_file import DELIMITER
from callcenter.report_files.work import path_of

KIND: Final = "calls_file"  # in jobs.kinds
TITLE: Final = N_("Calls")
PIECE: Final = 5_000  # calls read at once
COLUMNS: Final = (
    Column("at", N_("Time"), Cell.TIME),
    Column("direction", N_("Direction"), width=12),
    Column("number", N_("Number"), width=16),
    Column("customer", N_("Customer"), width=28),
    Column("agent", N_("Employee"), width=24),
    Column("department", N_("Department")),
    Column("queue", N_("Queue")),
    Column("did", N_("Our number"), width=16),
    Column("waited", N_("Waited"), Cell.DURATION, width=10),
    Column("talked", N_("Talked"), Cell.DURATION, width=10),
    Column("held", N_("Hold time"), Cell.DURATION, width=10),
    Column("result", N_("Result"), width=16),
    Column("outcome", N_("Outcome"), width=22),
    Column("note", N_("Note"), width=40),
    Column("id", N_("Call’s code"), width=20),
)


class CallsWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken out: the job's params. `of` is the query of the list's address."""

    format: str  # xlsx, csv
    of: str
    user_id: int
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class _Names:
    """What stands for ids and codes, in the language of the file."""

    directory: Directory
    directions: Mapping[str, str]
    results: Mapping[str, str]
    outcomes: Mapping[str, str]
    going_on: str
    zone: ZoneInfo


async def run(work: Work) -> dict[str, Any]:
    """Raises Forbidden when whoever wished it may no longer; cancelled it leaves nothing."""
    wish = msgspec.convert(work.params, CallsWish)
    speak(wish.language)
    path = path_of(work.folder, wish.format)
    part = path.with_suffix(".part")
    sessions = async_sessionmaker(work.engine, expire_on_commit=False)
    directory, words = Directory(), Words(ROOT / "web" / "locale")
    await directory.load(sessions)
    try:
        async with sessions() as session:
            written = await _write(work, session, directory, words, wish, part)
            told = {"title": TITLE, "format": wish.format, "rows": written}
            detail = told | {"asked": dict(parse_qsl(wish.of))}
            audit.note(
                session, wish.user_id, "report-exported", msgspec.json.encode(detail).decode()
            )
            await session.commit()
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    day = Formats(ZoneInfo(wish.zone)).today()
    name = f"{words.say(TITLE)} {day}.{wish.format}"
    return {"rows": written, "size": path.stat().st_size, "name": name}


def scope_of(directory: Directory, user_id: int) -> Scope:
    """Which calls they may take out: as far as both rights reach. Raises Forbidden."""
    person = directory.person(user_id)
    rights = directory.rights_of(person) if person else None
    if person is None or rights is None or not rights.may(Permission.EXPORT):
        raise Forbidden(N_("You may not do this."))
    nearer = min(Permission.EXPORT, Permission.CALLS, key=rights.reach)
    return directory.scope_of(person, nearer)


async def _write(
    work: Work,
    session: AsyncSession,
    directory: Directory,
    words: Words,
    wish: CallsWish,
    part: Path,
) -> int:
    """The rows into `part`; how many they are."""
    zone = ZoneInfo(wish.zone)
    scope = scope_of(directory, wish.user_id)
    asked, chosen = read(dict(parse_qsl(wish.of)), Formats(zone).today())
    wanted = conditions(filters_of(directory, zone, asked, chosen))
    narrow = narrowed_to(scope, asked)
    counted = narrow(select(func.count()).select_from(CallRecord).where(*wanted))
    expected = await session.scalar(counted) or 0
    names = _Names(
        directory,
        {key: words.say(each.text) for key, each in DIRECTIONS.items()},
        {key: words.say(each.text) for key, each in RESULTS.items()},
        {code: name_of(each) for code, each in (await outcome_names(session)).items()},
        words.say(next(iter(STATES.values())).text),
        zone,
    )
    written = 0
    work.progress(0, expected)
    with _file(wish, part, words, expected) as file:
        async for rows in _pieces(session, narrow(_statement().where(*wanted)), names):
            work.check()
            file.write(rows)
            written += len(rows)
            work.progress(written, max(expected, written))
    return written


def _file(
    wish: CallsWish, part: Path, words: Words, expected: int
) -> AbstractContextManager[Lines]:
    headings = [words.say(each.label) for each in COLUMNS]
    if wish.format == "csv":
        return csv_file.table(part, headings, DELIMITER)
    return xlsx.workbook(part, words.say(TITLE), COLUMNS, headings, expected)


def _statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            CallRecord.started_at,
            CallRecord.call_id,
            CallRecord.direction,
            CallRecord.number,
            CallRecord.number_key,
            CallRecord.caller_name,
            Customer.name,
            CallRecord.user_id,
            CallRecord.department_id,
            CallRecord.queue,
            CallRecord.did,
            CallRecord.waited_s,
            CallRecord.talked_s,
            CallRecord.held_s,
            CallRecord.result,
            CallNote.outcome,
            CallNote.note,
        )
        .outerjoin(CallNote, CallNote.call_id == CallRecord.call_id)
        .outerjoin(Customer, Customer.id == CallRecord.customer_id)
        .order_by(CallRecord.started_at.desc(), CallRecord.call_id.desc())
        .limit(PIECE)
    )


async def _pieces(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], names: _Names
) -> AsyncIterator[list[Sequence[Value]]]:
    """The newest first, as the list shows them."""
    columns = (CallRecord.started_at, CallRecord.call_id)
    after: Sequence[Any] = ()
    connection = await session.connection()  # plain rows: nothing of them is to be remembered
    while True:
        there = [literal(value, each.type) for value, each in zip(after, columns, strict=False)]
        asking = statement.where(tuple_(*columns) < tuple_(*there)) if there else statement
        found = (await connection.execute(asking)).all()
        if not found:
            return
        strangers = {row[4] for row in found if row[6] is None and row[4]}
        met = await customers.of_numbers(session, strangers) if strangers else {}
        yield _rows(found, names, met)
        after = found[-1][:2]


def _rows(
    found: Sequence[Sequence[Any]], names: _Names, met: Mapping[str, Customer]
) -> list[Sequence[Value]]:
    """In words; a column at a time: see `mapped`."""
    times, codes, directions, numbers, keys, callers, customers_, *rest = zip(*found, strict=True)
    people, departments, queues, dids, waited, talked, held, results, outcomes, notes = rest
    directory = names.directory
    known = zip(customers_, keys, callers, strict=True)

    def person(user_id: int | None) -> str:
        there = directory.known(user_id) if user_id else None
        return there.name if there else ""

    def department(department_id: int | None) -> str:
        there = directory.departments.get(department_id) if department_id else None
        return there.name if there else ""

    columns: list[Iterable[Value]] = [
        [at.astimezone(names.zone) for at in times],
        mapped(lambda each: names.directions.get(each, each), directions),
        mapped(lambda each: shown(each) if each else "", numbers),
        [name or (met[key].name if key in met else caller) for name, key, caller in known],
        mapped(person, people),
        mapped(department, departments),
        mapped(lambda each: directory.queues.get(each, (each,))[0] if each else "", queues),
        mapped(lambda each: shown(each) if each else "", dids),
        waited,
        talked,
        held,
        mapped(lambda each: names.results.get(each, each) if each else names.going_on, results),
        mapped(lambda each: names.outcomes.get(each, each) if each else "", outcomes),
        notes,
        codes,
    ]
    return list(zip(*columns, strict=True))
