"""A page in a real Chromium, of somebody who is signed in, in English."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from tests.pages.site import PASSWORD, Site

FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NOT_HERE = re.compile("/events|/phone|/api/v1/|Failed to load resource")  # other rooms' sockets
LEFT = re.compile("^htmx:(afterRequest|sendAbort)")  # of a page left while it asked


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*FLAGS, *flags]
        )
        yield browser
        await browser.close()


async def signs_in(page: Page, username: str, password: str = PASSWORD) -> None:
    await page.goto("/sign-in")
    await page.click("footer button[lang=en]")
    await page.fill("#username", username)
    await page.fill("#password", password)
    await page.press("#password", "Enter")
    await page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    await page.wait_for_load_state()  # links belong to htmx from here on


def complaints(page: Page) -> list[str]:
    """What scripts complain of in it from now on; those of sockets that are not there are not
    heard."""
    said: list[str] = []

    def hear(text: str) -> None:
        if not NOT_HERE.search(text) and not LEFT.search(text):
            said.append(text)

    page.on("pageerror", lambda error: hear(str(error)))
    page.on("console", lambda message: hear(message.text) if message.type == "error" else None)
    return said


@asynccontextmanager
async def page_of(site: Site, username: str, *flags: str, **options: Any) -> AsyncIterator[Page]:
    """Their page, in which no script may complain."""
    async with chromium(*flags) as browser:
        context = await browser.new_context(
            base_url=str(site.server.make_url("/")),
            viewport={"width": 1440, "height": 900},
            **options,
        )
        page = await context.new_page()
        said = complaints(page)
        await signs_in(page, username)
        yield page
    assert said == [], said
