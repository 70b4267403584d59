"""Whoever follows every link of the pages: no page is broken, too wide, or half in English."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from callcenter.config import ROOT
from callcenter.pages.language import Words
from tests.stories.conftest import Browser
from tests.stories.service import Service, a_service

MANY = "300"  # customers, so that lists have pages
NO_SCREEN = re.compile(r"\.(mp3|xlsx|csv|json|pdf)$|/template|/export$|/download|^/recordings/")
CODES = re.compile(r"undefined|NaN|\[object|\bNone\b|\bnull\b|\{\w+\}|%\(|&\w+;")
TOO_WIDE = """() => {
    const root = document.documentElement
    return root.scrollWidth - root.clientWidth
}"""
OUT_OF_PLACE = """() => {
    const clipped = (each, cell) => {
        for (let at = each; ; at = at.parentElement) {
            if (getComputedStyle(at).overflowX !== "visible") return true
            if (at === cell) return false
        }
    }
    const found = []
    for (const cell of document.querySelectorAll(".tbl--s td[data-s]:not([data-s='0'])")) {
        const edge = cell.getBoundingClientRect().right
        for (const each of edge ? cell.querySelectorAll("a, b, span, time, div") : []) {
            const { right, width } = each.getBoundingClientRect()
            if (width && right > edge + 1 && !clipped(each, cell)) found.push(each.innerText)
        }
    }
    return [...new Set(found)].slice(0, 3)
}"""
WORDS = """() => {
    const texts = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
        const { data, parentElement } = walk.currentNode
        if (!parentElement.closest("script, style, [lang=en]")) texts.push(data)
    }
    for (const each of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
        if (!each.closest("[lang=en]")) texts.push(each.ariaLabel, each.title, each.placeholder)
    }
    return texts.filter((text) => text?.trim()).map((text) => text.trim())
}"""
LINKS = """() =>
    [...document.querySelectorAll("a[href^='/']")].map((link) => link.getAttribute("href"))"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("company")) as service:
        service.start()
        said = service.says("simulate", "--customers", MANY)
        assert said.returncode == 0, said.stderr
        yield service


def english() -> frozenset[str]:
    """Sentences of ours that nobody who reads Vietnamese should see."""
    words = Words(ROOT / "web/locale")._catalogues["vi"]
    return frozenset(words) - frozenset(words.values())


def shapes(href: str) -> set[tuple[str, str]]:
    """The page, whatever number is in it, with each thing that it is narrowed to ("": with none).

    A page is looked at once for each of these: all that may be narrowed together are too many.
    """
    parts = urlsplit(href)
    path = re.sub(r"/[^/]*\d[^/]*", "/N", parts.path)
    return {(path, asked) for asked in ("", *re.findall(r"(?:^|&)([a-z_]+)=", parts.query))}


def wrong(page: Page, untranslated: frozenset[str]) -> list[str]:
    """What one would not show a customer of the page that is open."""
    found = []
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate(TOO_WIDE)) > 0:
            found.append(f"{over} px too wide at {width}")
        if width == 390:  # where a row stands on several lines
            found += [f"runs out of its cell: {text}" for text in page.evaluate(OUT_OF_PLACE)]
    texts: list[Any] = page.evaluate(WORDS)
    found += [f"a code: {text}" for text in texts if CODES.search(text)]
    return found + [f"English: {text}" for text in texts if text in untranslated]


@pytest.mark.parametrize("username, language", [("admin", "vi"), ("huong", "en"), ("linh", "vi")])
def test_every_page_that_links_lead_to_can_be_shown(
    company: Service, browser: Browser, username: str, language: str
) -> None:
    page = browser.sign_in(company, username)
    if page.locator("html").get_attribute("lang") != language:
        page.click(f".top form [name=language][value={language}]")
        expect(page.locator("html")).to_have_attribute("lang", language)
    untranslated = english() if language == "vi" else frozenset()
    ahead, seen, faults = ["/"], shapes("/"), []
    while ahead:
        path = ahead.pop(0)
        answer = page.goto(company.url + path)
        assert answer is not None
        expect(page.locator(".htmx-request")).to_have_count(0)  # what comes a moment later
        faults += [f"{path}: {answer.status}"] if answer.status != 200 else []
        faults += [f"{path}: {what}" for what in wrong(page, untranslated)]
        for href in page.evaluate(LINKS):
            if not NO_SCREEN.search(urlsplit(href).path) and not shapes(href) <= seen:
                seen |= shapes(href)
                ahead.append(href)

    assert faults == []
    assert browser.complaints == []
