"""The switchboard's pages in a real Chromium: the map, and hours as they are typed."""

import pytest
from playwright.async_api import expect

from callcenter.switchboard import versions
from tests.pages.chromium import page_of
from tests.pages.test_story_pages_in_a_browser import mark, marked
from tests.switchboard.test_map import PLAN

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(site):
    async with site.sessions.begin() as session:
        await versions.change(session, 1, lambda _: PLAN)
    async with page_of(site, "root") as page:
        yield page


async def test_a_box_of_the_map_opens_its_part_and_leaves_the_phone_alone(page):
    await page.click("nav >> text=Switchboard")
    await expect(page.locator("call-map:defined a")).to_have_count(10)
    await mark(page)

    await page.locator("call-map a[href$='/menus/main']").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Main")

    assert await marked(page)


async def test_hours_are_drawn_as_they_are_typed(page):
    await page.goto("/switchboard/hours/new")
    bars = page.locator("week-hours:defined .sw__open")
    await expect(bars).to_have_count(11)  # five days with a lunch break, and a Saturday

    await page.click("[data-more=group]")
    new = page.locator("[data-group]").last
    await new.locator("label", has_text="Sun").click()
    await new.locator("input.num").first.fill("22")
    await new.locator("input.num").last.fill("6:00")
    await expect(bars).to_have_count(13)  # until midnight, and from it on
    await page.locator("[data-group]").first.locator("[data-less=span]").first.click()
    await expect(bars).to_have_count(8)

    await page.fill("#title", "Late")
    await page.select_option("#open", "queue:sales")
    await page.select_option("#closed", "queue:care")
    await page.press("#title", "Enter")
    await expect(page.locator("tbody")).to_contain_text("Sun 22:00–24:00")
    await expect(page.locator("tbody")).to_contain_text("Mon 0:00–6:00, 13:30–17:30")
