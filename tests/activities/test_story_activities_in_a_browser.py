"""An activity noted in two clicks, from the customer's row and from its page."""

import re

import pytest
from playwright.async_api import expect

from callcenter.catalogues.models import CatalogueItem
from tests.pages.chromium import page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def customer(site):
    await site.add(CatalogueItem(catalogue="activity_type", name="Gặp mặt", position=0))
    await site.add(CatalogueItem(catalogue="activity_type", name="Báo giá", position=1))
    return await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")


@pytest.fixture
async def page(site, customer):
    async with page_of(site, "mara") as page:
        yield page


async def test_from_the_row_it_is_noted_over_the_list_and_enter_saves(page, customer):
    await page.goto("/customers?q=hanh")
    await page.click(f"[data-menu-of='{customer.id}']")
    await page.click("#row-menu >> text=Quick activity")
    dialog = page.locator("#list-dialog")
    await expect(dialog.locator("h1")).to_have_text("Quick activity")

    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.click(f"[data-menu-of='{customer.id}']")
    await page.click("#row-menu >> text=Quick activity")
    await dialog.locator("[name=type]").select_option(label="Báo giá")
    await dialog.locator("[name=name]").fill("Gửi báo giá tháng 11")
    await dialog.locator("[name=name]").press("Enter")

    await expect(page.locator(".toast").last).to_contain_text("The activity has been added.")
    await expect(page).to_have_url(re.compile(r"/customers\?q=hanh$"))


async def test_from_the_customers_page_it_appears_on_the_line_of_time(page, customer):
    await page.goto(f"/customers/{customer.id}")
    await page.click("text=Add activity")
    await expect(page.locator("#activity-name")).to_be_focused()
    await page.fill("#activity-name", "Gặp tại văn phòng")
    await page.select_option("#activity-type", label="Gặp mặt")
    await page.press("#activity-name", "Enter")

    entry = page.locator(".tl li", has_text="Gặp tại văn phòng")
    await expect(entry).to_contain_text("Gặp mặt")
    await entry.locator("a[title=Edit]").click()
    await page.click("text=Delete")
    await page.click("[popover]:popover-open .btn--bad")
    await expect(page.locator(".toast").last).to_contain_text("The activity has been deleted.")
    await expect(entry).to_have_count(0)
