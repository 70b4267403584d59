"""Places from a workbook: nothing is doubled, nothing lost without a word."""

from io import BytesIO

import aiohttp
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from callcenter.catalogues.models import Place
from callcenter.catalogues.place_import import columns_of, nodes, plan, write
from callcenter.catalogues.queries import place_path
from callcenter.errors import Invalid

HEADINGS = ["Country", "Province", "Province code", "District", "Ward", "Ward code"]
COLUMNS = columns_of(HEADINGS)
IMPORT = "/settings/places/import"


def numbered(*rows):
    return [(number, [*row, *[""] * (6 - len(row))]) for number, row in enumerate(rows, 2)]


async def imported(sessions, *rows):
    async with sessions() as session:
        made = plan(await nodes(session), COLUMNS, numbered(*rows))
        await write(session, made)
        await session.commit()
    return made


async def paths(sessions):
    async with sessions() as session:
        ids = (await session.scalars(select(Place.id))).all()
        return sorted((await place_path(session, ids)).values())


ROWS = (
    ("Việt Nam", "Hà Nội", "01", "", "Phường Ba Đình", "00004"),
    ("", "Hà Nội", "", "", "Phường Hoàn Kiếm", "00070"),
    ("", "TP. Hồ Chí Minh", "79", "Quận 1", "Phường Tân Định", "26734"),
)


async def test_rows_become_a_tree_and_a_second_import_changes_nothing(sessions):
    first = await imported(sessions, *ROWS)
    before = await paths(sessions)
    second = await imported(sessions, *ROWS)

    assert (len(first.new), len(first.changed), first.bad) == (7, 0, [])
    assert before == [
        "Hà Nội",
        "Phường Ba Đình, Hà Nội",
        "Phường Hoàn Kiếm, Hà Nội",
        "Phường Tân Định, Quận 1, TP. Hồ Chí Minh",
        "Quận 1, TP. Hồ Chí Minh",
        "TP. Hồ Chí Minh",
        "Việt Nam",
    ]
    assert (second.new, second.changed, second.bad) == ([], [], [])
    assert await paths(sessions) == before


async def test_a_name_changes_by_its_code_and_a_code_by_its_name(sessions):
    await imported(sessions, *ROWS)

    made = await imported(
        sessions,
        ("", "Thủ đô Hà Nội", "01", "", "Phường Ba Đình", "11111"),
        ("", "Thủ đô Hà Nội", "01", "", "Phường Cửa Nam", "00070"),
    )

    assert (made.new, len(made.changed), made.bad) == ([], 3, [])
    assert "Phường Cửa Nam, Thủ đô Hà Nội" in await paths(sessions)
    async with sessions() as session:
        code = await session.scalar(select(Place.code).where(Place.name == "Phường Ba Đình"))
    assert code == "11111"


@pytest.mark.parametrize(
    "row, sentence",
    [
        (("Việt Nam", "", "", "", "Phường X"), "The province is missing."),
        (("", "", "", "", "", ""), "There is no name in this row."),
        (("", "Huế", "46", "", "", "00004"), "There is a code without a name: 00004."),
        (("", "x" * 201), "A name or a code is too long."),
        (("", "Hà Nội", "79"), "“Hà Nội” has another code than 79."),
    ],
)
async def test_a_row_that_makes_no_sense_is_told_and_the_others_are_taken(sessions, row, sentence):
    await imported(sessions, *ROWS)

    made = await imported(sessions, row, ("", "Huế", "46"))

    assert [(number, str(why)) for number, why in made.bad] == [(2, sentence)]
    assert [node.name for node in made.new] == ["Huế"]


def test_two_names_for_one_code_in_one_file_are_told():
    made = plan([], COLUMNS, numbered(("", "Huế", "46"), ("", "Đà Nẵng", "46")))

    assert [str(why) for _, why in made.bad] == ["Another row calls it “Huế”, with the code “46”."]


NAMES = st.sampled_from(["", "A", "a", "B", "Ã"])
ROW = st.tuples(NAMES, NAMES, st.sampled_from(["", "1", "2"]), NAMES, NAMES, st.just(""))


@given(st.lists(ROW, max_size=12))
def test_every_row_is_used_or_told_and_no_two_places_are_alike(rows):
    made = plan([], COLUMNS, numbered(*rows))
    again = plan(made.new, COLUMNS, numbered(*rows))
    beside = [(node.parent, node.name.casefold()) for node in made.new]

    assert made.rows == len(rows)
    assert len(beside) == len(set(beside))
    assert again.new == []


def test_headings_of_ours_in_both_languages_and_of_official_lists_are_known():
    ours = columns_of(["Quốc gia", "Mã quốc gia", "Tỉnh/thành phố", "Mã tỉnh"])
    official = columns_of(["Tên", "Mã", "Cấp", "Mã TP", "Tỉnh / Thành Phố"])

    assert ours["country"] == (0, 1) and ours["province"] == (2, 3)
    assert official["ward"] == (0, 1) and official["province"] == (4, 3)
    with pytest.raises(Invalid, match="There is no column of provinces"):
        columns_of(["Name", "Phone"])


def workbook(*rows):
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


async def uploads(visitor, content, name="places.xlsx"):
    form = aiohttp.FormData()
    form.add_field("_csrf", visitor.csrf)
    form.add_field("file", content, filename=name)
    async with visitor.session.post(
        IMPORT, data=form, headers={"Accept": "text/html"}, allow_redirects=False
    ) as answer:
        return answer.status, await answer.text()


async def test_the_template_can_be_imported_as_it_is(site):
    root = await site.signed_in("root")
    async with root.session.get("/settings/places/template.xlsx") as answer:
        content = await answer.read()

    status, text = await uploads(root, content)

    assert status == 200
    assert 'id="new">5<' in text and 'id="bad">0<' in text


async def test_what_came_of_the_rows_is_counted_and_bad_ones_are_named(site):
    root = await site.signed_in("root")

    status, text = await uploads(
        root, workbook(HEADINGS, *ROWS, ["Việt Nam", "", "", "", "Phường <X>", ""])
    )

    assert status == 200
    assert 'id="new">7<' in text and 'id="bad">1<' in text
    assert "The province is missing." in text and '<td class="n">5</td>' in text


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "There is nothing in this file."),
        (b"\x00\xff" * 5000, ""),
        (b"PK\x03\x04 and no more", ""),
        (workbook(["Name", "Phone"], ["An", "0912"]), "There is no column of provinces."),
    ],
)
async def test_a_file_that_is_none_of_ours_is_refused_in_words(site, content, sentence):
    root = await site.signed_in("root")

    status, text = await uploads(root, content)

    assert status == 400
    assert 'id="file-error"' in text and sentence in text
    async with site.sessions() as session:
        assert await session.scalar(select(Place.id)) is None


async def test_no_file_is_told_and_only_the_superadmin_imports(site):
    root, lea = await site.signed_in("root"), await site.signed_in("lea")

    assert "Choose a file." in (await root.post(IMPORT)).text
    assert (await uploads(lea, workbook(HEADINGS, *ROWS)))[0] == 403
