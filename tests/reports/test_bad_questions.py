"""Questions that make no sense, or are very large, to every report: words, and nobody waits."""

import re

import pytest

from callcenter.reports.registry import REPORTS

LONG = "since=2006-01-01&until=2026-01-01"
BACKWARDS = "since=2026-11-20&until=2026-11-10"
MANY = "agent=" + ",".join(map(str, range(1, 501)))


@pytest.mark.parametrize("name", REPORTS)
async def test_twenty_years_are_refused_in_words_and_days_are_put_in_their_order(site, name):
    visitor = await site.signed_in("root")

    page = await visitor.get(f"/reports/{name}?{LONG}")
    taken = await visitor.post(f"/reports/{name}/file", {"asked": LONG, "format": "csv"})
    turned = await visitor.get(f"/reports/{name}?{BACKWARDS}")

    assert (page.status, taken.status, turned.status) == (400, 400, 200)
    assert "A report has 800 days at most." in page.text
    assert "A report has 800 days at most." in taken.text
    assert re.search(r"since=2026-11-10&(amp;)?until=2026-11-20", turned.text)


@pytest.mark.parametrize("name", REPORTS)
async def test_of_five_hundred_employees_it_answers(site, name):
    visitor = await site.signed_in("root")

    assert (await visitor.get(f"/reports/{name}?{MANY}")).status == 200
    file = {"asked": MANY, "format": "csv"}
    assert (await visitor.post(f"/reports/{name}/file", file)).status == 200
    assert (await visitor.get(f"/calls?{MANY}")).status == 200
    assert (await visitor.get(f"/reports/{name}?agent={'1,' * 3000}2")).status == 200  # repeated
    too_many = "agent=" + ",".join(map(str, range(1, 1002)))
    refused = await visitor.get(f"/reports/{name}?{too_many}")
    assert (refused.status, "At most 1000 at once, please." in refused.text) == (400, True)
