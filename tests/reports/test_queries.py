from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text, update

from callcenter.calls.call import Result
from callcenter.calls.models import CallDay
from callcenter.errors import Invalid
from callcenter.people.models import Department, User
from callcenter.people.rights import Scope
from callcenter.reports.queries import Asked, call_report

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = date(2026, 3, 2)
EVERYTHING = Scope(everything=True, user_id=0)
WEEK = Asked(since=MONDAY, until=MONDAY + timedelta(days=6))
MARA, JON, TEA = 1, 2, 3


def day_row(day=MONDAY, user_id=MARA, department_id=2, result="answered", calls=1, **facts):
    return {
        "day": day,
        "user_id": user_id,
        "department_id": department_id,
        "result": result,
        "calls": calls,
        "queue": facts.get("queue", "sales"),
        "direction": facts.get("direction", "inbound"),
        "waited_s": facts.get("waited_s", 0.0),
        "talked_s": facts.get("talked_s", 0.0),
        "held_s": 0.0,
    }


@pytest.fixture
async def office(sessions):
    """Mara and Jon in the sales of the south, which is below sales; Tea in care."""
    async with sessions.begin() as session:
        session.add_all(
            [Department(id=1, name="Sales"), Department(id=3, name="Care")],
        )
        await session.flush()
        session.add(Department(id=2, name="Sales, south", parent_id=1))
        await session.flush()
        for id, name, department_id in (MARA, "Mara", 2), (JON, "Jon", 2), (TEA, "Tea", 3):
            session.add(
                User(
                    id=id,
                    username=name.lower(),
                    name=name,
                    password="",
                    role="agent",
                    department_id=department_id,
                )
            )
    return sessions


@pytest.fixture
async def week(office):
    """A week of Mara, Jon, Tea and one call that rang nobody."""
    rows = [
        day_row(calls=4, talked_s=400.0, waited_s=40.0),
        day_row(result="abandoned", calls=1, waited_s=60.0),
        day_row(direction="outbound", result="busy", calls=3, queue=""),
        day_row(day=MONDAY + timedelta(days=2), user_id=JON, calls=1, talked_s=50.0, waited_s=10.0),
        day_row(user_id=TEA, department_id=3, queue="care", calls=2, talked_s=600.0, waited_s=20.0),
        day_row(user_id=0, department_id=3, queue="care", result="abandoned", waited_s=30.0),
        day_row(direction="internal", queue="", calls=9, talked_s=9000.0),
        day_row(day=MONDAY - timedelta(days=1), calls=50, talked_s=5000.0),
        day_row(day=MONDAY + timedelta(days=7), calls=50, talked_s=5000.0),
    ]
    async with office.begin() as session:
        await session.execute(insert(CallDay), rows)
    return office


async def report(sessions, scope=EVERYTHING, **asked):
    async with sessions() as session:
        return await call_report(
            session, scope, Asked(**{"since": WEEK.since, "until": WEEK.until} | asked)
        )


async def test_the_totals_are_of_all_calls_with_customers(week):
    totals = (await report(week)).totals

    assert (totals.calls, totals.answered, totals.talked_s) == (12, 7, 1050.0)
    assert totals.answer_rate == 7 / 12
    assert totals.average_talk_s == 150.0
    assert totals.average_wait_s == round(160 / 9, 3)  # of the nine that came in


async def test_each_day_has_its_calls_by_result_and_the_empty_ones_are_there(week):
    days = (await report(week)).days

    assert [day.day for day in days] == [MONDAY + timedelta(days=n) for n in range(7)]
    assert [day.calls for day in days] == [11, 0, 1, 0, 0, 0, 0]
    assert list(days[1].results) == [str(result) for result in Result]
    assert {name: n for name, n in days[0].results.items() if n} == {
        "answered": 6,
        "abandoned": 2,
        "busy": 3,
    }


async def test_agents_come_by_talk_time_and_nobody_is_no_agent(week):
    agents = (await report(week)).agents

    assert [(a.name, a.calls, a.answered, a.talked_s) for a in agents] == [
        ("Tea", 2, 2, 600.0),
        ("Mara", 8, 4, 400.0),
        ("Jon", 1, 1, 50.0),
    ]
    assert agents[1].average_talk_s == 100.0


async def test_an_agent_sees_only_their_own(week):
    found = await report(week, scope=Scope(everything=False, user_id=JON))

    assert (found.totals.calls, [agent.name for agent in found.agents]) == (1, ["Jon"])


async def test_a_team_lead_sees_their_departments_and_calls_that_rang_nobody_there(week):
    lead = Scope(everything=False, user_id=99, departments=frozenset({3}))

    found = await report(week, scope=lead)

    assert (found.totals.calls, [agent.name for agent in found.agents]) == (3, ["Tea"])


async def test_asking_for_a_colleague_one_may_not_see_gives_nothing(week):
    found = await report(week, scope=Scope(everything=False, user_id=JON), user_id=TEA)

    assert (found.totals.calls, found.totals.answer_rate, found.agents) == (0, None, [])


async def test_a_department_stands_for_those_below_it(week):
    assert (await report(week, department_id=1)).totals.calls == 9
    assert (await report(week, department_id=2)).totals.calls == 9
    assert (await report(week, department_id=3)).totals.calls == 3


async def test_calls_can_be_asked_for_by_agent_and_direction(week):
    assert (await report(week, user_id=MARA)).totals.calls == 8
    assert (await report(week, user_id=MARA, direction="outbound")).totals.calls == 3


async def test_a_day_without_any_call_divides_by_nothing(office):
    found = await report(office, until=MONDAY)

    assert (found.totals.answer_rate, found.totals.average_talk_s, found.totals.average_wait_s) == (
        *(None, None, None),
    )
    assert [day.calls for day in found.days] == [0]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": MONDAY, "until": MONDAY - timedelta(days=1)}, "until"),
        ({"since": date(2000, 1, 1), "until": MONDAY}, "since"),
        ({"direction": "sideways"}, "direction"),
    ],
)
async def test_days_that_make_no_sense_are_refused_in_words(office, asked, field):
    with pytest.raises(Invalid) as refused:
        await report(office, **asked)

    assert refused.value.field == field


async def test_a_correction_of_zero_calls_shows_no_agent(week):
    async with week.begin() as session:
        await session.execute(update(CallDay).where(CallDay.user_id == TEA).values(calls=0))
        await session.execute(text("UPDATE call_days SET talked_s = 0 WHERE calls = 0"))

    assert "Tea" not in [agent.name for agent in (await report(week)).agents]
