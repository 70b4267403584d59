"""What a file is told by its content, and what its name may be."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.documents import names
from callcenter.documents.content import (
    ARCHIVE,
    DAMAGED,
    EMPTY,
    KINDS,
    MACROS,
    PDF,
    PROGRAM,
    TEXT,
    UNKNOWN,
    WEB_PAGE,
    kind_of,
)
from callcenter.errors import Invalid
from tests.documents import files

PNG = KINDS["image/png"]


def told(tmp_path, content):
    path = tmp_path / "upload"
    path.write_bytes(content)
    return kind_of(path)


@pytest.mark.parametrize(
    "content, extension",
    [
        (files.pdf(), "pdf"),
        (b"\xef\xbb\xbf\r\n" + files.pdf(), "pdf"),
        (files.PNG, "png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "jpg"),
        (b"GIF89a" + bytes(20), "gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(20), "webp"),
        (files.DOCX, "docx"),
        (files.XLSX, "xlsx"),
        (files.PPTX, "pptx"),
        (files.ODT, "odt"),
        (files.ole("WordDocument"), "doc"),
        (files.ole("Workbook"), "xls"),
        (files.ole("PowerPoint Document"), "ppt"),
        (files.ole("EncryptedPackage"), "docx"),
        (b"{\\rtf1 hello}", "rtf"),
        ("Hợp đồng cấp nước số 12".encode(), "txt"),
        ("Hợp đồng".encode("utf-16"), "txt"),
        (b"H\xf4p d\xf4ng, Windows-1258\r\n", "txt"),
        (("ạ" * 5000).encode(), "txt"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(tmp_path, content, extension):
    assert told(tmp_path, content).extensions[0] == extension


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", EMPTY),
        (files.HTML, WEB_PAGE),
        (b"   \r\n<!-- a page -->" + files.HTML, WEB_PAGE),
        (b"Dear all, <SCRIPT>alert(1)</SCRIPT>", WEB_PAGE),
        (files.SVG, WEB_PAGE),
        ("<html>".encode("utf-16"), WEB_PAGE),
        (b"<?xml version='1.0'?><svg/>", WEB_PAGE),
        (files.EXE, PROGRAM),
        (b"\x7fELF" + bytes(60), PROGRAM),
        (b"#!/bin/sh\nrm -rf /", PROGRAM),
        (b"@echo off\r\ndel *", PROGRAM),
        (files.DOCM, MACROS),
        (files.ole("Workbook", "_VBA_PROJECT"), MACROS),
        (files.ARCHIVE, ARCHIVE),
        (files.DOCX[: len(files.DOCX) // 2], DAMAGED),
        (files.DOCX[:-30] + bytes(30), DAMAGED),
        (files.pdf()[:-60], DAMAGED),
        (files.ole("MsiDatabase"), UNKNOWN),
        (bytes(range(256)) * 40, UNKNOWN),
        (b"text with a \0 in it", UNKNOWN),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(tmp_path, content, why):
    with pytest.raises(Invalid) as refused:
        told(tmp_path, content)

    assert refused.value.sentence == why


def test_a_word_in_the_text_of_an_old_document_is_no_stream_of_that_name(tmp_path):
    content = files.ole("Workbook") + "_VBA_PROJECT\0".encode("utf-16-le")

    assert told(tmp_path, content).extensions == ("xls",)


def test_a_zip_with_a_hundred_thousand_members_is_not_looked_through(tmp_path):
    path = tmp_path / "upload"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"word/document{number}.xml", b"")
        archive.writestr("word/document.xml", b"")

    with pytest.raises(Invalid) as refused:
        kind_of(path)

    assert refused.value.sentence == ARCHIVE


@given(st.binary(max_size=400))
def test_random_bytes_are_a_kind_or_a_sentence(tmp_path_factory, content):
    for start in (b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"):
        try:
            kind = told(tmp_path_factory.getbasetemp(), start + content)
        except Invalid as refused:
            assert refused.sentence
        else:
            assert kind.media_type in KINDS


@pytest.mark.parametrize(
    "given_name, kept",
    [
        ("Hợp đồng.pdf", "Hợp đồng.pdf"),
        ("Hợp đồng", "Hợp đồng.pdf"),
        ("Hợp đồng.PDF", "Hợp đồng.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\lan\\giấy tờ.pdf", "giấy tờ.pdf"),
        ("..", "document.pdf"),
        ("", "document.pdf"),
        (".pdf", "document.pdf"),
        ("photo.png", "photo.pdf"),
        ("page.html", "page.pdf"),
        ("v1.2 của Lan", "v1.2 của Lan.pdf"),
        ("a\0b\r\nc\td.pdf", "ab c d.pdf"),
        ("x\u202efdp.exe", "xfdp.pdf"),
        ('a<b>:"c|d?*.pdf', "a-b---c-d--.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("trailing. . .pdf", "trailing.pdf"),
    ],
)
def test_a_name_is_made_harmless_and_ends_in_what_the_file_is(given_name, kept):
    assert names.tidy(given_name, PDF) == kept


def test_a_script_that_is_text_is_handed_out_as_text():
    assert names.tidy("start.bat", TEXT) == "start.bat.txt"
    assert names.tidy("list.csv", TEXT) == "list.csv"


def test_a_name_of_ten_thousand_letters_is_cut_before_its_ending():
    kept = names.tidy("ỗ" * 10_000 + ".png", PNG)

    assert kept.endswith("ỗ.png")
    assert len(kept.encode()) <= names.BYTES


def test_a_typed_name_may_be_neither_empty_nor_endless():
    with pytest.raises(Invalid, match="Enter a name"):
        names.typed(" \u202e ", PDF)
    with pytest.raises(Invalid, match="Too long"):
        names.typed("a" * 201, PDF)


@given(st.text(max_size=300))
def test_every_name_fits_a_file_system_and_a_header(text):
    name = names.tidy(text, PDF)
    header = names.disposition(name, inline=False)

    assert name and "/" not in name and "\\" not in name and name.lower().endswith(".pdf")
    assert name == names.tidy(name, PDF)
    assert header.isascii() and header.isprintable() and header.count('"') == 2
