from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from callcenter.config import ROOT
from callcenter.imports.cells import day_of, is_phone, kind_of
from callcenter.imports.columns import check, guess, record_of
from callcenter.imports.fields import FIELDS
from callcenter.imports.template import workbook
from callcenter.pages.language import LANGUAGES, Words, speak


@pytest.fixture(params=LANGUAGES)
def template(request):
    speak(request.param)
    return workbook(Words(ROOT / "web/locale").say)


def test_a_template_that_was_filled_in_maps_itself(upload, template):
    sheet = upload(template)

    mapping = guess(sheet.headings, [row.texts for row in sheet.rows])
    assert mapping == [field.key for field in FIELDS]
    check(mapping, len(sheet.headings))


def test_its_examples_are_customers_one_could_import(upload, template):
    sheet = upload(template)
    mapping = guess(sheet.headings, [])

    records = [record_of(mapping, row.texts) for row in sheet.rows]
    assert [record.text("name") for record in records] == [
        *("Nguyễn Thị Hường", "Công ty TNHH An Phát")
    ]
    assert all(is_phone(phone) for record in records for phone in record.phones)
    assert [kind_of(record.text("kind")) for record in records] == ["person", "organisation"]
    assert day_of(records[0].text("birthday")) and day_of(records[1].text("founded_on"))
    assert [len(record.phones) for record in records] == [1, 2]


def test_name_and_phone_are_marked_as_required(upload, template):
    marked = [heading for heading in upload(template).headings if heading.endswith("(*)")]

    assert len(marked) == 2
    assert guess(marked, []) == ["name", "phone"]


def test_a_second_sheet_explains_every_field(template):
    book = CalamineWorkbook.from_filelike(BytesIO(template))

    [_, explained] = [book.get_sheet_by_index(index).to_python() for index in range(2)]
    assert len([row for row in explained[1:] if row[2]]) == len(FIELDS)


def test_it_speaks_the_language_that_was_asked_for(upload):
    words = Words(ROOT / "web/locale")
    speak("vi")
    assert upload(workbook(words.say)).headings[:2] == ["Tên (*)", "Số điện thoại (*)"]
    speak("en")
    assert upload(workbook(words.say)).headings[:2] == ["Name (*)", "Phone number (*)"]
