"""What an agent's first screen costs on the wire, in a real Chromium with nothing cached."""

import gzip
import re
from collections import Counter

import brotli
import pytest
from playwright.async_api import async_playwright, expect

from callcenter.pages.bundle import bundled
from tests.pages.chromium import FLAGS
from tests.pages.site import PASSWORD

MOST = 150 * 1024  # bytes as they come over the wire, headers and all


class Wire:
    """Every answer of a page, and how many bytes each took."""

    def __init__(self):
        self.addresses, self.bytes = {}, Counter()

    def answered(self, event):
        self.addresses[event["requestId"]] = event["response"]["url"]

    def finished(self, event):
        if event["requestId"] in self.addresses:
            self.bytes[self.addresses[event["requestId"]]] += int(event["encodedDataLength"])


@pytest.mark.browser
async def test_an_agents_first_screen_with_the_phone_is_at_most_150_kilobytes(site):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = await browser.new_context(base_url=str(site.server.make_url("/")))
        page = await context.new_page()
        await page.goto("/sign-in")
        await page.fill("#username", "mara")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await expect(page.locator(".dock")).to_be_visible()
        await page.wait_for_load_state("networkidle")
        await page.goto("about:blank")
        wire, cdp = Wire(), await context.new_cdp_session(page)
        cdp.on("Network.responseReceived", wire.answered)
        cdp.on("Network.loadingFinished", wire.finished)
        await cdp.send("Network.enable")
        await cdp.send("Network.clearBrowserCache")

        await page.goto("/", wait_until="networkidle")

        await browser.close()
    assert any(address.endswith("/js/dock.js") for address in wire.bytes)
    assert any(address.endswith("/css/components.css") for address in wire.bytes)
    assert sum(wire.bytes.values()) <= MOST, wire.bytes.most_common()


async def test_texts_come_compressed_to_whoever_takes_that_and_plain_to_others(site):
    visitor = await site.visitor()
    path = "/static/css/components.css"

    async def asked(**headers):
        async with visitor.session.get(path, headers=headers, auto_decompress=False) as answer:
            return answer.status, answer.headers, await answer.read()

    _, plain_headers, plain = await asked(**{"Accept-Encoding": "identity"})
    _, best_headers, best = await asked(**{"Accept-Encoding": "gzip, deflate, br;q=0.9, zstd"})
    status, headers, body = await asked(**{"Accept-Encoding": "gzip, deflate"})

    assert "Content-Encoding" not in plain_headers
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(body) == plain and len(body) < len(plain) / 3
    assert best_headers["Content-Encoding"] == "br" and best_headers["ETag"] != headers["ETag"]
    assert brotli.decompress(best) == plain and len(best) < len(body)
    assert headers["Vary"] == plain_headers["Vary"] == "Accept-Encoding"
    again = await asked(**{"Accept-Encoding": "gzip", "If-None-Match": headers["ETag"]})
    assert (again[0], again[2]) == (304, b"")
    part = await asked(**{"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (part[0], part[2]) == (206, plain[:10])


async def test_a_page_is_compressed_unless_something_of_the_request_may_stand_in_it(site):
    """A token beside what was typed, compressed together, tells of the token by its length."""
    visitor = await site.signed_in("mara")

    async def is_compressed(path, **headers):
        answer = await visitor.get(path, **{"Accept-Encoding": "gzip"}, **headers)
        return "Content-Encoding" in answer.headers

    assert await is_compressed("/customers")
    assert not await is_compressed("/customers?q=secret")
    assert not await is_compressed("/secret")
    assert not await is_compressed("/customers", **{"HX-Request": "true"})


async def test_the_scripts_come_put_together_under_a_marked_address_and_as_they_are_without(site):
    visitor = await site.signed_in("mara")
    script = re.search(r'src="(/static/v-[^"]+/js/app.js)"', (await visitor.get("/")).text)[1]

    together = await visitor.get(script)
    alone = await visitor.get("/static/js/app.js")

    assert "immutable" in together.headers["Cache-Control"]
    assert 'import "./theme.js"' in alone.text and "theme.js" not in together.text
    shared = re.findall(r'"\./(chunk-[A-Z0-9]+\.js)"', together.text)
    for name in shared:
        assert (await visitor.get(script.replace("app.js", name))).status == 200


def test_without_the_program_that_puts_them_together_there_is_no_bundle(tmp_path):
    assert bundled(tmp_path / "static", "a mark") == {}
