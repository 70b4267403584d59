"""The inbox in a real Chromium: what changes while the page is being drawn is drawn as well."""

import asyncio
import json

import pytest
from playwright.async_api import expect

from callcenter.keys import INBOX
from tests.pages.chromium import page_of
from tests.pages.site import IDS

pytestmark = pytest.mark.browser

LINES = "callback-inbox tbody tr"
DOWN = "scrollY + document.getElementById('page').scrollTop"


class Told:
    """The events of a page: what the inbox says of its user's part."""

    def __init__(self, site, page, who):
        self._site, self._page, self._who = site, page, who
        self._socket = None
        self.draws = 0  # pages asked for by scripts
        self.held, self.refused = None, 0  # what keeps the first from them; so many are refused

    async def begin(self):
        await self._page.route_web_socket("**/events", self._opened)
        await self._page.route("**/callbacks", self._drawn)

    async def missed(self, number):
        """Somebody rings in and nobody answers."""
        await self._site.call(None, number, result="abandoned", department_id=1)
        await self._site.app[INBOX].load()
        self._tell()

    def _opened(self, socket):
        self._socket = socket
        self._tell()

    def _tell(self):
        self.says()

    def says(self, **more):
        said = {"type": "inbox", **self._site.app[INBOX].state(IDS[self._who]), **more}
        self._socket.send(json.dumps(said))

    async def _drawn(self, route) -> None:
        answer = await route.fetch()
        if "hx-request" in route.request.headers:
            self.draws += 1
            if self.held and self.draws == 1:
                await self.held.wait()
            if self.draws <= self.refused:
                return await route.fulfill(status=503, body="busy")
        await route.fulfill(response=answer)


async def being_drawn(site, page):
    """Lea's inbox, asked for anew by its script, whose answer is `held`."""
    told = Told(site, page, "lea")
    await told.begin()
    told.held = asyncio.Event()
    await page.goto("/callbacks")
    async with page.expect_request(lambda each: "hx-request" in each.headers):
        await told.missed("0912000001")
    return told


async def test_what_comes_while_the_inbox_is_being_drawn_is_drawn_too(site):
    async with page_of(site, "lea") as page:
        told = await being_drawn(site, page)
        while not told.draws:  # that page is drawn, and on its way
            await asyncio.sleep(0.01)

        await told.missed("0912000002")
        await page.wait_for_function(
            "document.querySelector('[data-inbox-count]').innerText === '2'"
        )
        await page.wait_for_timeout(600)  # it would ask twice by then
        told.held.set()

        await expect(page.locator(LINES)).to_have_count(2)
        assert told.draws == 2


async def test_whoever_walks_through_the_inbox_stays_in_their_line(site):
    for place in range(40):
        await site.call(None, f"09120001{place:02}", result="abandoned", department_id=1)
    await site.app[INBOX].load()
    async with page_of(site, "lea") as page:
        told = Told(site, page, "lea")
        await told.begin()
        await page.goto("/callbacks")
        await expect(page.locator(LINES)).to_have_count(40)
        for _ in range(35):
            await page.keyboard.press("ArrowDown")
        mine = page.locator(LINES).nth(34).locator(".ib--call")
        await expect(mine).to_be_focused()
        down = await page.evaluate(DOWN)
        assert down

        await told.missed("0912000200")

        await expect(page.locator(LINES)).to_have_count(41)
        await expect(mine).to_be_focused()
        assert await page.evaluate(DOWN) == down


async def test_whoever_goes_elsewhere_while_it_is_drawn_gets_there(site):
    async with page_of(site, "lea") as page:
        told = await being_drawn(site, page)

        async with page.expect_event("requestfailed"):
            await page.click(".nav__item[href='/customers']")
        told.held.set()

        await expect(page.locator("h1")).to_have_text("Customers")


async def test_whoever_is_on_their_way_is_not_called_back(site):
    async with page_of(site, "lea") as page:
        told, customers = Told(site, page, "lea"), asyncio.Event()

        async def slow(route):
            await customers.wait()
            await route.continue_()

        await told.begin()
        await page.route("**/customers", slow)
        await page.goto("/callbacks")
        async with page.expect_request("**/customers"):
            await page.click(".nav__item[href='/customers']")
        await told.missed("0912000001")
        await expect(page.locator("[data-inbox-count]").first).to_have_text("1")
        await page.wait_for_timeout(600)  # it would be drawn by then
        customers.set()

        await expect(page.locator("h1")).to_have_text("Customers")
        assert told.draws == 0


async def test_a_page_that_was_refused_is_asked_for_again(site):
    async with page_of(site, "lea") as page:
        told = Told(site, page, "lea")
        await told.begin()
        told.refused = 1
        await page.goto("/callbacks")

        await told.missed("0912000001")

        await expect(page.locator(LINES)).to_have_count(1)
        assert told.draws == 2


@pytest.mark.parametrize("width", [1440, 390])
async def test_a_reminder_lies_over_no_button_that_one_scrolls_to(site, width):
    due = {"id": 1, "at": "2026-11-28T03:00:00+00:00", "title": "", "name": "Trần Kim"}
    due |= {"number": "0912000001", "purpose": "Price", "customer_id": None, "offered": False}
    async with page_of(site, "lea") as page:
        await page.set_viewport_size({"width": width, "height": 900})
        told = Told(site, page, "lea")
        await told.begin()
        await page.goto("/customers/new")
        told.says(reminders=[due])
        await expect(page.locator(".callback-due")).to_be_visible()

        await page.evaluate(
            """const it = document.scrollingElement, page = document.getElementById('page')
            page.scrollTo(0, page.scrollHeight); it.scrollTo(0, it.scrollHeight)"""
        )

        save = await page.locator("main form .btn--p").last.bounding_box()
        card = await page.locator(".callback-due").bounding_box()
        assert save["y"] + save["height"] <= card["y"]
