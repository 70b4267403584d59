"""Files as people upload them, and as people make them who mean harm."""

import struct
import zipfile
from io import BytesIO

import xlsxwriter

WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://'
    'schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
ROOT = RELATIONS.replace("/worksheet", "/officeDocument").replace(
    "worksheets/sheet1", "xl/workbook"
)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_END = "</sheetData></worksheet>"


def xlsx(*sheets):
    """The bytes of a workbook with sheets of rows of values; a function writes a sheet itself."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            if callable(rows):
                rows(book, sheet)
                continue
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    write = sheet.write_string if isinstance(value, str) else sheet.write
                    if value not in ("", None):
                        write(number, column, value)
    return buffer.getvalue()


def package(sheet=SHEET + SHEET_END, **parts):
    """The bytes of an xlsx made by hand: `sheet` is its XML, `parts` more files."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("_rels/.rels", ROOT)
        file.writestr("xl/workbook.xml", parts.pop("workbook", WORKBOOK))
        file.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        file.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


def ole(**streams):
    """The bytes of a file as Office wrote it before 2007: a folder of these streams."""
    sectors, fat, entries, first = [], [], [], 0
    for name, content in streams.items():
        content = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        count = len(content) // 512
        sectors += [content[at : at + 512] for at in range(0, len(content), 512)]
        fat += [*range(first + 1, first + count), 0xFFFFFFFE]
        entries.append((name, 2, first, len(content)))
        first += count
    directory = b"".join(
        _entry(name, kind, start, size, child=1 if kind == 5 else 0xFFFFFFFF, right=right)
        for (name, kind, start, size), right in zip(
            [("Root Entry", 5, 0xFFFFFFFE, 0), *entries],
            [0xFFFFFFFF, *range(2, len(entries) + 1), 0xFFFFFFFF],
            strict=True,
        )
    ).ljust(-(-(len(entries) + 1) // 4) * 512, b"\0")
    count = len(directory) // 512
    fat += [*range(first + 1, first + count), 0xFFFFFFFE, 0xFFFFFFFD]
    fat_sector = first + count
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", fat_sector) + b"\xff" * 432
    table = b"".join(struct.pack("<I", each) for each in fat).ljust(512, b"\xff")
    assert len(table) == 512, "one sector of table must do"
    return header + b"".join(sectors) + directory + table


def xls(rows):
    """The bytes of an old workbook: one sheet; texts and numbers."""
    body = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
                body += _record(0x204, place + text)
            elif value is not None:
                body += _record(0x203, place + struct.pack("<d", value))
    body += _record(0x0A, b"")
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    name = struct.pack("<BB", 6, 0) + b"Sheet1"
    length = len(start) + 4 + 6 + len(name) + 4
    start += _record(0x85, struct.pack("<IBB", length, 0, 0) + name) + _record(0x0A, b"")
    return ole(Workbook=start + body)


def _entry(name, kind, start, size, *, child, right):
    letters = name.encode("utf-16-le") + b"\0\0"
    entry = letters.ljust(64, b"\0") + struct.pack("<HBBIII", len(letters), kind, 1, *_NOBODY, 0)
    entry = entry[:68] + struct.pack("<III", 0xFFFFFFFF, right, child)
    return entry + bytes(36) + struct.pack("<IQ", start, size)


_NOBODY = (0xFFFFFFFF, 0xFFFFFFFF)


def _record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content
