"""The service report as a page: its figures, where they lead, and what it says about nonsense."""

import html
import random
import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.calls.counting import SHORT_S
from callcenter.calls.models import CallRecord
from callcenter.keys import ENGINE, TEMPLATES
from callcenter.staffing.models import AgentDay
from callcenter.sums.rebuild import rebuild
from tests.pages.site import IDS

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = ("step=5", "step=15", "step=30", "step=hour", "", "by=queue", "queue=sales&by=queue")
LONG = ("step=week", "step=month", "department=1&step=hour")


@pytest.fixture
async def calls(site):
    """Of all kinds over ten days, summed up; as (queue, result, waited, within)."""
    chance = random.Random(11)
    today = datetime.combine(site.app[TEMPLATES].formats.today(), time(), ZONE)
    made = []
    async with site.sessions() as session:
        for n in range(90):
            who, department = chance.choice([("mara", 1), ("jon", 1), ("tom", 3), ("kim", 2)])
            queue = chance.choice(["sales", "care", None])
            result = chance.choice(["answered", "answered", "abandoned", "no_answer"])
            at = today - timedelta(days=chance.randrange(10), seconds=-chance.randrange(86_000))
            waited = float(chance.randrange(40))
            made.append((queue, result, waited, 20 if queue else None))
            session.add(
                CallRecord(
                    call_id=f"c{n}",
                    direction="inbound",
                    state="ended",
                    number="0912345678",
                    queue=queue,
                    user_id=IDS[who],
                    department_id=department,
                    started_at=at,
                    ended_at=at,
                    result=result,
                    waited_s=waited,
                    within_s=20 if queue else None,
                    talked_s=60 if result == "answered" else 0,
                    held_s=6 if result == "answered" else 0,
                    wrapped_s=24 if result == "answered" else 0,
                )
            )
        await session.commit()
    await rebuild(site.app[ENGINE], ZONE)
    return f"since={(today - timedelta(days=9)).date()}", made


def tiles(page):
    return re.findall(r"stat__v[^>]*>([^<]+)<", page)


async def test_its_figures_are_those_one_counts_by_hand(site, calls):
    since, made = calls
    root = await site.signed_in("root")
    page = (await root.get(f"/reports/service?{since}")).text

    offered = [each for each in made if each[0]]
    answered = [each for each in offered if each[1] == "answered"]
    gone = [each for each in offered if each[1] == "abandoned"]
    short = [each for each in gone if each[2] < SHORT_S]
    in_time = [each for each in answered if each[2] <= each[3]]
    whole = len(offered) - len(short)
    speed = int(sum(each[2] for each in answered) / len(answered))
    assert tiles(page) == [
        f"{round(100 * len(in_time) / whole)}%",
        str(len(offered)),
        f"0:{speed:02}",
        f"{round(100 * (len(gone) - len(short)) / whole)}%",
        str(len(short)),
        "1:30",
        "–",  # nobody was ever signed in
    ]


async def test_occupancy_is_of_people_so_queues_have_none(site):
    today = site.app[TEMPLATES].formats.today()
    minute = 60_000  # ms
    spent = {"ready": 90 * minute, "talking": 20 * minute, "wrap_up": 10 * minute}
    await site.add(AgentDay(user_id=IDS["mara"], day=today, on_break=60 * minute, **spent))
    lea = await site.signed_in("lea")

    page = (await lea.get("/reports/service")).text
    of_queue = (await lea.get("/reports/service?queue=sales")).text

    assert tiles(page)[6] == "25%" and "/reports/agents?since=" in page
    assert tiles(of_queue)[6] == "–"


async def test_every_number_opens_as_many_calls_as_it_says(site, calls):
    since, _ = calls
    lea = await site.signed_in("lea")
    known = {}  # address of the list -> how many calls it has

    for shape in (*TODAY, *LONG):
        page = (await lea.get(f"/reports/service?{since}&{shape}")).text
        numbers = re.findall(r'class="link" href="(/calls\?[^"]+)">(\d+)</a>', page)
        numbers += re.findall(r'class="stat" href="([^"]+)".*?stat__v[^>]*>(\d+)<', page)
        assert len(numbers) > 6, shape
        for link, number in numbers[-60:]:
            if link not in known:
                listed = (await lea.get(html.unescape(link))).text
                known[link] = re.search(r'mut sm">(\d+) calls?<', listed)[1]
            assert known[link] == number, (shape, link)
    cells = re.findall(r'<a href="([^"]+)"><title>[^<]+</title><rect.*?>(\d+)</text>', page)
    assert len(cells) > 10
    for link, number in cells[:10]:
        listed = (await lea.get(html.unescape(link))).text
        assert re.search(r'mut sm">(\d+) calls?<', listed)[1] == number


async def test_an_agent_sees_their_own_and_a_lead_the_teams(site, calls):
    since, _ = calls
    seen = {}
    for who in ("root", "lea", "mara"):
        visitor = await site.signed_in(who)
        seen[who] = int(tiles((await visitor.get(f"/reports/service?{since}")).text)[1])

    assert seen["root"] > seen["lea"] > seen["mara"] > 0


async def test_a_period_without_calls_says_so(site):
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/reports/service")).text

    assert "Nobody called in for a queue in this period." in page


@pytest.mark.parametrize(
    "query, sentence",
    [
        ("since=2006-01-01&until=2026-01-01", "A report has 800 days at most."),
        ("since=2026-01-01&until=2026-06-01&step=15", "31 days at most"),
        ("by=moon", "“moon” is not a filter here."),
    ],
)
async def test_what_makes_no_sense_is_said_on_the_page(site, query, sentence):
    visitor = await site.signed_in("lea")

    answer = await visitor.get(f"/reports/service?{query}")

    assert answer.status == 400 and sentence in answer.text and "Service report</h1>" in answer.text


async def test_a_number_over_a_long_time_has_no_week_and_all_the_rest(site, calls):
    visitor = await site.signed_in("root")
    since = site.app[TEMPLATES].formats.today() - timedelta(days=100)

    answer = await visitor.get(f"/reports/service?since={since}&did=-")

    assert answer.status == 200 and "By the hour of such calls: 31 days at most." in answer.text
    assert int(tiles(answer.text)[1]) > 10 and 'class="chart heat' not in answer.text


async def test_a_year_is_drawn_as_lines_to_zoom_into(site, calls):
    visitor = await site.signed_in("root")
    since = site.app[TEMPLATES].formats.today() - timedelta(days=364)

    for name in ("service", "calls"):
        page = (await visitor.get(f"/reports/{name}?since={since}")).text
        assert page.count("<zoom-chart ") == 2, name
