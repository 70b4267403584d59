"""Reports in a real Chromium: sorted, explained, kept as a view, taken out as a file."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from callcenter.keys import TEMPLATES
from tests.pages.chromium import page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(site):
    async with page_of(site, "lea") as page:
        yield page


async def test_a_report_is_sorted_explained_kept_and_taken_out(page, site):
    today = site.app[TEMPLATES].formats.today()
    for ago, calls in enumerate((2, 9, 5)):
        await site.day("mara", today - timedelta(days=ago), calls=calls)
    await page.goto("/reports")
    await page.click(".reports >> text=Call report")
    table = page.locator("report-table").first
    await expect(table.locator("tbody tr").first).to_be_visible()

    heading = table.locator("thead button", has_text=re.compile("^Calls$"))
    await heading.click()

    await expect(table.locator("thead th[aria-sort=descending]")).to_have_text("Calls")
    place = await table.locator("thead th[aria-sort]").evaluate("th => th.cellIndex")
    cells = table.locator(f"tbody tr > :nth-child({place + 1})")
    figures = [int(re.sub(r"\D", "", text)) for text in await cells.all_inner_texts()]
    assert figures == sorted(figures, reverse=True)

    await heading.hover()
    await expect(table.locator("[role=tooltip]")).to_be_visible()
    await expect(table.locator("[role=tooltip]")).not_to_be_empty()
    await page.keyboard.press("Escape")
    await expect(table.locator("[role=tooltip]")).to_be_hidden()

    await page.click("#keep-view")
    await page.press("#view-name", "Enter")
    await expect(page.locator("#view-problem")).to_have_text("Enter a name.")
    await page.fill("#view-name", "Mine")  # it is open still
    await page.press("#view-name", "Enter")
    await expect(page.locator(".views a.chip[aria-pressed=true]")).to_have_text("Mine")

    async with page.expect_download() as coming:
        await page.click("button[value=xlsx]")
    assert (await coming.value).suggested_filename.startswith("Call report ")
