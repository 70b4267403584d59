"""What stands in a report's file is what the report says, in numbers, and nothing is a formula."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from callcenter import doctor
from callcenter.config import ROOT
from callcenter.errors import CallcenterError
from callcenter.pages.language import Words, speak
from callcenter.report_files import csv_file, layout, pdf, xlsx
from callcenter.report_files.paper import paper
from callcenter.reports.asked import Asked
from callcenter.reports.comparing import beside
from callcenter.reports.frame import Column, Kind, Row, Table

WORDS = Words(ROOT / "web/locale")
COMPANY = ["Công ty Nước sạch An Phát", "12 Nguyễn Huệ, Quận 1", "Mã số thuế: 0312345678"]
FACTS = [("Kỳ", "01/11/2026 – 27/11/2026")]
COLUMNS = (
    Column("who", "Employee", Kind.TEXT, "Ai nói chuyện với khách."),
    Column("day", "Day", Kind.DAY),
    Column("at", "Time", Kind.MOMENT),
    Column("calls", "Calls", Kind.COUNT, "Mọi cuộc gọi."),
    Column("talk", "Talk time", Kind.SECONDS),
    Column("share", "Answered", Kind.SHARE),
    Column("mean", "Average", Kind.DECIMAL),
)
ROW = Row(
    ("Ẩn", date(2026, 11, 2), datetime(2026, 11, 2, 18, 30, tzinfo=UTC), 1248, 100_000, 0.834, 2.5)
)
TOTAL = Row((None, None, None, 1248, 100_000.0, 0.834, None))


def on_paper(rows=(ROW,), columns=COLUMNS, total=TOTAL, language="vi"):
    speak(language)
    table = rows if isinstance(rows, Table) else Table(columns, rows, total)
    return paper("Báo cáo: nhân viên", COMPANY, FACTS, table, WORDS, "Asia/Ho_Chi_Minh")


def sheets(tmp_path, written):
    xlsx.write(written, tmp_path / "a.xlsx")
    return openpyxl.load_workbook(tmp_path / "a.xlsx")


def pages(written):
    file = io.BytesIO()
    count = pdf.write(written, file)
    document = pypdfium2.PdfDocument(file.getvalue())
    assert len(document) == count
    return document


def letters(page):
    return page.get_textpage().get_text_range()


def test_in_a_workbook_numbers_are_numbers_and_durations_durations(tmp_path):
    sheet = sheets(tmp_path, on_paper()).worksheets[0]

    [heading] = [row for row in sheet.iter_rows() if row[0].value == "Nhân viên"]
    cells = sheet[heading[0].row + 1]
    assert [cell.value for cell in cells] == [
        "Ẩn",
        datetime.fromisoformat("2026-11-02"),
        datetime.fromisoformat("2026-11-03T01:30"),
        1248,
        timedelta(seconds=100_000),
        0.834,
        2.5,
    ]
    assert [cell.number_format for cell in cells] == [
        *("@", "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "#,##0", "[h]:mm:ss", "0.0%", "#,##0.0")
    ]


def test_a_workbook_has_the_company_the_question_a_total_and_the_definitions(tmp_path):
    first, second = sheets(tmp_path, on_paper()).worksheets

    words = [str(row[0]) for row in first.iter_rows(values_only=True)]
    assert words[:3] == COMPANY
    assert words[4:6] == ["Báo cáo: nhân viên", "Kỳ: 01/11/2026 – 27/11/2026"]
    assert words[-1] == "Tổng"
    assert first.title == "Báo cáo  nhân viên"
    assert [row for row in second.iter_rows(values_only=True) if row[1]] == [
        ("Nhân viên", "Ai nói chuyện với khách."),
        ("Cuộc gọi", "Mọi cuộc gọi."),
    ]


@pytest.mark.parametrize("attack", ["=1+1", "+84", "-5", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_nothing_in_a_file_is_a_formula(tmp_path, attack):
    columns = (Column("a", attack, Kind.TEXT, is_plain=True), Column("n", "Calls"))
    written = on_paper([Row((attack, -5))], columns, None)

    book = sheets(tmp_path, written)
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n"}
    file = io.StringIO()
    csv_file.write(written, file)
    heading, row = csv.reader(io.StringIO(file.getvalue()), delimiter=";")
    assert (heading[0], row) == (f"'{attack}", [f"'{attack}", "-5"])


@pytest.mark.parametrize(
    ("language", "figures"),
    [("vi", ["1248", "27:46:40", "83,4%", "2,5"]), ("en", ["1248", "27:46:40", "83.4%", "2.5"])],
)
def test_a_csv_has_figures_as_a_spreadsheet_of_that_language_reads_them(language, figures):
    file = io.StringIO()
    csv_file.write(on_paper(language=language), file)

    _, row, total = csv.reader(io.StringIO(file.getvalue()), delimiter=";")

    assert row == ["Ẩn", "02/11/2026", "03/11/2026 01:30", *figures]
    assert total == [{"vi": "Tổng", "en": "Total"}[language], "", "", *figures[:3], ""]


def test_a_comparison_has_what_it_was_and_how_it_changed_in_columns_of_its_own(tmp_path):
    columns = (COLUMNS[0], COLUMNS[3], COLUMNS[5])
    now = Table(columns, [Row(("Ẩn", 30, 0.5))], Row((None, 30, 0.5)))
    then = Table(columns, [Row(("Ẩn", 20, 0.4))], Row((None, 20, 0.4)))
    asked = Asked(since=date(2026, 11, 1), until=date(2026, 11, 2), against=date(2026, 10, 1))

    written = on_paper(beside(now, asked, then, asked.before))

    assert [each.title for each in written.headings][:4] == [
        *("Nhân viên", "Cuộc gọi", "Cuộc gọi, kỳ trước", "Cuộc gọi, thay đổi")
    ]
    assert written.rows[0] == ["Ẩn", 30, 20, 0.5, 0.5, 0.4, pytest.approx(0.1)]
    assert written.total[:4] == ["Tổng", 30, 20, 0.5]
    assert sheets(tmp_path, written).worksheets[0].cell(9, 4).number_format.startswith("+0.0%")


def test_a_pdf_has_every_vietnamese_letter_the_header_and_the_definitions():
    name = "Nguyễn Thị Ễ Ậ Ỡ Ữ ẵ ự đ Đ Ngọc"
    decomposed = "Ti\u1ebfn Vi\u00ea\u0323t"  # as some machines write them

    document = pages(on_paper([Row((name, *ROW.cells[1:])), Row((decomposed, *ROW.cells[1:]))]))
    text = letters(document[0])

    for words in (
        name,
        "Tiến Việt",
        *COMPANY,
        "Kỳ: 01/11/2026",
        "Trang 1 / 1",
        "27:46:40",
        "83,4%",
    ):
        assert words in text, words
    assert "Cuộc gọi: Mọi cuộc gọi." in text.replace("\r\n", " ")
    assert {each.get_base_name().split("+")[-1] for each in fonts(document)} <= {
        *("DejaVuSans", "DejaVuSans-Bold")
    }


@pytest.mark.parametrize(
    ("language", "days"),
    [("vi", ("02/11/2026", "03/11/2026 01:30")), ("en", ("2 Nov 2026", "01:30"))],
)
def test_a_pdf_writes_days_as_pages_of_its_language_do(language, days):
    text = letters(pages(on_paper(language=language))[0])

    assert all(each in text for each in days)
    assert ("02/11/2026" in text) == (language == "vi")


def fonts(document):
    page = document[0]
    return [each.get_font() for each in page.get_objects() if hasattr(each, "get_font")]


def test_a_long_table_goes_over_pages_with_its_heading_on_each():
    document = pages(on_paper([Row((f"Số {n}", *ROW.cells[1:])) for n in range(200)]))

    assert len(document) > 3
    for number, page in enumerate(document, start=1):
        text = letters(page)
        assert "Thời gian nói" in text
        assert f"Trang {number} / {len(document)}" in text
    everything = " ".join(letters(page) for page in document)
    assert all(f"Số {n}\r\n" in everything or f"Số {n} " in everything for n in range(200))


def test_a_wide_table_lies_and_one_that_is_wider_still_gets_smaller_and_stays_on_the_paper():
    names = [Column(f"n{n}", f"Cột số {n}", is_plain=True) for n in range(30)]
    many = pages(on_paper([Row(tuple(range(1_000_000, 1_000_030)))], names, None))
    few = pages(on_paper())

    assert few[0].get_width() < few[0].get_height()
    assert many[0].get_width() > many[0].get_height()
    laid = layout.lay_out(on_paper([Row(tuple(range(30)))], names, None))
    assert sum(laid.columns) <= laid.width - 2 * layout.MARGIN + 0.01
    assert laid.size >= min(layout.SIZES)


def test_a_long_word_and_a_long_text_stay_in_their_column():
    rows = [Row(("x" * 500, *ROW.cells[1:])), Row(("rất dài " * 80, *ROW.cells[1:]))]

    laid = layout.lay_out(on_paper(rows))

    for block in laid.pages[0]:
        if block.kind == "row":
            width = laid.columns[0] - 2 * layout.PAD
            assert len(block.cells[0]) <= layout.LINES
            assert all(layout.measure(line, laid.size) <= width + 4 for line in block.cells[0])


def test_a_report_without_rows_is_a_page_all_the_same(tmp_path):
    written = on_paper([], total=None)

    assert len(pages(written)) == 1
    assert sheets(tmp_path, written).worksheets[0].max_row >= 8


def test_a_machine_without_the_letters_says_what_to_install(monkeypatch):
    monkeypatch.setattr(layout, "FOLDERS", (Path("/nowhere"),))
    layout.fonts.cache_clear()

    with pytest.raises(CallcenterError, match="fonts-dejavu-core"):
        layout.fonts()
    assert "apt-get install fonts-dejavu-core" in {each.cure for each in doctor.programs()}

    monkeypatch.undo()
    assert "apt-get install fonts-dejavu-core" not in {each.cure for each in doctor.programs()}


def test_of_a_word_without_end_no_more_is_looked_at_than_a_page_shows(monkeypatch):
    looked_at, split = [], layout.simpleSplit

    def noted(words, *args):
        looked_at.append(len(words))
        return split(words, *args)

    monkeypatch.setattr(layout, "simpleSplit", noted)
    endless = on_paper([Row(("i" * 1_000_000, *ROW.cells[1:]))])

    laid = layout.lay_out(endless)

    assert max(looked_at) <= layout.LINES * layout.LONGEST
    [cell] = [block.cells[0] for block in laid.pages[0] if block.kind == "row"]
    assert len(cell) == layout.LINES and cell[-1].endswith("…")
    widest = layout.landscape(layout.A4)[0]
    assert layout.measure("i" * layout.LONGEST, min(layout.SIZES)) > widest - 2 * layout.MARGIN
