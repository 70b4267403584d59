import subprocess
import sys
from datetime import date, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.errors import Invalid
from callcenter.sheets.caps import MB, Caps
from callcenter.sheets.tables import letter_of
from tests.draws import cases
from tests.imports.files import SHEET, SHEET_END, WORKBOOK, ole, package, xls, xlsx

TABLE = [["Tên", "Số điện thoại"], ["Nguyễn Thị Hường", 912345678.0], ["An", "0987654321"]]
EIGHT = datetime(1990, 12, 31, 8, 5)  # noqa: DTZ001 - Excel knows no zones
EVIL = ["'; DROP TABLE customers; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0"]


def texts_of(sheet):
    return [sheet.headings, *(row.texts for row in sheet.rows)]


@pytest.mark.parametrize(("kind", "content"), [("xlsx", xlsx(TABLE)), ("xls", xls(TABLE))])
def test_a_workbook_is_read_as_texts(upload, kind, content):
    sheet = upload(content)

    assert sheet.kind == kind
    assert sheet.headings == ["Tên", "Số điện thoại"]
    assert [tuple(row) for row in sheet.rows] == [
        (2, ["Nguyễn Thị Hường", "912345678"]),
        (3, ["An", "0987654321"]),
    ]
    assert (sheet.empty_rows, sheet.problems) == (0, [])


def test_numbers_days_and_truths_are_texts_as_people_read_them(upload):
    def write(book, sheet):
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["a", "b", "c", "d", "e", "f", "g"])
        sheet.write_datetime(1, 0, date(1990, 12, 31), day)
        sheet.write_datetime(1, 1, EIGHT, day)
        sheet.write_row(1, 2, [True, 0.1 + 0.2, -3, 1e20, 84912345678])

    [row] = upload(xlsx(write)).rows

    assert row.texts == [
        *("1990-12-31", "1990-12-31 08:05:00", "TRUE", "0.3", "-3"),
        *("100000000000000000000", "84912345678"),
    ]


def test_rows_keep_the_numbers_excel_shows_and_empty_ones_are_counted(upload):
    sheet = upload(xlsx([[], [], ["", "Tên"], [], ["", "An"], ["", "  "], ["", "Bình"]]))

    assert (sheet.heading_row, sheet.headings) == (3, ["Tên"])
    assert [tuple(row) for row in sheet.rows] == [(5, ["An"]), (7, ["Bình"])]
    assert sheet.empty_rows == 4
    assert sheet.letter(0) == "B"


def test_letters_of_columns_are_excels():
    assert [letter_of(column) for column in (0, 25, 26, 255, 16_383)] == [
        *("A", "Z", "AA", "IV", "XFD")
    ]


def test_rows_shorter_than_others_are_filled_up_and_longer_than_the_headings_kept(upload):
    sheet = upload(xlsx([["Tên"], ["An", "", "x"], ["Bình"]]))

    assert texts_of(sheet) == [["Tên", "", ""], ["An", "", "x"], ["Bình", "", ""]]


def test_the_first_visible_sheet_with_something_in_it_is_read(upload):
    def hidden(book, sheet):
        sheet.write(0, 0, "secret")
        sheet.hide()

    def coloured(book, sheet):
        sheet.write_blank(0, 0, None, book.add_format({"bold": True}))
        sheet.activate()
        sheet.set_first_sheet()

    assert upload(xlsx(coloured, hidden, TABLE)).headings == ["Tên", "Số điện thoại"]


def test_accents_written_apart_are_put_together(upload):
    [row] = upload(xlsx([["x"], ["Hu\u031bo\u031b\u0300ng"]])).rows

    assert row.texts == ["Hường"]


@pytest.mark.parametrize("make", [xlsx, xls], ids=["xlsx", "xls"])
def test_sql_html_and_formulas_are_texts_like_others(upload, make):
    [row] = upload(make([["a", "b", "c"], EVIL])).rows

    assert row.texts == EVIL


def test_a_name_of_ten_thousand_letters_is_read_whole(upload):
    [row] = upload(xlsx([["Tên"], ["ư" * 10_000]])).rows

    assert row.texts == ["ư" * 10_000]


def test_of_a_cell_longer_than_excel_allows_one_letter_too_many_is_kept(upload):
    [row] = upload(b"name,phone\n" + b"x" * 200_000 + b",0912345678\n").rows

    assert [len(text) for text in row.texts] == [32_768, 10]


def test_two_headings_alike_are_told_and_both_columns_read(upload):
    sheet = upload(xlsx([["Tên", "Ghi chú", "GHI CHÚ ", "Tên"], ["An", "x", "y", "z"]]))

    assert [str(problem) for problem in sheet.problems] == [
        "2 columns have the heading “Tên”. Choose what each of them is.",
        "2 columns have the heading “GHI CHÚ”. Choose what each of them is.",
    ]
    assert sheet.rows[0].texts == ["An", "x", "y", "z"]


def test_headings_with_nothing_below_are_told(upload):
    sheet = upload(xlsx([["Tên", "SĐT"]]))

    assert sheet.rows == []
    assert "nothing below the headings" in str(sheet.problems[0])


def test_a_table_without_headings_gives_its_first_row_back(upload):
    sheet = upload(xlsx([["An", "0912345678"], ["Bình", "0987654321"]])).without_headings()

    assert sheet.headings == ["", ""]
    assert [tuple(row) for row in sheet.rows] == [
        (1, ["An", "0912345678"]),
        (2, ["Bình", "0987654321"]),
    ]


def styled_rows(n):
    return SHEET + "".join(f'<row r="{r}"><c r="A{r}" s="1"/></row>' for r in range(1, n + 1))


BAD = {
    "nothing at all": (b"", "nothing in this file"),
    "blank lines": (b" \r\n\t\n,,,\n", "nothing in this file"),
    "an empty sheet": (xlsx([]), "nothing in this file"),
    "1,048,576 empty rows": (package(styled_rows(1_048_576) + SHEET_END), "nothing in this file"),
    "10 MB of random bytes": (Random(1).randbytes(10 * MB), "no table"),
    "a little noise": (Random(2).randbytes(300), "no table"),
    "a PDF": (b"%PDF-1.7\n1 0 obj\n", "no table"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "no table"),
    "a web page": (b"\xef\xbb\xbf<html><table><tr><td>An</td></tr></table>", "web page"),
    "XML of Excel 2003": (b'<?xml version="1.0"?><Workbook/>', "web page"),
    "300 columns": (xlsx([[f"c{n}" for n in range(300)]]), "300 columns"),
    "300 columns of CSV": (",".join("x" * 300).encode(), "300 columns"),
    "macros": (package(**{"xl/vbaProject.bin": "x"}), "macros"),
    "a password": (ole(EncryptionInfo=b"x", EncryptedPackage=b"x"), "password"),
    "macros of old": (ole(Workbook=b"x", _VBA_PROJECT=b"x"), "macros"),
    "a letter of Word": (ole(WordDocument=b"x"), "damaged"),
    "an OLE header alone": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
    "a zip of something else": (b"PK\x05\x06" + bytes(18), "no Excel workbook"),
    "half of a workbook": (xlsx(TABLE)[:2000], "damaged"),
    "cells of a far corner": (
        package(f'{SHEET}<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="Z1048576">'
                f"<v>1</v></c></row>{SHEET_END}"),
        "cell Z1048576, which is too far",
    ),
    "the far corner of another program": (
        package(f"{SHEET}<x:row><x:c s='1' r = 'A1'><v>1</v></x:c></x:row><x:row><x:c\nr='Z1048576'"
                f"><v>1</v></x:c></x:row>{SHEET_END}"),
        "cell Z1048576, which is too far",
    ),
    "a workbook that is no XML": (package(workbook="<workbook"), "damaged"),
    "a sheet that is no XML": (package(f'{SHEET}<row r="1"><c r="A1"><v>1</wrong>'), "damaged"),
    "a workbook in UTF-16": (package(workbook=WORKBOOK.encode("utf-16")), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_in_a_sentence(upload, content, sentence):
    with pytest.raises(Invalid, match=sentence):
        upload(content)


def test_a_file_that_is_too_large_is_not_even_opened(upload):
    with pytest.raises(Invalid, match="larger than 1 MB"):
        upload(b"PK\x03\x04" + bytes(2 * MB), Caps(size=MB))


def test_a_zip_bomb_is_not_unpacked(upload):
    bomb = package(SHEET + "<row>" + " " * (120 * MB) + "</row>" + SHEET_END)
    assert len(bomb) < MB

    with pytest.raises(Invalid, match="far more than its size tells"):
        upload(bomb)


def test_a_zip_bomb_that_lies_about_its_size_is_found_while_unpacking(upload):
    content = package(SHEET + " " * (50 * MB) + SHEET_END)
    size = (len(SHEET) + 50 * MB + len(SHEET_END)).to_bytes(4, "little")
    assert content.count(size) == 2

    with pytest.raises(Invalid, match="far more than its size tells"):
        upload(content.replace(size, (1000).to_bytes(4, "little")))


def test_a_bomb_of_many_shared_texts_is_found_too(upload):
    with pytest.raises(Invalid, match="far more than its size tells"):
        upload(package(**{"xl/sharedStrings.xml": " " * (50 * MB)}))


def test_a_workbook_of_very_many_files_is_refused(upload):
    with pytest.raises(Invalid, match="far more than its size tells"):
        upload(package(**{f"f{n}": "" for n in range(50)}), Caps(entries=50))


def test_an_xml_bomb_is_refused_before_it_is_parsed(upload):
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    for bomb in (package(laughs + SHEET + SHEET_END), package(workbook=laughs + WORKBOOK)):
        with pytest.raises(Invalid, match="damaged"):
            upload(bomb)


def test_more_rows_than_allowed_are_refused_and_empty_ones_do_not_count(upload):
    rows = [["x"], [], ["y"], [], ["z"]]

    assert len(upload(xlsx(rows), Caps(rows=3)).rows) == 2
    with pytest.raises(Invalid, match="more than 2 rows"):
        upload(xlsx(rows), Caps(rows=2))


MOLDS = [xlsx(TABLE), xls(TABLE), "Tên;SĐT\r\nAn;0912345678\r\n".encode("utf-16")]


@settings(max_examples=cases(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_broken_in_a_file_it_is_read_or_refused_in_a_sentence(upload, data):
    content = bytearray(data.draw(st.sampled_from(MOLDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(content))))

    try:
        upload(bytes(content[:cut]))
    except Invalid as error:
        assert str(error)


IN_A_CHILD = """
import sys
from pathlib import Path
from callcenter.imports import columns
from callcenter.sheets import reader
from callcenter.sheets.caps import limit_memory
limit_memory(int(sys.argv[2]))
sheet = reader.read(Path(sys.argv[1]))
print(len(sheet.rows), *sorted({"aiohttp", "sqlalchemy", "asyncio"} & sys.modules.keys()))
"""


def in_a_child(path, memory):
    command = [sys.executable, "-c", IN_A_CHILD, str(path), str(memory)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_child_process_reads_a_file_without_loop_database_or_app(tmp_path):
    (tmp_path / "upload").write_bytes(xlsx(TABLE))

    child = in_a_child(tmp_path / "upload", 500 * MB)

    assert (child.returncode, child.stdout.split(), child.stderr) == (0, ["2"], "")


def test_a_workbook_that_asks_for_too_much_memory_ends_the_child_only(tmp_path):
    # The far cell hides from our look at the sheet behind a letter that is written as a number.
    hidden = f'{SHEET}<row r="1"><c r="A1"><v>1</v></c><c r="&#88;FD1048576"><v>1</v></c></row>'
    (tmp_path / "upload").write_bytes(package(hidden + SHEET_END))

    child = in_a_child(tmp_path / "upload", 500 * MB)

    assert child.returncode != 0
