"""A report as a workbook: numbers are numbers, durations durations, shares percentages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from callcenter.report_files.paper import Heading, Paper
from callcenter.report_files.texts import text
from callcenter.reports.frame import Kind, Value

MANY: Final = 5_000  # rows; from there on a sheet is written as it comes, in little memory
WIDEST, NARROWEST = 44, 9  # letters
LOOKED_AT: Final = 200  # rows, for the widths
LONGEST: Final = 32_767  # letters of a cell
_DAY_S: Final = 86_400
_FORMATS: Final = {
    Kind.TEXT: "@",
    Kind.COUNT: "#,##0",
    Kind.DECIMAL: "#,##0.0",
    Kind.SECONDS: "[h]:mm:ss",
    Kind.SHARE: "0.0%",
    Kind.DAY: "dd/mm/yyyy",
    Kind.MONTH: "mm/yyyy",
    Kind.MOMENT: "dd/mm/yyyy hh:mm",
}
TIMES: Final = (Kind.DAY, Kind.MONTH, Kind.MOMENT)
_CHANGE: Final = "+0.0%;-0.0%;0.0%"
# Nothing is guessed from a text: no formulas, addresses or numbers.
_AS_TEXT: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write(paper: Paper, path: Path) -> None:
    """The table on the first sheet below the company's header, its definitions on the second."""
    many = len(paper.rows) > MANY
    book = xlsxwriter.Workbook(path, {**_AS_TEXT, "constant_memory": many, "tmpdir": path.parent})
    book.set_properties(
        {"title": paper.title, "company": paper.company[0] if paper.company else ""}
    )
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(_sheet_name(paper.title))
    looked_at = paper.rows[:LOOKED_AT]
    for place, heading in enumerate(paper.headings):
        words = (text(row[place], heading, paper.language, grouped=True) for row in looked_at)
        sheet.set_column(place, place, _width(words, heading))
    top = _head(paper, sheet, bold, book.add_format({"bold": True, "font_size": 14}))
    _table(paper, book, sheet, top)
    sheet.freeze_panes(top + 1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    if paper.meanings:
        _meanings(paper, book, bold)
    book.close()


def _head(paper: Paper, sheet: Any, bold: Any, large: Any) -> int:
    """The lines above the table; the row at which it begins."""
    row = 0
    for line in paper.company:
        sheet.write_string(row, 0, line, bold if row == 0 else None)
        row += 1
    row += 1 if paper.company else 0
    sheet.write_string(row, 0, paper.title, large)
    asked = " · ".join(f"{name}: {value}" for name, value in paper.facts)
    sheet.write_string(row + 1, 0, asked[:LONGEST])
    return row + 3


def _table(paper: Paper, book: Any, sheet: Any, top: int) -> None:
    heading_format = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
    left = book.add_format(heading_format)
    right = book.add_format({**heading_format, "align": "right"})
    for place, heading in enumerate(paper.headings):
        is_text = heading.kind in (Kind.TEXT, *TIMES)
        sheet.write_string(top, place, heading.title, left if is_text else right)
    plain = [book.add_format(_format(each)) for each in paper.headings]
    row = top
    for values in paper.rows:
        row += 1
        _row(sheet, row, values, plain, paper.headings)
    if paper.total:
        total = {"bold": True, "top": 1}
        formats = [book.add_format({**_format(each), **total}) for each in paper.headings]
        _row(sheet, row + 1, paper.total, formats, paper.headings)
    if paper.rows:
        sheet.autofilter(top, 0, row, len(paper.headings) - 1)


def _row(
    sheet: Any,
    row: int,
    values: Sequence[Value],
    formats: Sequence[Any],
    headings: Sequence[Heading],
) -> None:
    for place, (value, shape) in enumerate(zip(values, formats, strict=True)):
        match value:
            case None:
                sheet.write_blank(row, place, None, shape)
            case str():
                sheet.write_string(row, place, value[:LONGEST], shape)
            case date() if value.year < 1901:  # before Excel's calendar
                sheet.write_string(row, place, value.isoformat(), shape)
            case datetime() | date():
                sheet.write_datetime(row, place, value, shape)
            case _ if headings[place].kind is Kind.SECONDS:
                sheet.write_number(row, place, value / _DAY_S, shape)
            case _:
                sheet.write_number(row, place, value, shape)


def _meanings(paper: Paper, book: Any, bold: Any) -> None:
    sheet = book.add_worksheet(_sheet_name(paper.counted))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    top = book.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, paper.counted, bold)
    for row, (name, meaning) in enumerate(paper.meanings, start=2):
        sheet.write_string(row, 0, name, top)
        sheet.write_string(row, 1, meaning, wrapped)


def _format(heading: Heading) -> Mapping[str, Any]:
    shape = {"num_format": _CHANGE if heading.is_change else _FORMATS[heading.kind]}
    return shape | ({"align": "left"} if heading.kind in TIMES else {})


def _width(words: Iterable[str], heading: Heading) -> int:
    longest_word = max(map(len, heading.title.split()), default=0) + 3
    return min(WIDEST, max(NARROWEST, longest_word, *map(len, words)) + 1)


def _sheet_name(title: str) -> str:
    """As Excel takes it: 31 letters, some not allowed."""
    kept = "".join(" " if letter in "[]:*?/\\" else letter for letter in title)
    return kept.strip(" '")[:31] or "1"
