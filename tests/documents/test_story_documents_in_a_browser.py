"""Documents in a real Chromium: several at once with progress, cancelled, and a PDF in the page."""

import asyncio
import re

import pytest
from playwright.async_api import expect
from sqlalchemy import func, select

from callcenter.documents.models import Document
from tests.documents import files
from tests.pages.chromium import page_of

pytestmark = pytest.mark.browser

FILES = "document-upload:defined [data-files]"
# Slow enough to see a bar move, and to cancel: bytes a second.
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}


@pytest.fixture
async def customer(site):
    return await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")


@pytest.fixture
async def page(site, customer):
    async with page_of(site, "mara") as page:
        await page.goto(f"/customers/{customer.id}/documents")
        yield page


def chosen(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def slowly(page):
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW)
    return session


async def test_several_are_uploaded_at_once_and_a_pdf_is_shown_in_the_page(page):
    await page.set_input_files(
        FILES,
        [
            chosen("Hợp đồng.pdf", files.pdf("Water from Ho Chi Minh City")),
            chosen("Báo giá.docx", files.DOCX),
            chosen("Chứng minh.pdf", files.HTML),
        ],
    )

    rows = page.locator("[data-list] li")
    await expect(rows.nth(0).locator("[data-said]")).to_have_text("Done")
    await expect(rows.nth(1).locator("[data-said]")).to_have_text("Done")
    await expect(rows.nth(2).locator("[data-said]")).to_contain_text("This file is a web page")
    await expect(page.locator("#documents tbody tr")).to_have_count(2)
    await expect(page.locator(".tab[aria-current] .count")).to_have_text("2")
    await expect(page.locator("[data-choose]")).to_have_text("Add")

    await page.click("#documents >> text=Hợp đồng.pdf")
    await expect(page.locator("h1")).to_have_text("Hợp đồng.pdf")
    async with asyncio.timeout(20):  # the browser's own viewer has taken it
        while not any(frame.url.startswith("chrome-extension://") for frame in page.frames):
            await page.wait_for_event("framenavigated")


async def test_a_slow_upload_shows_how_far_it_is_and_can_be_cancelled(page, site):
    await slowly(page)
    await page.set_input_files(FILES, [chosen("lớn.pdf", files.pdf(padding=4 * 2**20))])
    row = page.locator("[data-list] li")
    await expect(row.locator("[data-said]")).to_have_text(re.compile(r"^[1-9]\d?% of 4\s?MB$"))

    await row.locator("[data-stop]").click()

    await expect(row).to_have_count(0)
    async with site.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Document)) == 0


async def test_an_upload_goes_on_while_other_pages_are_looked_at(page, customer):
    network = await slowly(page)
    await page.set_input_files(FILES, [chosen("lớn.pdf", files.pdf(padding=2 * 2**20))])
    said = page.locator("[data-list] li [data-said]")
    await expect(said).to_contain_text("%")

    await page.click("nav >> text=Calls")
    await expect(page.locator("h1")).to_have_text("Calls")
    await network.send("Network.emulateNetworkConditions", {**SLOW, "uploadThroughput": -1})

    await expect(page.locator(".toast")).to_contain_text("The files have been uploaded.")


async def test_a_document_is_renamed_and_deleted_in_place(page):
    await page.set_input_files(FILES, [chosen("a.pdf", files.pdf())])
    await expect(page.locator("#documents tbody tr")).to_have_count(1)

    await page.click("[aria-label='Rename a.pdf']")
    field = page.locator("input[name=name]:visible")
    await expect(field).to_be_focused()
    await field.fill("Hợp đồng đã ký")
    await field.press("Enter")
    await expect(page.locator("#documents tbody b").first).to_have_text("Hợp đồng đã ký.pdf")
    await expect(page.locator(".toast").last).to_contain_text("renamed")

    await page.click("[aria-label^='Delete']")
    await page.keyboard.press("Escape")
    await expect(page.locator("#documents tbody tr")).to_have_count(1)
    await page.click("[aria-label^='Delete']")
    await page.click("[popover]:popover-open .btn--bad")
    await expect(page.locator("#documents .empty")).to_contain_text("There are no documents yet")
