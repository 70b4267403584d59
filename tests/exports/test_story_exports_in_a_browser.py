"""An export as its owner makes it: chosen, made in the background, downloaded, every cell right."""

import re

import pytest
from playwright.async_api import expect
from python_calamine import CalamineWorkbook

from callcenter.keys import JOBS
from callcenter.tasks import running
from tests.pages.chromium import page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(site):
    async with page_of(site, "root") as page:
        yield page


async def test_the_filtered_list_becomes_a_workbook_with_every_cell(page, site, tmp_path):
    await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara", company="=An & Phát")
    await site.customer("Nguyễn Hạnh", "02838123456", owner="kim")
    await site.customer("Lý Quang Vũ", "0912345679", owner="mara")
    await page.goto("/customers?q=hanh")

    await page.click("text=Export Excel")
    await expect(page.locator("h1")).to_have_text("Export customers")
    await expect(page.locator(".card")).to_contain_text("with its filters")
    visible = page.locator("[data-of=customers] input")
    for box in await visible.all():
        await box.set_checked(await box.get_attribute("value") in ("name", "phone", "company"))
    await page.click(".export .btn--p")
    await expect(page).to_have_url(re.compile("/jobs$"))
    async with running(site.app[JOBS].run(), "long work"):
        await site.app[JOBS].over(1)
    await page.goto("/exports/1")
    async with page.expect_download() as going:
        await page.click("text=Download")
    download = await going.value
    await download.save_as(tmp_path / "got.xlsx")

    sheet = CalamineWorkbook.from_path(str(tmp_path / "got.xlsx")).get_sheet_by_index(0)
    assert re.fullmatch(r"Customers [\d -]+\.xlsx", download.suggested_filename)
    assert sheet.to_python() == [
        ["Name", "Phone number", "Company"],
        ["Trần Thị Mỹ Hạnh", "0912 345 678", "=An & Phát"],
        ["Nguyễn Hạnh", "028 3812 3456", ""],
    ]


async def test_escape_leads_back_to_the_list_one_came_from(page, site):
    await page.goto("/customers/export?all=1&q=lan")
    await page.focus("[data-of=customers] input >> nth=0")

    await page.keyboard.press("Escape")

    await expect(page).to_have_url(re.compile(r"/customers\?q=lan$"))
