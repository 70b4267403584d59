"""An uploaded file as a table, whatever it is; or a sentence that says what to do about it."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callcenter.errors import N_, Invalid
from callcenter.sheets import csv_files, workbooks
from callcenter.sheets.caps import MB, Caps
from callcenter.sheets.tables import Sheet, nothing

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Office wrote into until 2007
_OTHER = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_MARKUP = re.compile(r"\s*<(\?xml|!doctype|!--|html|head|meta|body|table|style|script|div)\b", re.I)


def read(path: Path, caps: Caps | None = None) -> Sheet:
    """The table in a file: xlsx, xls or CSV by its content; nobody is asked what it is called.

    Raises Invalid with a sentence for whoever uploaded it, whatever is wrong with the file. A
    workbook made to exhaust the memory may end the process: call it in one of its own, under
    `caps.limit_memory`.
    """
    caps = caps or Caps()
    size = path.stat().st_size
    if size > caps.size:
        raise Invalid(N_("This file is larger than {n} MB."), n=caps.size // MB)
    if size == 0:
        raise nothing()
    content = path.read_bytes()
    try:
        with _no_collecting():
            return _table(path, content, caps)
    except MemoryError:
        raise Invalid(N_("This file is too large to be read. Divide it into several.")) from None


def _table(path: Path, content: bytes, caps: Caps) -> Sheet:
    if content.startswith(_ZIP):
        return workbooks.xlsx(path, content, caps)
    if content.startswith(_OLE):
        return workbooks.xls(path, content, caps)
    return _text(content, caps)


def _text(content: bytes, caps: Caps) -> Sheet:
    if content.startswith(_OTHER):
        raise csv_files.no_table()
    text = csv_files.decoded(content)
    if _MARKUP.match(text[:1000]):
        raise Invalid(
            N_("This is a web page, not a workbook. Open it in Excel and save it as xlsx.")
        )
    return csv_files.table(text, caps)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """A third of the time would go into looking for circles among a million cells."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
