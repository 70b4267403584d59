"""The agents' report: its numbers are those of the lists behind them, as far as one may see."""

import html
import random
import re
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from callcenter.agents.models import AgentState
from callcenter.calls.models import CallNote, UnfinishedCall
from callcenter.config import ROOT, load
from callcenter.keys import DIRECTORY, ENGINE
from callcenter.people.models import User
from callcenter.people.permissions import Permission
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.staffing import day_views, report
from callcenter.staffing import views as staffing_views
from callcenter.staffing.counting import count_rings, count_states
from callcenter.staffing.first_calls import FirstCalls, count_days, first_calls
from callcenter.staffing.models import VainRing
from callcenter.staffing.queries import narrowed
from callcenter.sums.rebuild import rebuild
from tests.pages.site import IDS

ZONE = load(ROOT / "config.toml").zone
NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZONE).date()
MORNING = datetime.combine(TODAY - timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC)
MORNING += timedelta(hours=8)  # of yesterday
DAY = f"since={TODAY - timedelta(days=1)}&until={TODAY - timedelta(days=1)}"


async def was(site, whose, *changes):
    """(minutes after eight yesterday, state, reason)…"""
    async with site.sessions.begin() as session:
        for minutes, state, *reason in changes:
            at = MORNING + timedelta(minutes=minutes)
            session.add(
                AgentState(
                    user_id=IDS[whose], at=at, state=state, reason="".join(reason), cause="agent"
                )
            )
        await session.flush()
        await count_states(session, ZONE)


def asker(site, who):
    directory = site.app[DIRECTORY]
    person = directory.person(IDS[who])
    return Asker(directory.scope_of(person, Permission.REPORTS), directory, TODAY, ZONE.key)


async def table_of(site, who, answer=report.agents, days=1, **asked):
    since = TODAY - timedelta(days=days)
    question = Asked(since=since, until=TODAY, **asked)
    async with site.sessions() as session:
        return await answer(session, asker(site, who), question)


def cells(table, row):
    return dict(zip((each.key for each in table.columns), row.cells, strict=True))


async def some_calls(site, seed=7):
    """Of everybody, of both directions and all results, in the last two days."""
    chance = random.Random(seed)
    for _ in range(60):
        whose = chance.choice(["mara", "jon", "tom", "kim", "lea"])
        at = NOW - timedelta(hours=chance.uniform(1, 40))
        result = chance.choice(["answered", "answered", "abandoned", "busy"])
        direction = chance.choice(["inbound", "outbound", "internal"])
        await site.call(whose, started_at=at, result=result, direction=direction)
    await site.call(None, result="abandoned")  # rang nobody: nobody's, in no line, not in the sum
    await rebuild(site.app[ENGINE], ZONE)


@pytest.mark.parametrize("who", ["root", "lea", "mara"])
async def test_every_number_of_calls_is_the_length_of_the_list_it_leads_to(site, who):
    await some_calls(site)
    visitor = await site.signed_in(who)

    table = await table_of(site, who)

    compared = 0
    for row in [*table.rows, table.total]:
        values = cells(table, row)
        for key in {"calls_in", "calls_out", "answered"} & row.links.keys():
            page = (await visitor.get(row.links[key])).text
            assert f">{values[key]} call" in page, (key, row.links[key])
            compared += 1
    assert compared >= (6 if who == "mara" else 9) - 3


async def test_a_team_lead_sees_their_team_and_an_agent_themselves(site):
    for whose in ("mara", "tom", "kim"):
        await was(site, whose, (0, "ready"), (60, "offline"))

    seen = {
        who: [row.cells[0] for row in (await table_of(site, who)).rows]
        for who in ("root", "lea", "mara")
    }

    assert seen["lea"] == ["Nguyễn Mara", "Vũ Tom"]
    assert seen["mara"] == ["Nguyễn Mara"]
    assert len(seen["root"]) == 3


async def test_states_breaks_rings_and_what_is_worked_out(site):
    await was(
        site,
        "mara",
        *[(0, "ready"), (30, "talking"), (50, "on_hold"), (55, "talking"), (60, "wrap_up")],
        *[(65, "break", "short"), (80, "break", "lunch"), (120, "ready"), (150, "offline")],
    )
    async with site.sessions.begin() as session:
        for declined in (False, False, True):
            ring = {"user_id": IDS["mara"], "at": MORNING, "call_id": "c"}
            session.add(VainRing(**ring, declined=declined))
        session.add(UnfinishedCall(call_id="u", user_id=IDS["mara"], ended_at=MORNING))
        await session.flush()
        await count_rings(session, ZONE)

    table = await table_of(site, "lea")

    [row] = table.rows
    found = cells(table, row)
    states = ("ready", "ringing", "talking", "on_hold", "wrap_up", "unreachable", "break")
    minutes = {key: found[key] / 60 for key in (*states, "break_short", "break_lunch")}
    assert minutes == {
        **{"ready": 60, "ringing": 0, "talking": 25, "on_hold": 5, "wrap_up": 5},
        **{"unreachable": 0, "break": 55, "break_short": 15, "break_lunch": 40},
    }
    assert found["signed_in"] == sum(found[key] for key in states) == 150 * 60
    assert (found["breaks"], found["breaks_over"], found["breaks_over_time"]) == (2, 1, 300)
    assert (found["missed"], found["declined"], found["unfinished"]) == (2, 1, 1)
    assert found["occupancy"] == pytest.approx(35 / 95)
    assert cells(table, table.total) | {"agent": ""} == found | {"agent": ""}


async def test_waiting_ready_and_work_on_calls_are_what_occupancy_is_of(site):
    await was(
        site,
        "mara",
        *[(0, "ready"), (30, "ringing"), (40, "talking"), (50, "break", "lunch")],
        *[(60, "unreachable"), (90, "offline")],
    )

    table = await table_of(site, "lea")

    assert cells(table, table.rows[0])["occupancy"] == pytest.approx(10 / 40)


async def test_what_no_state_belongs_to_narrows_no_line(site):
    await some_calls(site)
    await was(site, "mara", (0, "ready"), (60, "offline"))

    all_of_it = await table_of(site, "lea")
    narrowed_too = await table_of(
        site, "lea", queues=("support",), dids=("19001234",), direction="inbound", results=("busy",)
    )

    assert narrowed_too.rows == all_of_it.rows


async def test_what_has_lasted_since_a_day_that_is_over_counts_on_that_day(site):
    await was(site, "mara", (0, "ready"))
    yesterday = TODAY - timedelta(days=1)

    async with site.sessions() as session:
        asked = Asked(since=yesterday, until=yesterday)
        table = await report.agents(session, asker(site, "lea"), asked)

    assert cells(table, table.rows[0])["ready"] == 16 * 3600  # from eight to midnight


async def test_what_lasts_now_counts_until_now_and_not_before(site):
    async with site.sessions.begin() as session:
        at = NOW - timedelta(minutes=30)
        session.add(AgentState(user_id=IDS["mara"], at=at, state="ready"))
        await session.flush()
        await count_states(session, ZONE)

    now = cells(table := await table_of(site, "mara"), table.rows[0])
    async with site.sessions() as session:
        before = await report.agents(
            session,
            asker(site, "mara"),
            Asked(since=TODAY - timedelta(9), until=TODAY - timedelta(5)),
        )

    assert now["signed_in"] == now["ready"] >= 30 * 60
    assert before.rows == [] and before.total is None


async def test_a_caller_who_rings_in_again_within_a_week_was_not_helped_at_first(site):
    async def rang(days_ago, number, **values):
        await site.call("mara", number, started_at=NOW - timedelta(days=days_ago), **values)

    await rang(30, "0911111111")  # again after five days: not resolved
    await rang(25, "0911111111", result="abandoned")
    await rang(24, "0922222222")  # again after eight days: resolved
    await rang(16, "0922222222")  # never again
    await rang(15, "0933333333", direction="outbound")  # did not come in
    await rang(15, "")  # nobody knows who it was
    await rang(3, "0944444444")  # too young to say

    await count_days(site.sessions, ZONE, TODAY)
    assert await count_days(site.sessions, ZONE, TODAY) == 0  # once is enough

    async with site.sessions() as session:
        people = narrowed(
            asker(site, "lea").scope, site.app[DIRECTORY], Asked(since=TODAY, until=TODAY)
        )
        asked = Asked(since=TODAY - timedelta(days=40), until=TODAY)
        assert await first_calls(session, people, asked) == {IDS["mara"]: FirstCalls(3, 2)}
        asked = Asked(since=TODAY - timedelta(days=20), until=TODAY)
        assert await first_calls(session, people, asked) == {IDS["mara"]: FirstCalls(1, 1)}


async def test_the_share_solved_at_the_first_call_opens_these_calls(site):
    chance, now = random.Random(5), datetime.now(UTC)
    for _ in range(120):
        await site.call(
            chance.choice(["mara", "jon", "kim"]),
            f"091111111{chance.randrange(9)}",
            started_at=now - timedelta(hours=chance.uniform(1, 40 * 24)),
            result=chance.choice(["answered", "answered", "abandoned"]),
            direction=chance.choice(["inbound", "inbound", "outbound"]),
        )
    await count_days(site.sessions, ZONE, now.astimezone(ZONE).date())
    await rebuild(site.app[ENGINE], ZONE)
    lea = await site.signed_in("lea")

    table = await table_of(site, "lea", days=45)
    people = narrowed(
        asker(site, "lea").scope, site.app[DIRECTORY], Asked(since=TODAY, until=TODAY)
    )
    asked = Asked(since=TODAY - timedelta(days=45), until=TODAY)
    async with site.sessions() as session:
        counted = await first_calls(session, people, asked)

    names = {IDS["mara"]: "Nguyễn Mara", IDS["jon"]: "Trần Jon"}
    links = {row.cells[0]: row.links["first_calls"] for row in table.rows}
    for user_id, name in names.items():
        of = counted[user_id]
        assert 0 < of.resolved < of.calls
        assert f">{of.resolved} call" in (page := (await lea.get(links[name])).text)
        assert "Solved at the first call" in page
        again = (await lea.get(links[name].replace("resolved", "again"))).text
        assert f">{of.calls - of.resolved} call" in again
    resolved = sum(each.resolved for each in counted.values())
    assert f">{resolved} call" in (await lea.get(table.total.links["first_calls"])).text
    assert (await lea.get("/calls?first=nonsense")).status == 400


async def test_outcomes_are_counted_and_lead_to_their_calls(site):
    await site.call("mara", call_id="agreed")
    await site.call("mara", call_id="open")
    await site.add(
        CallNote(call_id="agreed", user_id=IDS["mara"], outcome="agreed", updated_at=NOW)
    )

    table = await table_of(site, "lea", report.outcomes)

    [row] = table.rows
    found = cells(table, row)
    assert (found["answered"], found["outcome_agreed"], found["-"]) == (2, 1, 1)
    query = parse_qs(urlsplit(row.links["outcome_agreed"]).query)
    assert query["outcome"] == ["agreed"] and query["agent"] == [str(IDS["mara"])]


async def test_other_requests_are_served_while_a_report_is_put_down(site, monkeypatch):
    await was(site, "mara", (0, "ready"), (61, "offline"))
    at_work = set()

    def noted(told):
        def do(*args, **values):
            at_work.add(threading.get_ident())
            return told(*args, **values)

        return do

    monkeypatch.setattr(report, "table", noted(report.table))
    monkeypatch.setattr(staffing_views, "render", noted(staffing_views.render))

    assert (await (await site.signed_in("lea")).get("/reports/agents")).status == 200

    assert at_work and threading.get_ident() not in at_work


async def test_the_page_shows_it_and_refuses_nonsense_in_words(site):
    await was(site, "mara", (0, "ready"), (61, "offline"))
    lea = await site.signed_in("lea")

    page = await lea.get("/reports/agents")
    bad = await lea.get("/reports/agents?since=2001-01-01&until=2026-01-01")

    assert "Nguyễn Mara" in page.text and "1:01:00" in page.text
    assert (bad.status, "A report has 800 days at most." in bad.text) == (400, True)


async def test_the_days_line_has_a_bar_for_each_state_and_says_what_it_is(site):
    await was(site, "mara", (0, "ready"), (60, "break", "lunch"), (90, "talking"), (95, "offline"))
    await site.call("mara", started_at=MORNING + timedelta(minutes=90))
    mara = await site.signed_in("mara")

    page = (await mara.get(f"/reports/agents/{IDS['mara']}?{DAY}")).text

    words = [html.unescape(each) for each in re.findall(r'data-w="([^"]*)"', page)]
    assert words == [
        "Ready, 08:00 – 09:00 (1:00:00)",
        "Break: Lunch, 09:00 – 09:30 (30:00)",
        "In a call, 09:30 – 09:35 (5:00)",
        "Incoming, 0912 345 678, Answered, 09:30 – 09:30 (0:50)",
    ]
    assert page.count('<rect class="st-break"') == 1


async def test_a_teams_day_has_a_line_each_and_nobody_elses(site):
    for whose in ("mara", "jon", "kim"):
        await was(site, whose, (0, "ready"), (60, "offline"))
    lea = await site.signed_in("lea")

    page = (await lea.get(f"/reports/agents/day?{DAY}")).text
    kim = await lea.get(f"/reports/agents/{IDS['kim']}")

    lines = re.findall(r'data-line="([^"]*)"', page)
    assert lines == ["Nguyễn Mara", "Trần Jon"]
    assert kim.status == 404


async def test_of_a_large_team_only_those_who_are_shown_are_read(site, monkeypatch):
    for whose in ("mara", "jon"):
        await was(site, whose, (0, "ready"), (60, "offline"))
    lea = await site.signed_in("lea")
    read, days_of = [], day_views.days.days_of

    async def noted(session, asked):
        read.extend(person.name for person in asked.people)
        return await days_of(session, asked)

    monkeypatch.setattr(day_views, "MOST", 1)
    monkeypatch.setattr(day_views.days, "days_of", noted)

    page = (await lea.get(f"/reports/agents/day?{DAY}")).text

    assert re.findall(r'data-line="([^"]*)"', page) == read == ["Nguyễn Mara"]
    assert "1 more" in page


async def test_an_empty_day_says_so(site):
    mara = await site.signed_in("mara", language="vi")

    page = (await mara.get(f"/reports/agents/{IDS['mara']}")).text

    assert "Ngày làm việc của tôi" in page and '<svg class="dl"' not in page


async def test_one_agents_page_says_the_figures_as_well(site):
    await was(site, "mara", (0, "ready"), (60, "break", "lunch"), (90, "offline"))
    lea = await site.signed_in("lea")

    page = (await lea.get(f"/reports/agents/{IDS['mara']}?{DAY}")).text

    facts = re.findall(r"<dt title=[^>]*>([^<]+)</dt><dd>(?:<a[^>]*>)?([^<]+)<", page)
    assert {"Signed in": "1:30:00", "Lunch": "30:00", "Breaks over the limit": "0"}.items() <= dict(
        facts
    ).items()


async def test_two_agents_of_one_name_are_told_apart_when_periods_are_compared(site):
    async with site.sessions.begin() as session:
        await session.execute(update(User).values(name="Nguyễn Văn An"))
    await site.app[DIRECTORY].load(site.sessions)
    await some_calls(site)

    for answer in (report.agents, report.outcomes):
        rows = (await table_of(site, "root", answer)).rows
        keys = {row.key for row in rows}
        assert len(keys) == len(rows) > 2
