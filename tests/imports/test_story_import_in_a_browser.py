"""The wizard in a real Chromium: a file dropped in, matched, checked, imported, mended, undone."""

import re
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import async_playwright, expect

from tests.imports.office import csv
from tests.pages.chromium import FLAGS, NOT_HERE
from tests.pages.site import PASSWORD

pytestmark = pytest.mark.browser
ROWS = [
    ["Nguyễn Hữu Ằn", "0938000001"],
    ["Lâm Ngọc Ẩn", "938000002"],
    ["", "0938000003"],
    ["Giang Thế Trực", "09123"],
    ["Mạc Đỉnh Chi", "0912 345 678"],
]


@asynccontextmanager
async def page_of(office, username):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        url = str(office.site.server.make_url("/"))
        context = await browser.new_context(
            base_url=url, viewport={"width": 1440, "height": 900}, accept_downloads=True
        )
        page, said = await context.new_page(), []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        await page.goto("/sign-in")
        await page.click("footer button[lang=en]")
        await page.fill("#username", username)
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await expect(page.locator("h1")).to_have_text("Today")
        yield page
        await browser.close()
        assert [text for text in said if not NOT_HERE.search(text)] == []


async def chooses(page, content, name="khach.csv"):
    await page.goto("/imports/new")
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    await page.set_input_files("file-upload:defined [data-file]", files=[file])


async def test_a_team_lead_imports_mends_a_row_and_undoes_it_all(office):
    await office.site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    async with page_of(office, "lea") as page:
        await chooses(page, csv(*ROWS))
        await page.wait_for_url("**/columns")
        await expect(page.locator("select[name=column]").nth(1)).to_have_value("phone")
        await page.click("button:text-is('Go on')")
        await page.wait_for_url("**/assignment")
        await page.check("[name=destination][value=people]")
        await page.click("[data-part=all]")
        await expect(page.locator("[data-part=count]")).to_have_text("4 ticked")
        await page.click("text=Check the rows")
        run = page.locator("text=Import 2 rows")
        await expect(run).to_be_visible(timeout=30_000)
        await expect(page.locator("tbody")).to_contain_text("customer Trần Thị Mỹ Hạnh, owned by")

        await page.go_back()
        await expect(page.locator("[name=destination][value=people]")).to_be_checked()
        await page.go_forward()
        await run.click()
        await page.goto("/customers")  # it goes on without the page
        await page.goto("/imports/1")
        await expect(page.locator("text=2 customers were imported.")).to_be_visible(timeout=30_000)

        await page.click("text=Mend the errors")
        await page.locator("[data-unfold]").nth(1).click()
        await page.fill(".mend [name=text-1]", "0938 000 004")
        await page.press(".mend [name=text-1]", "Enter")
        await expect(page.locator(".toast")).to_contain_text("The row is a customer now.")
        await expect(page.locator("[data-unfold]")).to_have_count(2)

        await page.goto("/imports/1")
        await page.click("[popovertarget=undo]")
        await expect(page.locator("#undo")).to_contain_text("Remove 3 customers again?")
        await page.click("#undo .btn--bad")
        undone = page.locator("text=Undone: 3 customers were removed.")
        await expect(undone).to_be_visible(timeout=30_000)
    assert set(await office.customers()) == {"Trần Thị Mỹ Hạnh"}


async def test_a_bad_file_ends_with_its_sentence_and_the_next_one_is_taken(office):
    async with page_of(office, "root") as page:
        await chooses(page, b"%PDF-1.7 not a table", "list.xlsx")
        await expect(page.locator("[data-part=problem]")).to_contain_text("This file is no table.")

        file = {"name": "good.csv", "mimeType": "text/csv", "buffer": csv(*ROWS)}
        await page.set_input_files("file-upload:defined [data-file]", files=[file])

        await expect(page).to_have_url(re.compile("/imports/1/columns$"))
        await page.click("text=Cancel the import")
        await expect(page.locator("tbody")).to_contain_text("Cancelled")
