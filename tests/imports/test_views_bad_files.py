"""Whatever somebody uploads ends with a sentence, and the next file is taken."""

from random import Random

import pytest
from sqlalchemy import func, select

from callcenter.imports.models import Import
from callcenter.imports.views import imports_folder
from callcenter.sheets.caps import MB, Caps
from tests.imports.files import package
from tests.imports.office import csv, workbook

HUONG = ["Hường", "0912345678"]
BAD = {
    "nothing": b"",
    "random bytes": Random(1).randbytes(3 * MB),
    "a web page": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
    "a PDF": b"%PDF-1.7 ...",
    "a damaged workbook": workbook(HUONG)[:-200],
    "a workbook of nothing": package(),
    "more columns than anybody has": csv([str(n) for n in range(300)]),
    "a quotation that never ends": b'Name,Phone\n"Huong,0912\n' + b"x,1\n" * 10,
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
async def test_a_bad_file_is_refused_in_words_and_leaves_nothing(office, content):
    lea = await office.site.signed_in("lea")

    status, said = await office.upload(lea, content, "list.xlsx")

    assert status == 400
    assert said["message"][0].isupper() and said["message"].endswith(".")
    async with office.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Import)) == 0
    assert list(imports_folder().iterdir()) == []
    assert (await office.upload(lea, csv(HUONG)))[0] == 201


async def test_a_file_that_is_too_large_is_refused_while_it_arrives(office):
    lea = await office.site.signed_in("lea")

    async def endless():
        for _ in range(Caps().size // MB + 2):
            yield bytes(MB)

    status, said = await office.upload(lea, endless())

    assert (status, said["message"]) == (400, "This file is larger than 30 MB.")
    assert list(imports_folder().iterdir()) == []


async def test_a_workbook_and_a_file_without_headings_are_read(office):
    lea = await office.site.signed_in("lea")

    _, first = await office.upload(lea, workbook(HUONG), "khach.xlsx")
    _, second = await office.upload(lea, b"Huong An,0912345678\nLan An,0987654321\n")

    assert first["address"] == "/imports/1/columns"
    made = await office.made(2)
    assert (made.has_headings, made.rows, made.sheet["guess"]) == (False, 2, ["name", "phone"])
    assert second["address"] == "/imports/2/columns"


async def test_html_and_sql_in_every_field_stay_text(office):
    lea = await office.site.signed_in("lea")
    evil = "<script>alert(1)</script>'; DROP TABLE customers; --"

    import_id = await office.imported(lea, [evil, "0912345678"], [evil, evil])

    page = (await lea.get(f"/imports/{import_id}")).text
    errors = (await lea.get("/imports/errors")).text
    assert "<script>alert(1)" not in page + errors
    assert set(await office.customers(import_id)) == {evil}


async def test_the_template_is_a_workbook_that_can_be_uploaded(office):
    lea = await office.site.signed_in("lea")
    async with lea.session.get("/imports/template.xlsx") as answer:
        content = await answer.read()

    status, said = await office.upload(lea, content, "template.xlsx")

    made = await office.made(int(said["address"].split("/")[2]))
    assert (status, made.rows) == (201, 2)
    assert "" not in made.sheet["guess"]
