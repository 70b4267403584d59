"""The call report as a page: its numbers, its charts, and whose calls they are."""

import html
import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from callcenter.keys import TEMPLATES
from callcenter.reports import charts


def totals(page):
    return re.findall(r"stat__v[^>]*>([^<]+)<", page)


async def some_days(site):
    today = site.app[TEMPLATES].formats.today()
    await site.day("mara", today, calls=6, talked_s=600)
    await site.day("mara", today, "abandoned", calls=2, talked_s=0)
    await site.day("jon", today - timedelta(days=1), calls=3, talked_s=90)
    await site.day("kim", today, calls=5, talked_s=50)
    return today


@pytest.mark.parametrize(
    "who, calls", [("root", "16"), ("lea", "11"), ("mara", "8"), ("jon", "3"), ("kim", "5")]
)
async def test_an_agent_sees_their_own_a_lead_the_teams_and_a_superadmin_all(site, who, calls):
    await some_days(site)
    visitor = await site.signed_in(who)

    assert totals((await visitor.get("/reports/calls")).text)[0] == calls


async def test_the_filters_narrow_it(site):
    today = await some_days(site)
    visitor = await site.signed_in("root")

    async def calls(query):
        return totals((await visitor.get(f"/reports/calls?{query}")).text)[0]

    assert await calls("department=2") == "5"
    assert await calls("agent=4") == "3"
    assert await calls(f"since={today}&until={today}") == "13"
    assert await calls("direction=outbound") == "0"


async def test_nobody_gets_round_their_scope_by_a_filter(site):
    await some_days(site)
    visitor = await site.signed_in("mara")

    for query in ("agent=6", "department=2"):
        assert totals((await visitor.get(f"/reports/calls?{query}")).text)[0] == "0"


async def test_each_bar_and_number_leads_to_its_calls(site):
    today = await some_days(site)
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/reports/calls")).text

    day = f"/calls?since={today}&amp;until={today}&amp;direction=inbound%2Coutbound&amp;result="
    assert f'<a href="{day}ended"><title>' in page
    assert f'href="{day}abandoned">2</a>' in page
    assert "Answered 6, No answer 0, Busy, declined, not reachable 0, Missed (incoming) 2" in page


async def test_the_numbers_of_the_charts_stand_in_tables_as_well(site):
    await some_days(site)
    visitor = await site.signed_in("root")

    page = (await visitor.get("/reports/calls")).text

    rows = re.findall(r"<tr><td>(Nguyễn Mara|Trần Jon|Phạm Kim)</td>", page)
    assert rows == ["Nguyễn Mara", "Trần Jon", "Phạm Kim"]  # longest talk first
    assert page.count('<svg class="chart"') == 2


async def test_a_period_without_calls_says_so(site):
    visitor = await site.signed_in("mara")

    assert "No calls in this period." in (await visitor.get("/reports/calls")).text


@pytest.mark.parametrize(
    "query",
    ["since=x", "until=9999-12-31", "since=31/02/2026", "agent=x", "direction=up"],
)
async def test_a_question_that_makes_no_sense_is_refused_in_words(site, query):
    visitor = await site.signed_in("mara")

    answer = await visitor.get(f"/reports/calls?{query}")

    assert answer.status == 400 and "<h1" in answer.text


async def test_days_are_understood_as_people_write_them_and_put_in_order(site):
    await site.day("mara", date(2026, 11, 20), calls=4)
    visitor = await site.signed_in("mara", "vi")

    for query in ("since=20/11/2026&until=21/11/2026", "since=21.11.2026&until=2026-11-20"):
        page = (await visitor.get(f"/reports/calls?{query}")).text
        assert totals(page)[0] == "4", query
        assert "20/11/2026 – 21/11/2026</button>" in page
        assert 'value="20/11/2026"' in page


async def test_every_number_opens_as_many_calls_as_it_says(site):
    today = site.app[TEMPLATES].formats.today()
    at = site.app[TEMPLATES].formats.zone
    noon = datetime.combine(today, time(12), at)
    for result, many in (("answered", 3), ("abandoned", 2)):
        await site.day("mara", today, result, calls=many)
        for _ in range(many):
            await site.call("mara", result=result, started_at=noon)
    await site.call("mara", result=None, ended_at=None, state="talking", started_at=noon)
    visitor = await site.signed_in("mara")
    page = (await visitor.get("/reports/calls")).text

    found = re.findall(r'href="(/calls\?[^"]+)">(\d+)</a>', page)
    tiles = re.findall(r'class="stat" href="([^"]+)".*?stat__v[^>]*>(\d+)<', page)

    assert len(found) >= 8 and len(tiles) == 2
    for address, number in [*found, *tiles]:
        listed = (await visitor.get(html.unescape(address))).text
        assert listed.count("<tr>\n    <td") == int(number), address


def bar(*parts):
    return charts.Bar("l", parts, "t", "title", "/calls")


def test_a_stack_is_as_tall_as_its_sum_says():
    chart = charts.columns([bar(60, 40), bar(50)], str)

    full, half = (chart.bottom - min(box.y for box in each.boxes) for each in chart.bars)
    assert full == pytest.approx(2 * half, abs=0.2)
    assert chart.ticks[-1].label == "100.0"


def test_bars_beside_each_other_are_as_tall_as_each_and_never_touch():
    chart = charts.columns([bar(60, 30), bar(0, 60)], str, beside=True)

    (now, before), (later,) = (each.boxes for each in chart.bars)
    assert now.height == pytest.approx(2 * before.height + charts.GAP, abs=0.2)
    assert now.x + now.width < before.x and (now.series, before.series, later.series) == (1, 2, 2)
    assert chart.ticks[-1].label == "60.0"


def test_one_missed_call_among_thousands_can_still_be_seen():
    chart = charts.columns([bar(5000, 1)], str)

    assert min(box.height for box in chart.bars[0].boxes) >= 1


@pytest.mark.parametrize("most", [0, 1, 3, 4, 5, 7, 99, 100, 101, 12345])
def test_the_scale_is_round_and_reaches_beyond_the_tallest(most):
    ticks = [float(tick.label) for tick in charts.columns([bar(most)], str).ticks]

    assert ticks[0] == 0 and ticks[-1] >= most
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize("seconds", [0, 1, 59, 3600, 90_000, 5_000_000])
def test_lengths_are_measured_in_steps_of_time(seconds):
    chart = charts.rows([bar(seconds)], str)
    ticks = [float(tick.label) for tick in chart.ticks]

    assert ticks[-1] >= seconds and len(ticks) <= 6
    assert all(box.x + box.width <= chart.right for each in chart.bars for box in each.boxes)


def test_labels_give_way_before_they_touch():
    days = [bar(1) for _ in range(90)]

    labelled = [each.at for each in charts.columns(days, str).bars if each.labelled]

    assert all(b - a >= 36 for a, b in pairwise(labelled))
