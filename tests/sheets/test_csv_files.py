import csv
import io
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.errors import Invalid
from tests.draws import cases

NAMES = ["Nguyễn Thị Hường", "Đặng Vĩnh Phước", "Lý Quỳnh Như", "Ứng Bảo Ngọc", "Kiều Mỹ Duyên"]
TEXT = "Tên,SĐT\r\n" + "".join(f"{name},0912345678\r\n" for name in NAMES)
TONES = "\u0300\u0301\u0303\u0309\u0323"


def windows_1258(text):
    """As Windows writes Vietnamese: letters with their hats, tones behind them."""
    written = []
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        tone = "".join(each for each in apart if each in TONES)
        base = unicodedata.normalize("NFC", "".join(each for each in apart if each not in TONES))
        written.append(base + tone)
    return "".join(written).encode("cp1258")


ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with its mark": TEXT.encode("utf-8-sig"),
    "UTF-16 of Excel": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "UTF-16 the other way round": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "UTF-16 without its mark": TEXT.encode("utf-16-le"),
    "UTF-16 the other way round without its mark": TEXT.encode("utf-16-be"),
    "Windows-1258": windows_1258(TEXT),
    "accents apart": unicodedata.normalize("NFD", TEXT).encode(),
}


def texts_of(sheet):
    return [sheet.headings, *(row.texts for row in sheet.rows)]


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_vietnamese_is_read_in_whatever_letters_it_was_saved(upload, content):
    sheet = upload(content)

    assert sheet.kind == "csv"
    assert sheet.headings == ["Tên", "SĐT"]
    assert [row.texts for row in sheet.rows] == [[name, "0912345678"] for name in NAMES]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_guessed(upload, delimiter):
    text = f'name{delimiter}address\nAn{delimiter}"12, Lê Lợi; Huế"\nBình{delimiter}Vinh\n'

    assert texts_of(upload(text.encode())) == [
        ["name", "address"],
        ["An", "12, Lê Lợi; Huế"],
        ["Bình", "Vinh"],
    ]


def test_one_column_needs_no_delimiter(upload):
    assert texts_of(upload(b"phone\n0912345678\n0987654321")) == [
        *(["phone"], ["0912345678"], ["0987654321"])
    ]


def test_excels_own_first_line_says_the_delimiter_and_is_no_row(upload):
    sheet = upload(b"sep=|\r\nname|note\r\nAn|a;b;c\r\n")

    assert texts_of(sheet) == [["name", "note"], ["An", "a;b;c"]]
    assert sheet.heading_row == 1


def test_line_ends_may_be_mixed(upload):
    sheet = upload(b"name,phone\r\nAn,0912345678\nBinh,0987654321\rChi,0903000000")

    assert [tuple(row) for row in sheet.rows] == [
        (2, ["An", "0912345678"]),
        (3, ["Binh", "0987654321"]),
        (4, ["Chi", "0903000000"]),
    ]


def test_lines_inside_quotation_marks_are_one_row(upload):
    sheet = upload(b'name,note\nAn,"one\r\ntwo"\n\n,,\nBinh,"say ""hi"""\n')

    assert [tuple(row) for row in sheet.rows] == [
        (2, ["An", "one\ntwo"]),
        (5, ["Binh", 'say "hi"']),
    ]
    assert sheet.empty_rows == 2


def test_columns_of_nothing_at_the_end_are_no_columns(upload):
    sheet = upload(b"name,phone" + b"," * 400 + b"\nAn,0912345678" + b"," * 400 + b"\n")

    assert texts_of(sheet) == [["name", "phone"], ["An", "0912345678"]]


def test_a_quotation_mark_that_swallows_the_rest_is_told_with_its_row(upload):
    with pytest.raises(Invalid, match="Row 3: a quotation mark"):
        upload(b'name,phone\nAn,1\n"Binh,2\nChi,3\n')


def test_quotation_marks_inside_a_name_do_no_harm(upload):
    [row] = upload('name,phone\nCông ty "An Phát",0912345678\n'.encode()).rows

    assert row.texts == ['Công ty "An Phát"', "0912345678"]


def test_sql_html_and_formulas_are_texts_like_others(upload):
    evil = ["'; DROP TABLE customers; --", "<b onclick=x>", "=1+1", "@SUM(A1)", "-2+3"]
    text = io.StringIO()
    csv.writer(text).writerows([list("abcde"), evil])

    assert upload(text.getvalue().encode()).rows[0].texts == evil


def test_a_single_tag_in_the_first_heading_does_not_make_it_a_web_page(upload):
    assert upload(b"<b>name</b>,phone\nAn,1\n").headings == ["<b>name</b>", "phone"]


CELL = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff"), max_size=8
)


@settings(max_examples=cases(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=20),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_no_row_is_lost(upload, rows, delimiter, encoding, end):
    table = [["name", "phone", "note"], *rows]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows(table)

    sheet = upload(text.getvalue().encode(encoding))

    assert len(sheet.rows) + sheet.empty_rows == len(rows)
    for row in sheet.rows:
        expected = [unicodedata.normalize("NFC", cell).strip() for cell in table[row.number - 1]]
        assert row.texts == expected[: len(row.texts)]
        assert not any(expected[len(row.texts) :])
