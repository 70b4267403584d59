"""What every report is made of: a question (asked.Asked) becomes a table.

Pages draw the table, files (xlsx, CSV, PDF) and mails carry it, a saved view keeps the question.
So a report is written once: its queries, its columns with what they mean, and where each number
leads. `registry.REPORTS` has them all.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked, Step

Value = str | int | float | date | datetime | None


class Kind(StrEnum):
    """What a column holds, and so how it is written, aligned and added up."""

    TEXT = "text"
    COUNT = "count"  # int
    DECIMAL = "decimal"  # float
    SECONDS = "seconds"  # int or float, written as a duration
    SHARE = "share"  # 0..1, written as a percentage
    DAY = "day"  # date
    MONTH = "month"  # date, any day of it
    MOMENT = "moment"  # datetime in UTC, written in the company's zone


@dataclass(frozen=True, slots=True)
class Column:
    """`title` and `meaning` are sentences to translate; `is_plain`: the title is somebody's own
    words, such as a status's name. `meaning` says how the number is counted."""

    key: str
    title: str
    kind: Kind = Kind.COUNT
    meaning: str = ""
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` in the order of the columns, None: nothing to say (nothing to divide by). `links`:
    column's key -> address of what is behind the number. `is_message`: text cells that are
    sentences of ours, by column's key, to be translated. `key`: what the row is of, where its
    words do not tell it from others (an id): rows of two periods are compared by it."""

    cells: tuple[Value, ...]
    links: Mapping[str, str] = field(default_factory=dict)
    is_message: frozenset[str] = frozenset()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`total` is counted by the report itself: an average's total is no sum.

    `before` is the same of the period it is compared with, row beside row (comparing.answer).
    `step`: what its days begin, where that is not what was asked for (a table that is always by
    month).
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    before: "Table | None" = None
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and what the company's calendar is."""

    scope: Scope
    directory: Directory
    today: date
    zone: str  # IANA


Answer = Callable[[AsyncSession, Asker, Asked], Awaitable[Table]]


@dataclass(frozen=True, slots=True)
class Report:
    """`name` is its place in addresses (/reports/<name>) and files; `answer` makes the table and
    raises Invalid for a question that makes no sense here. `about` says in a sentence what it
    answers. `needs` is for the page, `files` for taking it out: EXPORT where it lists customers.
    `of`: whose records its rows show one by one; it goes no further than these are seen."""

    name: str
    title: str
    answer: Answer
    needs: Permission = Permission.REPORTS
    about: str = ""
    files: Permission = Permission.REPORTS
    of: tuple[Permission, ...] = ()
