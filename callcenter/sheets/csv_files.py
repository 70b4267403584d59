"""CSV as Vietnamese offices have it: of any Excel, any language of Windows, any line end."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from callcenter.errors import N_, Invalid
from callcenter.sheets.caps import Caps
from callcenter.sheets.tables import Sheet, sheet_of, tidy

DELIMITERS = "\t;,|"
_SAMPLE = 50  # rows by which the delimiter is guessed
_SEP = re.compile(r'"?sep=(.)"?\r?\n?', re.I)  # Excel's own first line, which it does not show
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with or without its mark, else Windows-1258.

    Raises Invalid when it is none of these, or no text at all.
    """
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        raise no_table() from None
    if _is_binary(text):
        raise no_table()
    # Windows-1258 writes the tone behind its letter, and so do Macs: one letter for us.
    return unicodedata.normalize("NFC", text)


def table(text: str, caps: Caps) -> Sheet:
    """The table in a text, its delimiter guessed. Raises Invalid (see tables.sheet_of)."""
    lines = list(io.StringIO(text, newline=""))  # "\n", "\r\n" and "\r" end a line, each kept
    delimiter = ""
    if lines and (said := _SEP.fullmatch(lines[0])):
        delimiter = said[1]
        lines = lines[1:]
    delimiter = delimiter or _delimiter(lines)
    return sheet_of(_numbered(lines, delimiter, caps), caps, kind="csv")


def no_table() -> Invalid:
    return Invalid(N_("This file is no table. Upload an Excel workbook (xlsx, xls) or a CSV file."))


def _encoding(content: bytes) -> str:
    for bom, encoding in _BOMS.items():
        if content.startswith(bom):
            return encoding
    start = content[:1000]
    if len(start) > 1 and b"\0" in start:  # every other byte of UTF-16 is 0 where text is Latin
        low, high = start[1::2].count(0), start[0::2].count(0)
        return "utf-16-le" if low > high else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1258"
    return "utf-8"


def _is_binary(text: str) -> bool:
    """Whether letters stand in it that nobody types: NUL, or more than a few control characters."""
    start = text[:100_000]
    odd = sum(1 for letter in start if letter < " " and letter not in "\t\r\n\f\v\x1a")
    return "\0" in text or odd > 2 + len(start) // 500


def _delimiter(lines: Sequence[str]) -> str:
    """The one by which the most rows have the same number of cells, and more than one of them."""

    def score(delimiter: str) -> tuple[float, int]:
        sample = islice(csv.reader(lines[: _SAMPLE * 4], delimiter=delimiter), _SAMPLE)
        widths = Counter(len(cells) for cells in sample if cells)
        alike = [(n / widths.total(), width) for width, n in widths.items() if width > 1]
        return max(alike, default=(0.0, 0))

    csv.field_size_limit(max(csv.field_size_limit(), 1 << 30))
    best = max(DELIMITERS, key=score)
    return best if score(best)[1] else ","


def _numbered(lines: Sequence[str], delimiter: str, caps: Caps) -> Iterator[tuple[int, list[str]]]:
    """Each record with its number, which is the row Excel shows it in. Raises Invalid."""
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 30))  # `tidy` cuts; the file has a cap
    reader = csv.reader(lines, delimiter=delimiter)
    began = number = 0
    for number, cells in enumerate(reader, 1):
        if reader.line_num == len(lines):
            _check_closed(lines[began:], delimiter, number)
        began = reader.line_num
        yield number, [tidy(cell, caps.letters) for cell in cells]


def _check_closed(last: Sequence[str], delimiter: str, number: int) -> None:
    """A quotation mark that nothing closes has swallowed the rest of the file: say so."""
    try:
        list(csv.reader(last, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise Invalid(
                N_("Row {n}: a quotation mark is opened there and never closed."), n=number
            ) from None
