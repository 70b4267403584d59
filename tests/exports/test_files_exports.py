"""What stands in an exported file is what was there, and nothing of it is a formula."""

import csv
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from callcenter.exports import csv_file, xlsx
from callcenter.exports.columns import Cell, Column

TEXT, DAY, TIME = Column("a", "A"), Column("b", "B", Cell.DAY), Column("c", "C", Cell.TIME)
TEN = datetime.fromisoformat("2026-11-26T10:30")
MIDNIGHT = datetime.fromisoformat("2026-01-01T00:00")
ATTACKS = ["=1+1", "+84 912", "-5", "@SUM(A1)", "\tx", "\r=1", '=HYPERLINK("http://x")', "＝1"]


def written(path, rows, columns=(TEXT, TEXT, DAY, TIME), expected=None):
    headings = [f"Cột {place}" for place in range(len(columns))]
    expected = len(rows) if expected is None else expected
    with xlsx.workbook(path, "Khách hàng", columns, headings, expected) as book:
        book.write(rows)
    return path


def read(path):
    """Every sheet's rows, without the headings."""
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python()[1:] for name in book.sheet_names]


def test_texts_days_and_times_come_back_as_they_were(tmp_path):
    rows = [
        ["KH-000001", "Nguyễn Thị <Mỹ> & Hạnh", date(1990, 2, 28), TEN],
        ["0912 345 678", "", None, None],
        ["0301234567", "two\nlines", date(2026, 1, 1), MIDNIGHT],
    ]

    [sheet] = read(written(tmp_path / "a.xlsx", rows))

    assert sheet[0] == rows[0]
    assert sheet[1][0] == "0912 345 678"
    assert sheet[2][:3] == rows[2][:3]


def test_a_day_before_excels_calendar_is_a_text(tmp_path):
    [sheet] = read(written(tmp_path / "a.xlsx", [["x", "y", date(1899, 5, 1), None]]))

    assert sheet[0][2] == "1899-05-01"


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_in_a_workbook_is_a_formula(tmp_path, text):
    path = written(tmp_path / "a.xlsx", [[text, text, None, None]])

    with zipfile.ZipFile(path) as packed:
        xml = packed.read("xl/worksheets/sheet1.xml").decode()

    assert "<f>" not in xml and "<hyperlink" not in xml
    assert read(path)[0][0][0] == text.replace("\r", "")


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=6))
def test_any_text_is_well_formed_and_keeps_its_letters(tmp_path_factory, texts):
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    written(path, [[text, "end", None, None] for text in texts])

    with zipfile.ZipFile(path) as packed:
        ElementTree.fromstring(packed.read("xl/worksheets/sheet1.xml"))
    [sheet] = read(path)

    def kept(text):
        return [letter for letter in text if letter.isprintable() and letter < "\ud800"]

    assert [kept(row[0]) for row in sheet] == [kept(text) for text in texts]


def test_what_excel_would_take_for_its_own_escape_is_kept(tmp_path):
    path = written(tmp_path / "a.xlsx", [["_x0041_ and _x005F_", "b", None, None]])

    assert read(path)[0][0][0] == "_x0041_ and _x005F_"


def test_more_rows_than_a_sheet_has_go_into_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "PER_SHEET", 10)
    rows = [[f"row {number}", "x", None, None] for number in range(25)]
    path = tmp_path / "a.xlsx"

    with xlsx.workbook(path, "KH", (TEXT, TEXT, DAY, TIME), list("abcd"), 25) as book:
        for start in range(0, 25, 5):
            book.write(rows[start : start + 5])

    assert [len(sheet) for sheet in read(path)] == [10, 10, 5]
    assert [row[0] for sheet in read(path) for row in sheet] == [row[0] for row in rows]


def test_without_rows_there_are_still_the_headings(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsx.workbook(path, "KH", (TEXT,), ["Tên"], 0):
        pass

    assert CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python() == [["Tên"]]


def test_a_book_that_is_broken_off_says_what_broke_it(tmp_path):
    with (
        pytest.raises(RuntimeError, match="mid"),
        xlsx.workbook(tmp_path / "a.xlsx", "KH", (TEXT,), ["Tên"], 5) as book,
    ):
        book.write([["x"]])
        raise RuntimeError("mid")


@pytest.mark.parametrize("delimiter", csv_file.DELIMITERS)
def test_csv_is_what_excel_opens_with_a_double_click(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    row = ["0912 345 678", 'Lan; "Hạnh", An', date(1990, 2, 28), TEN]

    with csv_file.table(path, ["a", "b", "c", "d"], delimiter) as file:
        file.write([row, [None, "", "x\0y", "ok"]])

    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and raw.endswith(b"\r\n")
    with path.open(encoding="utf-8-sig", newline="") as opened:
        _, first, second = csv.reader(opened, delimiter=delimiter)
    assert first == ["0912 345 678", 'Lan; "Hạnh", An', "28/02/1990", "26/11/2026 10:30"]
    assert second == ["", "", "xy", "ok"]


@pytest.mark.parametrize("text", [*ATTACKS, "\n=1"])
def test_a_formula_in_csv_is_disarmed(tmp_path, text):
    path = tmp_path / "a.csv"

    with csv_file.table(path, ["a"], ";") as file:
        file.write([[text]])

    with path.open(encoding="utf-8-sig", newline="") as opened:
        [_, [cell]] = csv.reader(opened, delimiter=";")
    assert cell == "'" + text


CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", "=1", "＋84", 'Lan; "Hạnh"', "hai\r\ndòng", "x\0y", " Đỗ ", "\0-1"]),
    st.text(max_size=8),
    st.dates(),
    st.datetimes(),
    st.floats(min_value=0, max_value=400_000),
)


def said(value):
    """What a cell says in CSV, each by itself."""
    if isinstance(value, datetime):
        return f"{value.day:02}/{value.month:02}/{value.year:04} {value.hour:02}:{value.minute:02}"
    if isinstance(value, date):
        return f"{value.day:02}/{value.month:02}/{value.year:04}"
    if isinstance(value, float):
        minutes, seconds = divmod(int(value), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    text = (value or "").replace("\0", "")
    armed = text[:1] and text[0] in "=+-@\t\r\n＝＋－＠"
    return ("'" + text if armed else text).encode("utf-8", "replace").decode()


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.sampled_from(csv_file.DELIMITERS))
def test_every_cell_of_csv_says_what_it_would_by_itself(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with csv_file.table(path, ["a", "b", "c"], delimiter) as file:
        file.write(rows)
        file.write([])
        file.write(rows)

    with path.open(encoding="utf-8-sig", newline="") as opened:
        _, *read_again = csv.reader(opened, delimiter=delimiter)
    assert read_again == [[said(value) for value in row] for row in rows] * 2


@given(st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n))))
def test_csv_is_byte_for_byte_what_pythons_own_writer_makes_of_the_cells(tmp_path_factory, rows):
    path, other = (tmp_path_factory.getbasetemp() / name for name in ("a.csv", "b.csv"))
    with csv_file.table(path, ["a"], ";") as file:
        file.write(rows)

    with other.open("w", encoding="utf-8-sig", newline="") as opened:
        csv.writer(opened, delimiter=";").writerows([["a"], *([*map(said, row)] for row in rows)])
    assert path.read_bytes() == other.read_bytes()


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_a_row_of_a_workbook_does_not_depend_on_its_neighbours(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "rows.xlsx"
    columns = (TEXT, TEXT, DAY)
    together = [(*row, None) for row in rows]
    written(path, together, columns)
    [sheet] = read(path)

    with xlsx.workbook(path, "KH", columns, list("abc"), len(rows)) as book:
        for row in together:
            book.write([row])

    assert read(path) == [sheet]


def test_times_are_those_of_their_zone_also_when_its_clocks_change(tmp_path):
    berlin, path = ZoneInfo("Europe/Berlin"), tmp_path / "a"
    instants = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)]
    instants.insert(0, datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    rows = [[at.astimezone(berlin), "x", None, None] for at in instants]

    with csv_file.table(path, list("abcd"), ";") as file:
        file.write(rows)
    [sheet] = read(written(tmp_path / "a.xlsx", rows))

    with path.open(encoding="utf-8-sig", newline="") as opened:
        _, *lines = csv.reader(opened, delimiter=";")
    autumn = ["25/10/2026 02:30", "25/10/2026 02:30", "25/10/2026 03:30"]
    assert [line[0] for line in lines] == ["29/03/2026 03:00", *autumn]
    assert [f"{row[0]:%d/%m/%Y %H:%M}" for row in sheet] == [line[0] for line in lines]
