"""Import errors: each mended, tried again, discarded, taken away as a file."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from callcenter.imports.models import RowState
from tests.pages.site import IDS

HUONG, LAN = ["Hường", "0912345678"], ["Lan", "0987654321"]


@pytest.fixture
def site_url(database_url):
    return database_url


async def test_an_error_is_mended_in_place_and_becomes_a_customer(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(
        lea, HUONG, ["Tô Mỹ Duyên", "09123"], destination="people", people=[IDS["mara"]]
    )
    [row] = await office.errors(import_id)

    form = (await lea.get(f"/imports/rows/{row.id}?part=1")).text
    answer = await lea.post(f"/imports/rows/{row.id}", {"text-1": "0912 300 400"})

    assert "“09123” is not a phone number that can be called" in form
    assert answer.status == 303
    duyen = (await office.customers(import_id))["Tô Mỹ Duyên"]
    assert duyen.owner_id == IDS["mara"]
    assert await office.errors(import_id) == []
    counts = (await office.made(import_id)).counts
    assert (counts["accepted"], counts["errors"], counts["mended"]) == (2, 0, 1)


async def test_what_is_still_wrong_is_said_and_what_was_typed_is_kept(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, ["", "09123"])
    [row] = await office.errors(import_id)

    answer = await lea.post(
        f"/imports/rows/{row.id}", {"text-0": "<b>Duyên</b>", "text-1": "0912345678"}
    )

    assert answer.status == 400
    assert "&lt;b&gt;Duyên&lt;/b&gt;" in answer.text
    assert "Phone number: customer Hường, without an owner, has it already" in answer.text
    [row] = await office.errors(import_id)
    assert row.texts == ["<b>Duyên</b>", "0912345678"]


async def test_all_errors_are_tried_again_when_the_cause_is_gone(office):
    mine = await office.site.customer("Mỹ Hạnh", "0912345678", owner="kim")
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, ["", "0987654321"])
    async with office.sessions.begin() as session:
        await session.delete(await session.get(type(mine), mine.id))

    await office.runs(lea, import_id, "again")

    assert set(await office.customers(import_id)) == {"Hường"}
    assert [row.number for row in await office.errors(import_id)] == [3]


async def test_a_row_is_discarded_and_put_back(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, ["", ""], ["", "1"])
    [row] = await office.errors(import_id)

    await lea.post(f"/imports/rows/{row.id}/discard")
    page = (await lea.get("/imports/errors")).text
    gone = await office.errors(import_id, RowState.DISCARDED)
    await lea.post(f"/imports/rows/{row.id}/restore")

    assert "No row of an import waits to be mended." in page
    assert [each.id for each in gone] == [row.id]
    assert [each.id for each in await office.errors(import_id)] == [row.id]


async def test_errors_stand_beside_the_lists_of_customers(office):
    await office.site.customer("Mỹ Hạnh", "0912345678", owner="mara")
    lea = await office.site.signed_in("lea")
    await office.imported(lea, HUONG, ["", "0987654321"])

    customers = (await lea.get("/customers")).text
    all_of_them = (await lea.get("/imports/errors")).text
    duplicates = (await lea.get("/imports/errors?show=duplicate")).text

    assert 'href="/imports/errors"' in customers
    assert "customer Mỹ Hạnh, owned by Nguyễn Mara, has it already" in all_of_them
    assert "Name is empty" in all_of_them
    assert "Name is empty" not in duplicates


async def test_errors_are_taken_away_as_a_workbook_with_their_reasons(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, ["=1+1", "09"])

    async with lea.session.get(f"/imports/{import_id}/errors.xlsx") as answer:
        content = await answer.read()

    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows == [
        ["Tên khách hàng", "Số điện thoại", "Reason", "Row"],
        ["=1+1", "09", "“09” is not a phone number that can be called", "3"],
    ]


async def test_others_do_not_see_ones_errors_and_a_superadmin_does(office):
    lea, root = await office.site.signed_in("lea"), await office.site.signed_in("root")
    tom = await office.site.signed_in("tom")
    import_id = await office.imported(root, ["", "09"])
    [row] = await office.errors(import_id)
    mine = await office.imported(lea, ["", "09"])

    assert (await lea.get(f"/imports/rows/{row.id}")).status == 404
    assert (await lea.get(f"/imports/errors?import={import_id}")).status == 404
    assert (await lea.get(f"/imports/{import_id}/errors.xlsx")).status == 404
    assert (await tom.get("/imports/errors")).status == 403
    assert (await root.get(f"/imports/errors?import={mine}")).status == 200
