"""An export as long work, in a process of its own: read, written, noted, and only then there."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.config import ROOT
from callcenter.customers.finding import finds
from callcenter.customers.words import KINDS
from callcenter.errors import N_, Forbidden
from callcenter.exports import csv_file, reading, xlsx
from callcenter.exports.columns import Column, Subject, chosen
from callcenter.jobs.work import Work
from callcenter.lists.filters import narrowed
from callcenter.lists.selection import Selection, selected_again
from callcenter.pages.language import Words, speak
from callcenter.people import audit
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope

TITLES = {Subject.CUSTOMERS: N_("Customers"), Subject.CONTACTS: N_("Contacts")}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is exported: the job's params. `of` is a lists.selection.Selection's query."""

    subject: Subject
    format: str  # xlsx, csv
    delimiter: str
    columns: list[str]
    of: str
    user_id: int
    language: str
    zone: str


def name_of(subject: Subject, form: str) -> str:
    """What the finished file is called in the job's folder."""
    return f"{subject.value}.{form}"


async def run(work: Work) -> dict[str, Any]:
    """Raises Forbidden when whoever wished it may no longer; cancelled it leaves nothing."""
    wish = msgspec.convert(work.params, Wish)
    path = work.folder / name_of(wish.subject, wish.format)
    part = path.with_suffix(".part")
    sessions = async_sessionmaker(work.engine, expire_on_commit=False)
    directory = Directory()
    await directory.load(sessions)
    try:
        async with sessions() as session:
            ids, selection = await _chosen(session, directory, wish)
            written = await _write(work, session, wish, ids, part)
            audit.note(session, wish.user_id, "export", _told(wish, selection, written))
            await session.commit()
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return {"rows": written, "size": path.stat().st_size}


async def _chosen(
    session: AsyncSession, directory: Directory, wish: Wish
) -> tuple[Select[int], Selection]:
    """The ids of what is selected and may be exported: rights are those of now."""
    person = directory.person(wish.user_id)
    if person is None or not directory.rights_of(person).may(Permission.EXPORT):
        raise Forbidden(N_("You may not do this."))
    scope = directory.scope_of(person, Permission.EXPORT)
    selection, conditions = selected_again(wish.of), []
    if selection.filters:
        conditions = await _narrowed(session, scope, directory, selection, wish)
    return selection.customers(scope, conditions), selection


async def _narrowed(
    session: AsyncSession, scope: Scope, directory: Directory, selection: Selection, wish: Wish
) -> list[Any]:
    assert selection.filters
    plain = replace(selection.filters, q="")
    conditions: list[Any] = narrowed(plain, scope, ZoneInfo(wish.zone), directory.below)
    if selection.filters.q:
        conditions.append((await finds(session, scope, selection.filters.q)).whole)
    return conditions


async def _write(
    work: Work, session: AsyncSession, wish: Wish, ids: Select[int], part: Path
) -> int:
    """The rows into `part`; how many they are."""
    speak(wish.language)
    words = Words(ROOT / "web" / "locale")
    columns = chosen(wish.subject, wish.columns)
    headings = [words.say(column.label) for column in columns]
    known = await reading.names(session, {k: words.say(text) for k, text in KINDS.items()})
    expected = await reading.total(session, wish.subject, ids)
    title = words.say(TITLES[wish.subject])
    written = 0
    work.progress(0, expected)
    with _file(wish, part, title, columns, headings, expected) as file:
        pieces = reading.rows(session, wish.subject, ids, columns, known, ZoneInfo(wish.zone))
        async for rows in pieces:
            work.check()
            file.write(rows)
            written += len(rows)
            work.progress(written, max(expected, written))
    work.check()
    return written


def _file(
    wish: Wish,
    part: Path,
    title: str,
    columns: Sequence[Column],
    headings: Sequence[str],
    expected: int,
) -> AbstractContextManager[csv_file.Lines]:
    if wish.format == "csv":
        return csv_file.table(part, headings, wish.delimiter)
    return xlsx.workbook(part, title, columns, headings, expected)


def _told(wish: Wish, selection: Selection, rows: int) -> str:
    """For the audit: what, how many, of which selection, which columns (audit_log.words)."""
    told = {
        "subject": wish.subject.value,
        "format": wish.format,
        "rows": rows,
        "selected": len(selection.ids),
        "filters": selection.query if selection.filters is not None else "",
        "columns": [column.name for column in chosen(wish.subject, wish.columns)],
    }
    return msgspec.json.encode(told).decode()
