"""A report as it is put on paper: its table in words, with all that stands around it.

Made once, then written as xlsx, CSV or PDF, in a thread or another process: nothing here asks the
database or knows a request. Its rows are put in words one by one as they are written.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import overload
from zoneinfo import ZoneInfo

from callcenter.errors import N_
from callcenter.pages.language import Words, current
from callcenter.reports.frame import Column, Kind, Row, Table, Value
from callcenter.reports.written import FIGURES, change

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

Fact = tuple[str, str]  # what, and its value, in words


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the file. `is_change`: by how much it grew, a part of what it was."""

    title: str
    kind: Kind
    meaning: str = ""
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything in the reader's language. `company` are the lines of its header, its name first;
    `facts` what was asked. Moments in `rows` are as a clock on the wall shows them. `counted` and
    `page` are the sentences beside definitions and page numbers ({n} of {all})."""

    title: str
    company: Sequence[str]
    facts: Sequence[Fact]
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Value]]
    total: Sequence[Value] | None
    language: str
    counted: str
    page: str

    @property
    def meanings(self) -> list[Fact]:
        return [(each.title, each.meaning) for each in self.headings if each.meaning]


def paper(
    title: str, company: Sequence[str], facts: Sequence[Fact], table: Table, words: Words, zone: str
) -> Paper:
    """`table` in the language of the request; what it is compared with in columns of its own."""
    from_utc = ZoneInfo(zone)
    before = table.before
    total = None
    if table.total:
        old = before.total if before else None
        total = _row(table.total, old, table.columns, words, from_utc, compares=before is not None)
        if total and total[0] is None:
            total[0] = words.say(N_("Total"))
    return Paper(
        title=title,
        company=[clean(line) for line in company if line],
        facts=[(name, clean(value)) for name, value in facts],
        headings=_headings(table, words),
        rows=_Rows(table, words, from_utc),
        total=total,
        language=current(),
        counted=words.say(N_("How it is counted")),
        page=words.say(N_("Page {n} of {all}"), n="{n}", all="{all}"),
    )


class _Rows(Sequence[list[Value]]):
    """Those of a table, each in words when it is read: tens of thousands would hold the loop."""

    def __init__(self, table: Table, words: Words, zone: ZoneInfo) -> None:
        self._table = table
        self._words = words
        self._zone = zone

    def __len__(self) -> int:
        return len(self._table.rows)

    @overload
    def __getitem__(self, place: int) -> list[Value]: ...
    @overload
    def __getitem__(self, place: slice) -> list[list[Value]]: ...
    def __getitem__(self, place: int | slice) -> list[Value] | list[list[Value]]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        table = self._table
        before = table.before.rows[place] if table.before else None
        return _row(table.rows[place], before, table.columns, self._words, self._zone)


def clean(text: str) -> str:
    """Without control characters, and with its marks on their letters."""
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))


def _headings(table: Table, words: Words) -> list[Heading]:
    found = []
    for column in table.columns:
        title = clean(column.title if column.is_plain else words.say(column.title))
        meaning = words.say(column.meaning) if column.meaning else ""
        found.append(Heading(title, column.kind, meaning))
        if table.before and column.kind in FIGURES:
            found.append(Heading(words.say(N_("{title}, before"), title=title), column.kind))
            grown = words.say(N_("{title}, change"), title=title)
            found.append(Heading(grown, Kind.SHARE, is_change=True))
    return found


def _row(
    row: Row,
    before: Row | None,
    columns: Sequence[Column],
    words: Words,
    zone: ZoneInfo,
    *,
    compares: bool = False,
) -> list[Value]:
    return list(_values(row, before, columns, words, zone, compares or before is not None))


def _values(
    row: Row,
    before: Row | None,
    columns: Sequence[Column],
    words: Words,
    zone: ZoneInfo,
    compares: bool,
) -> Iterator[Value]:
    for place, (value, column) in enumerate(zip(row.cells, columns, strict=True)):
        yield _plain(value, row, column, words, zone)
        if compares and column.kind in FIGURES:
            was = before.cells[place] if before else None
            yield was
            yield change(value, was, column.kind)


def _plain(value: Value, row: Row, column: Column, words: Words, zone: ZoneInfo) -> Value:
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    if isinstance(value, date) or not isinstance(value, str):
        return value
    return clean(words.say(value) if column.key in row.is_message else value)
