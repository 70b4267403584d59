"""Excel's workbooks, new (xlsx) and old (xls), as tables of texts."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from callcenter.sheets.caps import Caps
from callcenter.sheets.packages import Extent, Package, damaged, locked, macros
from callcenter.sheets.tables import Sheet, nothing, sheet_of, tidy

Cell = str | int | float | bool | date | datetime | time | timedelta

_LOCKED = "EncryptedPackage".encode("utf-16-le")  # an xlsx with a password is an OLE file
_MACROS = "_VBA_PROJECT".encode("utf-16-le")


def xlsx(path: Path, content: bytes, caps: Caps) -> Sheet:
    """The first sheet people see that has something in it. Raises Invalid."""
    package = Package(content, caps)
    parts = package.sheet_parts()
    for part in ("xl/sharedstrings.xml", "xl/styles.xml"):
        package.check(part)
    book = _opened(path)
    for name in _visible(book):
        if extent := package.extent(parts.get(name, "")):
            extent.check(caps)
            return _table(_sheet(book, name), caps, "xlsx")
    raise nothing()


def xls(path: Path, content: bytes, caps: Caps) -> Sheet:
    """The same of a workbook of before 2007, 65,536 rows and 256 columns at most."""
    if _LOCKED in content:
        raise locked()
    if _MACROS in content:
        raise macros()
    book = _opened(path)
    for name in _visible(book):
        sheet = _sheet(book, name)
        if sheet.start is not None and sheet.end is not None:
            Extent(*sheet.start, *sheet.end).check(caps)
            return _table(sheet, caps, "xls")
    raise nothing()


def text_of(cell: Cell) -> str:
    """A cell that is no text, as one: 901234567.0 is "901234567", a day is "1990-02-03"."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        return f"{cell:.15g}"  # Excel's own precision; more would show 0.30000000000000004
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    return str(cell)


def _opened(path: Path) -> CalamineWorkbook:
    with _Reading():
        return CalamineWorkbook.from_path(path)


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    with _Reading():
        return book.get_sheet_by_name(name)


def _visible(book: CalamineWorkbook) -> list[str]:
    return [
        each.name
        for each in book.sheets_metadata
        if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
    ]


def _table(sheet: CalamineSheet, caps: Caps, kind: str) -> Sheet:
    first_column = sheet.start[1] if sheet.start else 0
    return sheet_of(_numbered(sheet, caps), caps, kind=kind, first_column=first_column)


def _numbered(sheet: CalamineSheet, caps: Caps) -> Iterator[tuple[int, list[str]]]:
    longest = caps.letters
    for number, cells in enumerate(sheet.iter_rows(), 1):  # it begins with Excel's first row
        yield (
            number,
            [tidy(cell, longest) if isinstance(cell, str) else text_of(cell) for cell in cells],
        )


class _Reading:
    """What the library raises becomes a sentence; what its Rust panics about, too."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> None:
        if kind is None:
            return
        if issubclass(kind, PasswordError):
            raise locked() from None
        # A panic's class cannot be imported, and is no Exception.
        if issubclass(kind, CalamineError | OSError) or kind.__name__ == "PanicException":
            raise damaged() from None
