"""The character that PostgreSQL refuses (NUL, %00 in an address), in every filter of every page."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import hdrs

from callcenter.people.permissions import Door, needed_by

pytestmark = pytest.mark.postgres
NUL = "a%00b"
PAGE = {"Accept": "text/html"}


@pytest.fixture
def site_url(postgres_url):
    return postgres_url


async def told(visitor, path):
    """What stands on that page; None where these tests have what it needs not, or it is a file."""
    async with visitor.session.get(path, headers=PAGE) as answer:
        is_there = answer.status == 200 and answer.content_type == "text/html"
        return await answer.text() if is_there else None


async def ask(visitor, path):
    async with visitor.session.get(path, headers=PAGE, allow_redirects=False) as answer:
        return answer


def pages(site):
    """The addresses that need nothing filled in."""
    return sorted(
        {
            route.resource.canonical
            for route in site.app.router.routes()
            if route.method == hdrs.METH_GET
            and "{" not in route.resource.canonical
            and needed_by(route.handler) is not Door.ANYONE
        }
    )


def names(path, page):
    """What the page's forms, and addresses of it, ask it with."""
    page = re.sub(r'(?s)<form[^>]* method="post".*?</form>', "", page)
    asked = {"q", "cursor", "sort", *re.findall(r' name="(\w+)"', page)}
    for href in re.findall(r'(?:href|hx-get)="([^"]*)"', page):
        parts = urlsplit(href.replace("&amp;", "&"))
        if parts.path in ("", path):
            asked |= set(parse_qs(parts.query))
    return asked - {"_csrf", "csrf"}


async def test_every_page_asked_with_it_in_any_filter_answers_as_always(site):
    root = await site.signed_in("root")
    await site.call("mara")
    broken, asked = {}, 0

    for path in pages(site):
        if (page := await told(root, path)) is None:
            continue
        for name in sorted(names(path, page)):
            status = (await ask(root, f"{path}?{name}={NUL}")).status
            asked += 1
            if status >= 500:
                broken[f"{path}?{name}"] = status

    assert broken == {}
    assert asked > 150


@pytest.mark.parametrize("path", ["/calls/a%00b", "/calls/a%00b/detail", "/recordings/a%00b.mp3"])
async def test_nothing_is_called_so(site, path):
    assert (await (await site.signed_in("root")).get(path)).status == 404


async def test_neither_a_report_nor_a_file_is_asked_with_it_in_an_address_within_a_form(site):
    root = await site.signed_in("root")
    queue = {"asked": "queue=%00sales&did=%00", "format": "csv"}

    assert (await root.post("/reports/calls/file", queue)).status == 200
    assert (await root.post("/reports/calls/views", queue | {"name": "N"})).status == 200
    of_calls = {"of": "queue=%00sales&did=0%00&number=A%00n&outcome=%00", "format": "csv"}
    assert (await root.post("/calls/export", of_calls)).status == 303
