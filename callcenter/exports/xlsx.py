"""A workbook written row by row, as quick as the disk takes it, in a memory that does not grow.

XlsxWriter makes the book with its headings, widths and formats; the rows are put into its sheets
as they are packed. Cell by cell it would take four times as long, and an export has millions.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import xlsxwriter

from callcenter.exports.columns import Cell, Column, mapped

PER_SHEET: Final = 1_000_000  # rows; Excel ends at 1,048,576
LONGEST: Final = 32_767  # letters of a cell
LEVEL: Final = 1  # of packing: higher ones cost more time than they save room
_EPOCH: Final = date(1899, 12, 30).toordinal()  # Excel counts days from here
_DAY_S: Final = 86_400
# Letters of which something may have to be done, beside spaces at an end: found at once, _ODD takes
# eight times as long.
_SUSPECT: Final = re.compile(r"[&<>_\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]")
# What XML or Excel would read as something else: markup, control characters, Excel's own escapes.
# And spaces at an end, which XML's readers may drop.
_ODD: Final = re.compile(
    r"[&<>\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\s|\s$"
)
_MARKER: Final = re.compile(r'<row r="2"[^>]*>(.*?)</row>', re.DOTALL)
_STYLE: Final = re.compile(r'<c r="[A-Z]+2" s="(\d+)"')
_DIMENSION: Final = re.compile(r"<dimension [^>]*/>")

# A datetime is as a clock on the wall shows it, in its own zone or without one; a float is a
# duration in seconds.
Value = str | date | datetime | float | None


class Rows:
    """Takes the rows of a workbook under way; see `workbook`."""

    def __init__(self, packed: zipfile.ZipFile, frames: dict[str, tuple[str, str]], columns: int):
        self._packed = packed
        self._frames = iter(frames.items())
        self._left = list(frames)
        self._letters = [f'<c r="{_letter(number)}' for number in range(columns)]
        self._sheet: IO[bytes] | None = None
        self._end = ""
        self._row = 1  # the headings
        self.styles = ("0", "0", "0")  # of days, times, durations

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """The next rows; at most PER_SHEET go into a sheet."""
        if not rows:
            return
        if self._sheet is None or self._row > PER_SHEET:
            self.next_sheet()
        assert self._sheet
        numbers = [str(self._row + place) for place in range(1, len(rows) + 1)]
        self._row += len(rows)
        parts = [[f'<row r="{number}">' for number in numbers]]
        for letter, column in zip(self._letters, zip(*rows, strict=True), strict=True):
            cells = list(mapped(self._cell, column))  # a column at a time: see `mapped`
            if any(cells):
                pairs = zip(numbers, cells, strict=True)
                parts.append([f"{letter}{number}{cell}" if cell else "" for number, cell in pairs])
        out = map("".join, zip(*parts, strict=True))
        self._sheet.write("</row>".join([*out, ""]).encode("utf-8", "replace"))

    def next_sheet(self) -> None:
        """End the sheet under way, begin the next."""
        if self._sheet:
            self._sheet.write(self._end.encode())
            self._sheet.close()
        name, (start, self._end) = next(self._frames)
        self._left.remove(name)
        self._sheet, self._row = self._packed.open(name, "w", force_zip64=True), 1
        self._sheet.write(start.encode())

    def end(self) -> None:
        while self._left or self._sheet is None:
            self.next_sheet()
        self._sheet.write(self._end.encode())
        self._sheet.close()

    def abandon(self) -> None:
        """Let go of the sheet under way, without which the file cannot be closed."""
        if self._sheet:
            with suppress(OSError, ValueError):
                self._sheet.close()

    def _cell(self, value: Value) -> str:
        """What follows the cell's column and row; "" for nothing."""
        if isinstance(value, str):
            return f'" t="inlineStr"><is><t{_text(value)}</t></is></c>' if value else ""
        if value is None:
            return ""
        if isinstance(value, float):
            return f'" s="{self.styles[2]}"><v>{value / _DAY_S!r}</v></c>'
        if isinstance(value, datetime):
            seconds = value.hour * 3600 + value.minute * 60 + value.second
            days = value.toordinal() - _EPOCH + seconds / _DAY_S
            return f'" s="{self.styles[1]}"><v>{days!r}</v></c>'
        if (day := value.toordinal() - _EPOCH) < 61:  # Excel has a day of its own before March 1900
            return f'" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'" s="{self.styles[0]}"><v>{day}</v></c>'


@contextmanager
def workbook(
    path: Path, title: str, columns: Sequence[Column], headings: Sequence[str], expected: int
) -> Iterator[Rows]:
    """A workbook at `path` for about `expected` rows (more sheets, if they need them)."""
    sheets = max(1, -(-expected // PER_SHEET) + (expected % PER_SHEET > PER_SHEET * 9 // 10))
    frame = zipfile.ZipFile(BytesIO(_frame(title, columns, headings, expected, sheets)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as packed:
        frames, styles = {}, ("0", "0", "0")
        for name in frame.namelist():
            content = frame.read(name)
            if not name.startswith("xl/worksheets/sheet"):
                packed.writestr(name, content)
                continue
            xml = _DIMENSION.sub("", content.decode())
            marker = _MARKER.search(xml)
            assert marker
            found = _STYLE.findall(marker[1])
            styles = (found[0], found[1], found[2])
            frames[name] = (xml[: marker.start()], xml[marker.end() :])
        rows = Rows(packed, frames, len(columns))
        rows.styles = styles
        try:
            yield rows
            rows.end()
        except BaseException:
            rows.abandon()
            raise


def _frame(
    title: str, columns: Sequence[Column], headings: Sequence[str], expected: int, sheets: int
) -> bytes:
    """The book with headings, and a second row that shows how days and times are written."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
    time = book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"})
    duration = book.add_format({"num_format": "[h]:mm:ss"})
    for number in range(sheets):
        sheet = book.add_worksheet(title if sheets == 1 else f"{title} {number + 1}")
        for place, (column, heading) in enumerate(zip(columns, headings, strict=True)):
            sheet.write_string(0, place, heading, bold)
            width = 17 if column.cell is Cell.TIME else column.width
            sheet.set_column(place, place, width)
        sheet.write_number(1, 0, 1, day)
        sheet.write_number(1, 1, 1, time)
        sheet.write_number(1, 2, 1, duration)
        sheet.freeze_panes(1, 0)
        rows = min(PER_SHEET, max(1, expected - number * PER_SHEET))
        sheet.autofilter(0, 0, rows, len(columns) - 1)
    book.close()
    return made.getvalue()


def _letter(number: int) -> str:
    """A, B, … Z, AA: the name of a column counted from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _text(value: str) -> str:
    """A text as it stands behind "<t", which it may have to tell that its spaces count."""
    plain = value.strip() == value and not _SUSPECT.search(value)
    if (plain or not _ODD.search(value)) and len(value) <= LONGEST:
        return f">{value}"
    text = _ODD.sub(_harmless, value[:LONGEST])
    return f' xml:space="preserve">{text}'


def _harmless(odd: re.Match[str]) -> str:
    text = odd[0]
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(text)
    if named:
        return named
    if text.startswith("_x"):
        return f"_x005F{text}"
    return text if text in "\n\t" or (text.isspace() and text >= " ") else ""
