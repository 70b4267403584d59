"""What is inside an xlsx, found out before anybody parses it: no bomb, no macros, no far cell.

The library that reads workbooks takes room for the whole rectangle around a sheet's cells, and ends
the process when there is not enough: two cells in opposite corners are 400 GB. So each sheet's XML
goes by here first, in pieces.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from posixpath import join, normpath
from xml.etree import ElementTree

from callcenter.errors import N_, Invalid
from callcenter.sheets.caps import MB, Caps
from callcenter.sheets.tables import check_columns, letter_of

_BLOCK = MB
_LONGEST_TAG = 64 * 1024
_SMALL = 10 * MB  # unpacked; below it a high ratio does no harm
# A cell that has something in it: one that only has a colour closes itself. As Excel writes it, and
# as others may: four times slower. Who mixes both to hide a cell meets the limit of the memory.
_CELL = re.compile(rb"""<c r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>""")
_ANY_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^<>]*(?<!/)>"""
)
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.I)  # Excel writes none; they multiply text
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass(slots=True)
class Extent:
    """The rectangle around all written cells, counted from 0, the ends included."""

    top: int = 1 << 30
    left: int = 1 << 30
    bottom: int = -1
    right: int = -1

    def reach(self, columns: set[int], rows: set[int]) -> None:
        if columns and rows:
            self.left, self.right = min(self.left, *columns), max(self.right, *columns)
            self.top, self.bottom = min(self.top, *rows), max(self.bottom, *rows)

    def check(self, caps: Caps) -> None:
        """Raises Invalid when the table is too wide, or a lonely cell stands far away from it."""
        check_columns(self.right - self.left + 1, caps)
        if (self.right - self.left + 1) * (self.bottom - self.top + 1) > caps.cells:
            raise Invalid(
                N_(
                    "This table reaches down to cell {cell}, which is too far. Delete what does not"
                    " belong to it, or divide it into several files."
                ),
                cell=f"{letter_of(self.right)}{self.bottom + 1}",
            )


class Package:
    """An xlsx from outside: its parts by name, each read no further than the caps allow.

    Raises Invalid from everywhere: damaged, locked, macros, a bomb, another program's file.
    """

    def __init__(self, content: bytes, caps: Caps) -> None:
        if content.count(b"PK\x01\x02") > caps.entries:  # counted, not believed
            raise bomb()
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise damaged() from None
        self._caps = caps
        self._size = len(content)
        self._left = caps.unpacked
        self._parts = {each.filename.lower(): each for each in self._zip.infolist()}
        self._check_kind()
        if sum(each.file_size for each in self._parts.values()) > caps.unpacked:
            raise bomb()

    def sheet_parts(self) -> dict[str, str]:
        """The name of each sheet, and that of the part that holds it."""
        book = self._tree("xl/workbook.xml")
        targets = {
            each.get("Id", ""): normpath(join("/xl", each.get("Target", ""))).lstrip("/").lower()
            for each in self._tree("xl/_rels/workbook.xml.rels").iter()
        }
        return {
            each.get("name", ""): targets.get(each.get(_RELATION) or each.get(_STRICT) or "", "")
            for each in book.iter()
            if each.tag.rpartition("}")[2] == "sheet"
        }

    def extent(self, part: str) -> Extent | None:
        """How far a sheet's written cells reach, None when it has none."""
        found = Extent()
        carried = b""
        pattern = None
        for block in self._read(part):
            block = carried + block
            opened = block.rfind(b"<")
            carried = block[opened:] if opened >= 0 and b">" not in block[opened:] else b""
            if len(carried) > _LONGEST_TAG:
                raise damaged()
            if pattern is None and (b"<row" in block or b":row" in block):
                pattern = _CELL if b'<c r="' in block else _ANY_CELL
            cells = pattern.findall(block) if pattern else []
            found.reach(
                {_column(letters) for letters in {letters for letters, _ in cells}},
                {int(row) - 1 for row in {row for _, row in cells}},
            )
        return found if found.bottom >= 0 else None

    def check(self, part: str) -> None:
        """Read a part to its end, for nothing but the caps; none is fine."""
        if part in self._parts:
            for _ in self._read(part):
                pass

    def _check_kind(self) -> None:
        names = self._parts
        if any(name.endswith("vbaproject.bin") for name in names):
            raise macros()
        if any(each.flag_bits & 1 for each in self._parts.values()):
            raise locked()
        if "xl/workbook.xml" not in names:
            raise Invalid(N_("This file is no Excel workbook (xlsx). Save it as one in Excel."))

    def _tree(self, part: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(b"".join(self._read(part, most=4 * MB)))
        except ElementTree.ParseError:
            raise damaged() from None

    def _read(self, part: str, most: int = 1 << 40) -> Iterator[bytes]:
        """A part's bytes, unpacked in blocks, counted against the caps."""
        entry = self._parts.get(part)
        if entry is None or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        entry.file_size = 1 << 40  # what the file says about itself; zipfile would stop there
        before = b""
        try:
            with self._zip.open(entry) as file:
                while block := file.read(_BLOCK):
                    self._count(len(block))
                    most -= len(block)
                    if most < 0 or b"\0" in block:  # as in UTF-16, where nothing would be found
                        raise damaged()
                    if _FORBIDDEN.search(before + block):
                        raise damaged()
                    before = block[-10:]
                    yield block
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError):
            raise damaged() from None

    def _count(self, n: int) -> None:
        self._left -= n
        unpacked = self._caps.unpacked - self._left
        if self._left < 0 or unpacked > max(_SMALL, self._caps.ratio * self._size):
            raise bomb()


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def damaged() -> Invalid:
    return Invalid(
        N_("This workbook is damaged. Open it in Excel, save it again and upload it once more.")
    )


def bomb() -> Invalid:
    return Invalid(N_("This file holds far more than its size tells; it was not opened."))


def locked() -> Invalid:
    return Invalid(N_("This workbook has a password. Save it without one and upload it again."))


def macros() -> Invalid:
    return Invalid(N_("This workbook contains macros. Save it as xlsx without them."))
