"""The trunks in a real Chromium: moved by keys, tried, and said to fail."""

import json
import re

import pytest
from playwright.async_api import expect

from tests.pages.chromium import page_of
from tests.trunks.test_probe import CHALLENGE, provider
from tests.trunks.test_views_trunks import PATH, is_live

pytestmark = pytest.mark.browser

CALLS_TAKE_THE_NEXT = "The trunk FPT does not answer: calls take the next one, where there is one."


@pytest.fixture
async def page(site):
    await is_live(site)
    async with page_of(site, "root") as page:
        yield page


async def test_a_trunk_is_added_tried_and_moved_without_a_mouse(page):
    async with provider(lambda n: [CHALLENGE if n % 2 else "SIP/2.0 403 No"]) as (_, port):
        await page.goto(PATH)
        await page.click("text=Add a trunk")
        await expect(page.locator("h1")).to_have_text("Add a trunk")
        await page.fill("#title", "Viettel")
        await page.fill("#host", "127.0.0.1")
        await page.fill("#port", str(port))
        await page.fill("#username", "028")
        await page.fill("#password", "wrong")
        await page.click("[data-try]")
        said = page.locator("[data-said]")
        await expect(said).to_have_text(
            "127.0.0.1 refuses us: wrong user name or password (403 No)."
        )
        await expect(page.locator("#password")).to_have_value("wrong")

        await page.press("#title", "Enter")
        await expect(page.locator("h1")).to_have_text("Trunks")
        row = page.locator("tr[data-trunk=viettel]")
        await row.locator("[data-try]").click()
        await expect(row.locator("[data-said]")).to_have_text(re.compile("refuses us"))

    await row.locator("#up-viettel").focus()
    await page.keyboard.press("Alt+ArrowUp")
    order = page.locator("tr[data-trunk] a.name")
    await expect(order).to_have_text(["Nhà mạng", "Viettel", "FPT"])


async def test_a_trunk_that_fails_is_said_at_the_corner_until_it_works_again(page):
    events = []
    await page.route_web_socket(re.compile("/events"), lambda one: events.append(one))
    await page.goto("/customers")
    await expect(page.locator("h1")).to_have_text("Customers")

    def say(kind, bad):
        news = {"name": "fpt", "title": "FPT", "kind": kind, "bad": bad}
        events[-1].send(json.dumps({"type": "trunks", "trunks": [news]}))

    say("silent", True)
    await expect(page.locator("#toasts")).to_contain_text(CALLS_TAKE_THE_NEXT)
    say("registered", False)
    await expect(page.locator("#toasts")).to_contain_text("The trunk FPT works again.")
    await expect(page.locator("#toasts")).not_to_contain_text(CALLS_TAKE_THE_NEXT)


async def test_the_list_is_drawn_anew_for_what_a_trunk_became_since_it_was_asked_for(page):
    events = []
    await page.route_web_socket(re.compile("/events"), lambda one: events.append(one))
    await page.goto(PATH)
    await expect(page.locator("trunk-list")).to_have_attribute("data-seen", "[]")

    def say(trunks):
        events[-1].send(json.dumps({"type": "trunks", "trunks": trunks}))

    say([])  # as the page shows them
    async with page.expect_request(lambda each: "hx-request" in each.headers) as asked:
        say([{"name": "fpt", "title": "FPT", "kind": "silent", "bad": True}])
    assert (await asked.value).url.endswith(PATH)
