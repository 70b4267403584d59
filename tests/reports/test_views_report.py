"""The call report as a page: its numbers, its charts, and whose calls they are."""

import html
import random
import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from callcenter.calls.call import Result
from callcenter.calls.models import CallRecord
from callcenter.keys import ENGINE, TEMPLATES
from callcenter.reports import charts
from callcenter.sums.rebuild import rebuild
from tests.pages.site import IDS

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


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


async def test_the_figures_at_the_top_say_what_they_were_in_the_period_compared_with(site):
    today = await some_days(site)
    visitor = await site.signed_in("root")
    asked = f"since={today}&until={today}&against={today - timedelta(days=1)}"

    page = (await visitor.get(f"/reports/calls?{asked}")).text

    assert re.findall(r"stat__d[^>]*>([^<]+)<", page) == [
        *("it was 3", "it was 100%", "it was 0", "it was 1:30", "it was 0:30", "it was 0:00"),
    ]


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
    days = f"since={today}&amp;until={today}"
    assert f'direction=inbound%2Coutbound&amp;{days}&amp;result=abandoned">2</a>' in page
    assert "Answered 6, No answer 0, Busy, declined, not reachable 0, Missed (incoming) 2" in page


async def test_the_numbers_of_the_charts_stand_in_a_table_as_well(site):
    await some_days(site)
    visitor = await site.signed_in("root")

    page = (await visitor.get("/reports/calls?by=agent")).text

    rows = re.findall(r'<th scope="row">(Nguyễn Mara|Trần Jon|Phạm Kim)</th>', page)
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


SHAPES = ("", "step=hour", "step=week", "step=month", "step=15&by=agent", "by=department")
MORE_SHAPES = ("by=queue", "by=did", "by=direction", "by=result", "by=agent&department=1")
NARROWED = ("step=hour&agent=3,4", "queue=sales&did=-,0281", "result=answered,busy&step=week")


async def many_calls(site):
    """Of all kinds over three weeks, summed up."""
    chance = random.Random(5)
    today = datetime.combine(site.app[TEMPLATES].formats.today(), time(), ZONE)
    whose = {"mara": 1, "jon": 1, "tom": 3, "kim": 2, None: 2}
    async with site.sessions() as session:
        for n in range(70):
            who = chance.choice(list(whose))
            inbound = chance.random() < 0.5
            results = ("answered", "abandoned", "no_answer") if inbound else tuple(Result)[:-2]
            result = chance.choice(results)
            at = today - timedelta(days=chance.randrange(21), seconds=-chance.randrange(86_000))
            session.add(
                CallRecord(
                    call_id=f"c{n}",
                    direction="inbound" if inbound else "outbound",
                    state="ended",
                    number="0912345678",
                    queue=chance.choice(["sales", "care", None]) if inbound else None,
                    did=chance.choice(["0281", "0282", None]) if inbound else None,
                    user_id=IDS.get(who),
                    department_id=whose[who],
                    started_at=at,
                    ended_at=at,
                    result=result,
                    waited_s=chance.randrange(60),
                    talked_s=chance.randrange(300) if result == "answered" else 0,
                )
            )
        await session.commit()
    await rebuild(site.app[ENGINE], ZONE)
    return f"since={(today - timedelta(days=20)).date()}"


async def test_every_number_opens_as_many_calls_as_it_says(site):
    since = await many_calls(site)
    lea = await site.signed_in("lea")
    known = {}  # address of the list -> how many calls it has

    for shape in (*SHAPES, *MORE_SHAPES, *NARROWED):
        page = (await lea.get(f"/reports/calls?{since}&{shape}")).text
        numbers = re.findall(r'class="link" href="(/calls\?[^"]+)">(\d+)</a>', page)
        numbers += re.findall(r'class="stat" href="([^"]+)".*?stat__v[^>]*>(\d+)<', page)
        assert len(numbers) > 6, shape
        for link, number in numbers:
            if link not in known:
                listed = (await lea.get(html.unescape(link))).text
                known[link] = re.search(r'mut sm">(\d+) calls?<', listed)[1]
            assert known[link] == number, (shape, link)


async def test_by_the_hour_of_a_long_time_all_calls_are_there(site):
    await many_calls(site)
    root = await site.signed_in("root")
    since = site.app[TEMPLATES].formats.today() - timedelta(days=100)

    page = (await root.get(f"/reports/calls?since={since}&step=hour")).text

    total = page[page.index("<tfoot>") :]
    calls, answered, others = map(int, re.findall(r">(\d+)</a>", total)[:3])
    assert calls == 70 and answered + others == calls


async def test_every_way_to_group_them_counts_the_same_calls(site):
    since = await many_calls(site)
    root = await site.signed_in("root")

    for shape in (*SHAPES, *MORE_SHAPES[:-1]):
        page = (await root.get(f"/reports/calls?{since}&{shape}")).text
        assert totals(page)[0] == "70", shape
        rows = page[page.index('id="calls-table"') :]
        first = re.findall(r'<td data-label="Calls"[^>]*><a[^>]*>(\d+)</a>', rows)
        assert sum(map(int, first[:-1])) == int(first[-1]) == 70, shape


@pytest.mark.parametrize(
    "query, sentence",
    [
        ("since=2006-01-01&until=2026-01-01", "A report has 800 days at most."),
        ("since=2026-01-01&by=moon", "“moon” is not a filter here."),
        ("step=fortnight", "“fortnight” is not a filter here."),
    ],
)
async def test_what_was_wrong_stands_on_the_page_beside_what_was_typed(site, query, sentence):
    visitor = await site.signed_in("lea")

    answer = await visitor.get(f"/reports/calls?{query}")

    assert answer.status == 400 and sentence in answer.text
    if "since=2006" in query:
        assert 'value="01/01/2006"' in answer.text


async def test_hundreds_of_people_may_be_chosen(site):
    await some_days(site)
    visitor = await site.signed_in("root")
    ids = ",".join(map(str, range(3, 503)))

    page = (await visitor.get(f"/reports/calls?agent={ids}")).text

    assert totals(page)[0] == "16"


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


def test_nothing_of_the_last_label_is_cut_off():
    chart = charts.columns([bar(1) for _ in range(28)], str)

    assert chart.bars[-1].labelled and chart.bars[-1].at + charts.LABEL / 2 < chart.width + 0.5
