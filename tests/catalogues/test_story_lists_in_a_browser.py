"""A list of the settings in a real Chromium: moved by keys, renamed in place, undone, saved."""

import re

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from callcenter.catalogues.models import CatalogueItem
from tests.catalogues.vietnam import vietnam
from tests.pages.chromium import page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(site):
    for place, name in enumerate(["New", "Interested", "Won"], 1):
        await site.add(CatalogueItem(catalogue="status", name=name, position=place * 10))
    async with site.sessions() as session:
        await vietnam(session)
        await session.commit()
    async with page_of(site, "root") as page:
        await page.evaluate("document.querySelector('.dock').dataset.marked = 'yes'")
        await page.click("nav >> text=Settings")
        yield page


async def order(site):
    async with site.sessions() as session:
        rows = await session.scalars(
            select(CatalogueItem).order_by(CatalogueItem.position, CatalogueItem.id)
        )
        return [(each.name, each.position, each.colour) for each in rows]


async def test_a_list_is_moved_renamed_and_coloured_in_place_and_saved_at_once(page, site):
    await page.click("text=Profile statuses")
    await expect(page.locator("h1")).to_have_text("Profile statuses")
    await expect(page.locator(".items__bar .btn--p")).to_be_hidden()

    await page.focus("tr[data-item=Won] [data-grip]")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("tr[data-item=Won] [data-grip]")).to_be_focused()
    await page.fill("tr[data-item=New] .item__name input", "Brand new")
    await page.select_option("tr[data-item=Won] select", "ok")
    await expect(page.locator("tr[data-item=Won] [data-dot]")).to_have_class("dot k-ok")
    await expect(page.locator("[data-unsaved]")).to_have_text("Not saved yet: 3 items")
    await page.press("tr[data-item=New] .item__name input", "Enter")

    await expect(page.locator(".toast")).to_contain_text("The list has been saved.")
    await expect(page.locator(".items__bar .btn--p")).to_be_hidden()
    assert await order(site) == [("Won", 10, "ok"), ("Brand new", 20, ""), ("Interested", 30, "")]
    assert await page.evaluate("document.querySelector('.dock').dataset.marked") == "yes"


async def test_undo_brings_order_and_names_back(page, site):
    await page.click("text=Profile statuses")
    await page.focus("tr[data-item=New] .item__name input")
    await page.keyboard.press("Alt+ArrowDown")
    await page.fill("tr[data-item=Won] .item__name input", "Lost")

    await page.click("text=Undo")

    await expect(page.locator("tbody tr").first).to_have_attribute("data-item", "New")
    await expect(page.locator("tr[data-item=Won] .item__name input")).to_have_value("Won")
    await expect(page.locator(".items__bar .btn--p")).to_be_hidden()
    assert [name for name, _, _ in await order(site)] == ["New", "Interested", "Won"]


async def test_an_item_is_added_put_away_and_deleted_by_its_menu(page, site):
    await page.click("text=Profile statuses")
    await page.click("text=Add status")
    await expect(page.locator("#name-new")).to_be_focused()
    await page.keyboard.type("Refused")
    await page.keyboard.press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(4)

    await page.click("tr[data-item=Refused] summary")
    await page.click("tr[data-item=Refused] >> text=Put away")
    await expect(page.locator("tr[data-item=Refused] .chip")).to_have_text("put away")
    await page.click("tr[data-item=Refused] summary")
    await page.click("tr[data-item=Refused] >> text=Delete")

    await expect(page.locator("tbody tr")).to_have_count(3)


async def test_the_tree_of_places_opens_a_branch_at_a_time(page):
    await page.click("text=Places")
    await page.click(".tree summary:has-text('Việt Nam') .i")
    await expect(page.locator(".tree summary .i").first).to_have_css("rotate", "0deg")
    await page.click(".tree summary:has-text('TP. Hồ Chí Minh') .i")
    await page.click(".tree summary:has-text('Quận 1') .i")
    await page.click("text=Phường Tân Định")

    await expect(page.locator("h1")).to_have_text("Phường Tân Định")
    await expect(page).to_have_url(re.compile(r"/settings/places/\d+$"))
    await expect(page.locator(".crumbs").last).to_contain_text("Quận 1")


async def test_the_companys_new_name_is_in_the_shell_at_once(page):
    await page.click("text=Company information")
    await page.fill("#company", "An Phát Mới")
    await page.press("#company", "Enter")

    await expect(page.locator(".toast")).to_contain_text("The settings have been saved.")
    await expect(page.locator("#brand-name")).to_have_text("An Phát Mới")
    assert await page.evaluate("document.querySelector('.dock').dataset.marked") == "yes"
