"""A table's values as they are written for people: on pages, in files and mails, in a language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from callcenter.pages.formats import NOTHING, Formats, duration
from callcenter.pages.language import Words, current, number
from callcenter.reports.frame import Column, Kind, Row, Table, Value

MOST = 1000  # rows of a page; files have them all
SMALL = 10  # percent; from there on a decimal says nothing


@dataclass(frozen=True, slots=True)
class Cell:
    """`sort` is what it is sorted by, "" where that is the text. `was` and `change` are those of
    the period it is compared with, "" without one."""

    text: str
    sort: str = ""
    href: str = ""
    was: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table ready to be drawn; `left_out` rows were too many for a page."""

    headings: Sequence[tuple[Column, str, str]]  # with title and meaning in the language
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]
    left_out: int


class Written:
    """Writes values in the language of the request and in the company's zone."""

    def __init__(self, words: Words, formats: Formats) -> None:
        self._words = words
        self._formats = formats

    def drawn(self, table: Table, most: int = MOST) -> Drawn:
        before = table.before
        rows = [
            self._row(row, table.columns, before.rows[place] if before else None)
            for place, row in enumerate(table.rows[:most])
        ]
        total: list[Cell] = []
        if table.total:
            total = self._row(table.total, table.columns, before.total if before else None)
        headings = [(each, self.title(each), self.meaning(each)) for each in table.columns]
        return Drawn(headings, rows, total, max(0, len(table.rows) - most))

    def title(self, column: Column) -> str:
        return column.title if column.is_plain else self._words.say(column.title)

    def meaning(self, column: Column) -> str:
        return self._words.say(column.meaning) if column.meaning else ""

    def value(self, value: Value, column: Column, row: Row) -> str:
        """One cell; – for nothing."""
        if value is None or value == "":
            return NOTHING
        if isinstance(value, datetime):
            return f"{self._formats.day(value)} {self._formats.clock(value)}"
        if isinstance(value, date):
            is_month = column.kind is Kind.MONTH
            return f"{value:%m/%Y}" if is_month else self._formats.day(value)
        if isinstance(value, str):
            return self._words.say(value) if column.key in row.is_message else value
        return _FIGURES.get(column.kind, number)(value)

    def change(self, now: Value, was: Value, column: Column) -> str:
        """+12%, for shares +2.5 points; "" where there is nothing to say."""
        found = change(now, was, column.kind)
        if found is None:
            return ""
        sign = "+" if found > 0 else "−" if found < 0 else "±"
        size = round(abs(found) * 100, 1)
        unit = (" điểm" if current() == "vi" else " pts") if column.kind is Kind.SHARE else "%"
        return f"{sign}{number(round(size) if size >= SMALL or size.is_integer() else size)}{unit}"

    def _row(self, row: Row, columns: Sequence[Column], before: Row | None) -> list[Cell]:
        cells = []
        for place, (value, column) in enumerate(zip(row.cells, columns, strict=True)):
            was = before.cells[place] if before else None
            compares = before is not None and column.kind in FIGURES
            cells.append(
                Cell(
                    self.value(value, column, row),
                    _sort(value),
                    row.links.get(column.key, ""),
                    self.value(was, column, row) if compares else "",
                    self.change(value, was, column) if compares else "",
                )
            )
        return cells


def change(now: Value, was: Value, kind: Kind) -> float | None:
    """By how much it grew, as a part of what it was; a share's is the difference. None: unknown."""
    if not (isinstance(now, int | float) and isinstance(was, int | float)):
        return None
    if kind is Kind.SHARE:
        return now - was
    return (now - was) / was if was else None


def _sort(value: Value) -> str:
    if value is None:
        return "-inf"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "" if isinstance(value, str) else repr(value)


def _decimal(value: float) -> str:
    return number(round(float(value), 1))


def _share(value: float) -> str:
    return f"{_decimal(value * 100)}%".replace(".0%", "%").replace(",0%", "%")


_FIGURES: dict[Kind, Callable[[float], str]] = {
    Kind.COUNT: number,
    Kind.DECIMAL: _decimal,
    Kind.SECONDS: duration,
    Kind.SHARE: _share,
}
FIGURES = frozenset(_FIGURES)  # what is a number, stands to the right and is compared
