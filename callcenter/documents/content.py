"""What a file is, told by what is in it; its name says nothing that can be relied on.

A table of our own: the packages for this know hundreds of kinds by their first bytes, but the few
that matter here hide inside two containers (zip and OLE), and the rest is about what to refuse.
"""

import mmap
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcenter.errors import N_, CallcenterError, Invalid

HEAD = 8192  # bytes: as much of a text as is looked at
TAIL = 65_557  # bytes: where the list of a zip, and the end of a PDF, are to be found
LONGEST_LIST = 2**20  # bytes of a zip's list; that of an office document has a few thousand


@dataclass(frozen=True, slots=True)
class Kind:
    """`extensions`: what a name of it may end in, the usual one first; `name` is a message id."""

    media_type: str
    extensions: tuple[str, ...]
    name: str


_WORD, _EXCEL = N_("Word document"), N_("Excel workbook")
_SLIDES, _IMAGE = N_("Presentation"), N_("Picture")
_OPEN = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."

PDF: Final = Kind("application/pdf", ("pdf",), "PDF")
TEXT: Final = Kind("text/plain", ("txt", "csv", "tsv", "md", "log", "json", "eml"), N_("Text"))
LOCKED: Final = Kind(
    "application/x-ole-storage",
    ("docx", "xlsx", "pptx", "doc", "xls", "ppt"),
    N_("Office document with a password"),
)
_BEGINNINGS: Final = (  # bytes, at which place
    (b"\x89PNG\r\n\x1a\n", 0, Kind("image/png", ("png",), _IMAGE)),
    (b"\xff\xd8\xff", 0, Kind("image/jpeg", ("jpg", "jpeg", "jfif"), _IMAGE)),
    (b"GIF87a", 0, Kind("image/gif", ("gif",), _IMAGE)),
    (b"GIF89a", 0, Kind("image/gif", ("gif",), _IMAGE)),
    (b"WEBP", 8, Kind("image/webp", ("webp",), _IMAGE)),
    (b"II*\0", 0, Kind("image/tiff", ("tif", "tiff"), _IMAGE)),
    (b"MM\0*", 0, Kind("image/tiff", ("tif", "tiff"), _IMAGE)),
    (b"ftypheic", 4, Kind("image/heic", ("heic",), _IMAGE)),
    (b"ftypmif1", 4, Kind("image/heic", ("heic", "heif"), _IMAGE)),
    (b"{\\rtf", 0, Kind("application/rtf", ("rtf",), _WORD)),
)
_IN_ZIP: Final = (  # a part that only this kind has
    ("word/document.xml", Kind(_OFFICE + "wordprocessingml.document", ("docx",), _WORD)),
    ("xl/workbook.xml", Kind(_OFFICE + "spreadsheetml.sheet", ("xlsx",), _EXCEL)),
    ("xl/workbook.bin", Kind("application/vnd.ms-excel.sheet.binary", ("xlsb",), _EXCEL)),
    ("ppt/presentation.xml", Kind(_OFFICE + "presentationml.presentation", ("pptx",), _SLIDES)),
)
_OPEN_DOCUMENTS: Final = {
    _OPEN + "text": Kind(_OPEN + "text", ("odt",), _WORD),
    _OPEN + "spreadsheet": Kind(_OPEN + "spreadsheet", ("ods",), _EXCEL),
    _OPEN + "presentation": Kind(_OPEN + "presentation", ("odp",), _SLIDES),
}
_IN_OLE: Final = (  # the name of a stream
    ("EncryptedPackage", LOCKED),
    ("WordDocument", Kind("application/msword", ("doc",), _WORD)),
    ("Workbook", Kind("application/vnd.ms-excel", ("xls",), _EXCEL)),
    ("Book", Kind("application/vnd.ms-excel", ("xls",), _EXCEL)),
    ("PowerPoint Document", Kind("application/vnd.ms-powerpoint", ("ppt",), _SLIDES)),
    (
        "__properties_version1.0",
        Kind("application/vnd.ms-outlook", ("msg",), N_("Outlook message")),
    ),
)
KINDS: Final = {
    kind.media_type: kind
    for kind in (
        *(PDF, TEXT, *_OPEN_DOCUMENTS.values()),
        *(kind for _, _, kind in _BEGINNINGS),
        *(kind for _, kind in (*_IN_ZIP, *_IN_OLE)),
    )
}
_PROGRAMS: Final = (
    *(b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!"),
    b"L\0\0\0\x01\x14\x02\0",  # a shortcut of Windows, which starts whatever it names
    *(b"@echo off", b"@ECHO OFF"),
)
_MARKUP: Final = (
    b"<!doctype",
    b"<html",
    b"<head",
    b"<body",
    b"<script",
    b"<svg",
    b"<?xml",
    b"<!--",
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

EMPTY = N_("The file is empty.")
PROGRAM = N_("This file is a program. Programs are not kept.")
WEB_PAGE = N_(
    "This file is a web page or a drawing with markup, whatever its name says. "
    "Save it as PDF and upload that."
)
MACROS = N_("This file holds macros, which are programs. Save it without macros and upload that.")
ARCHIVE = N_("This file is an archive. Unpack it and upload what is inside.")
DAMAGED = N_("This file is damaged: it cannot be opened. Save it again and upload that.")
UNKNOWN = N_(
    "This kind of file is not kept. Documents are PDF, pictures, Word, Excel, PowerPoint and text."
)


def kind_of(path: Path) -> Kind:
    """What the file at `path` is. Raises Invalid with the reason it is not taken. Reads the disk:
    not for the event loop."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise Invalid(EMPTY)
    if head.startswith(_PROGRAMS):
        raise Invalid(PROGRAM)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return _pdf(path)
    for mark, place, kind in _BEGINNINGS:
        if head.startswith(mark, place):
            return kind
    if head.startswith(b"PK"):
        return _in_zip(path)
    if head.startswith(_OLE):
        return _in_ole(path)
    return _text(head)


def _pdf(path: Path) -> Kind:
    """One whose end is missing was cut off on its way to whoever uploads it."""
    tail = _tail(path)
    if b"startxref" not in tail and b"%%EOF" not in tail:
        raise Invalid(DAMAGED)
    return PDF


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        return file.read()


def _in_zip(path: Path) -> Kind:
    """Only the list of what is inside is read, and one tiny member: nothing is unpacked."""
    tail = _tail(path)
    end = tail[tail.rfind(b"PK\x05\x06") :]
    if len(end) < 22 or not end.startswith(b"PK\x05\x06"):
        raise Invalid(DAMAGED)
    if int.from_bytes(end[12:16], "little") > LONGEST_LIST:
        raise Invalid(ARCHIVE)
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise Invalid(MACROS)
            for part, kind in _IN_ZIP:
                if part in names:
                    return kind
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    said = member.read(100).decode("ascii", "replace").strip()
                if said in _OPEN_DOCUMENTS:
                    return _OPEN_DOCUMENTS[said]
    except CallcenterError:
        raise
    # zipfile says a broken file in many ways, RuntimeError for a member with a password.
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, OSError, struct.error) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk's complaint, not the file's
        raise Invalid(DAMAGED) from error
    raise Invalid(ARCHIVE)


def _in_ole(path: Path) -> Kind:
    """Old Office files are little file systems; the names of the files inside are UTF-16."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        if _entry(whole, "_VBA_PROJECT"):
            raise Invalid(MACROS)
        for name, kind in _IN_OLE:
            if _entry(whole, name):
                return kind
    raise Invalid(UNKNOWN)


def _entry(whole: mmap.mmap, name: str) -> bool:
    """Whether there is a directory entry of that name: its end and its length in bytes say so."""
    wanted = (name + "\0").encode("utf-16-le")
    place = whole.find(wanted)
    while place >= 0:
        if whole[place + 64 : place + 66] == struct.pack("<H", len(wanted)) and place % 128 == 0:
            return True
        place = whole.find(wanted, place + 1)
    return False


def _text(head: bytes) -> Kind:
    text = _decoded(head)
    if text is None:
        raise Invalid(UNKNOWN)
    start = text.lstrip("\ufeff \t\r\n").lower().encode()
    if start.startswith(_MARKUP) or b"<script" in start or b"<html" in start:
        raise Invalid(WEB_PAGE)
    if text.lstrip().startswith(("@echo off", "@ECHO OFF", "#!")):
        raise Invalid(PROGRAM)
    return TEXT


def _decoded(head: bytes) -> str | None:
    """The beginning of a text in UTF-8 or UTF-16, or in one of Windows' pages; None if it is none.

    Windows' pages give every byte a letter, so what tells text from data is that it has no control
    characters.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
    else:
        try:
            text = head.decode("utf-8") if len(head) < HEAD else _cut(head)
        except UnicodeDecodeError:
            text = head.decode("cp1258", "replace")
    return None if any(letter < " " and letter not in "\t\n\r\f\x1a" for letter in text) else text


def _cut(head: bytes) -> str:
    """UTF-8 that may have been cut in the middle of a letter."""
    for less in range(3):
        try:
            return head[: len(head) - less].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return head[:-3].decode("utf-8")
