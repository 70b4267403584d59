"""Filters of several and charts to zoom into, in a real Chromium: one story, one browser."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from callcenter.keys import TEMPLATES
from tests.pages.chromium import page_of

pytestmark = pytest.mark.browser


async def test_people_are_chosen_by_typing_and_a_long_time_leads_to_a_day(site):
    today = site.app[TEMPLATES].formats.today()
    for days in range(3):
        await site.day("mara", today - timedelta(days=40 * days), calls=4)
    async with page_of(site, "root") as page:
        await page.goto(f"/reports/calls?since={today - timedelta(days=99)}")
        await _chooses(page)
        await _zooms(page)


async def _chooses(page):
    """Without a mouse: open it, tick two with the arrows and the space bar, show these."""
    await page.focus("#pick-agent")
    await page.keyboard.press("Enter")
    boxes = page.locator("#pick-agent-menu [type=checkbox]")
    await expect(boxes.first).to_be_focused()
    names = await page.locator("#pick-agent-menu label").all_inner_texts()
    for place, name in enumerate(names):
        if name.strip() in ("Nguyễn Mara", "Trần Jon"):
            await page.keyboard.press("Space")
            await expect(boxes.nth(place)).to_be_checked()
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile("agent=3%2C4$|agent=3,4$"))
    await expect(page.locator("#pick-agent .count")).to_have_text("2")
    await expect(page.locator(".stat__v").first).to_have_text("12")


async def _zooms(page):
    await expect(page.locator("zoom-chart[data-drawn]")).to_have_count(2)
    over = page.locator("zoom-chart .u-over").first
    await over.hover()
    await expect(page.locator("zoom-chart .u-value").first).to_have_text(re.compile(r"\d{4}$"))

    await over.click()

    await expect(page.locator("h1")).to_have_text("Calls")
    await expect(page).to_have_url(re.compile(r"/calls\?.*agent=3%2C4.*since=(\S+)&until=\1$"))
