"""The time of agents, summed by the day, against a second by second walk over the same changes."""

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from callcenter.agents.diary import Diary
from callcenter.agents.models import AgentState, BreakReason
from callcenter.staffing import counting
from callcenter.staffing.counting import add, count_rings, count_states, recount, totals_of
from callcenter.staffing.models import AgentDay, Counted, OpenSpell, VainRing
from callcenter.staffing.spells import midnight, of_days, spells
from callcenter.staffing.totals import NOTHING, BreakSum, Totals
from callcenter.tasks import running
from tests.draws import cases

HANOI, SANTIAGO = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("America/Santiago")  # it skips a midnight
ZONES = (HANOI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), SANTIAGO)
LIMITS = {"lunch": 60, "coffee": 1, "toilet": None}
STATES = ("offline", "ready", "ringing", "talking", "on_hold", "wrap_up", "break", "unreachable")
START = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)  # Berlin's clocks go back that night


def change(at, state, reason="", user_id=1, cause="agent"):
    return AgentState(user_id=user_id, at=at, state=state, reason=reason, cause=cause, booked="")


@st.composite
def changes(draw):
    """Of two agents, in the order they were written; lengths from nothing to two days."""
    at, found = START + timedelta(days=draw(st.sampled_from([0, 7, 133, 316]))), []
    for _ in range(draw(st.integers(1, 25))):
        state = draw(st.sampled_from(STATES))
        reason = draw(st.sampled_from(sorted(LIMITS))) if state == "break" else ""
        found.append(change(at, state, reason, draw(st.integers(1, 2))))
        at += draw(
            st.sampled_from([timedelta(0), timedelta(hours=13), timedelta(days=2)])
            | st.timedeltas(timedelta(milliseconds=1), timedelta(minutes=5))
        )
    return found


def same(one, other):
    return (one.state, one.reason) == (other.state, other.reason)


def walked(rows, zone):
    """{(user, day, state)}: ms, by halving steps until they lie in one day."""
    found = defaultdict(int)
    for user_id in {row.user_id for row in rows}:
        mine = [row for row in rows if row.user_id == user_id]
        while len(mine) > 1 and same(mine[-1], mine[-2]):
            mine.pop()  # what lasts is not over yet
        for row, after in pairwise(mine):
            here = int(row.at.timestamp() * 1000 + 0.5 - (row.at.microsecond % 1000) / 1000)
            there = int(after.at.timestamp() * 1000 + 0.5 - (after.at.microsecond % 1000) / 1000)
            while here < there and row.state != "offline":
                day = datetime.fromtimestamp(here / 1000, zone).date()
                step = min(there, here + 3_600_000)
                while datetime.fromtimestamp((step - 1) / 1000, zone).date() != day:
                    step = here + (step - here) // 2  # nearer to midnight
                found[user_id, day, row.state] += step - here
                here = step
    return {key: ms for key, ms in found.items() if ms}


async def written(session, rows):
    """As the diary does, in pieces."""
    for row in rows:
        session.add(row)
    await session.flush()


async def kept(session):
    """{(user, day, state)}: ms, from the running totals."""
    rows = await session.scalars(select(AgentDay).order_by(AgentDay.user_id, AgentDay.day))
    found, before = {}, defaultdict(lambda: NOTHING)
    for row in rows:
        day = totals_of(row).less(before[row.user_id])
        before[row.user_id] = totals_of(row)
        found |= {(row.user_id, row.day, state): ms for state, ms in day.states.items()}
    return found


async def cleared(session):
    for table in (AgentState, AgentDay, OpenSpell, VainRing, BreakReason):
        await session.execute(delete(table))
    for each in await session.scalars(select(Counted)):
        each.row_id = 0
    await session.execute(
        insert(BreakReason),
        [
            {"code": code, "name_vi": code, "name_en": code, "minutes": minutes}
            for code, minutes in LIMITS.items()
        ],
    )


@settings(
    max_examples=cases(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=changes(), zone=st.sampled_from(ZONES), pieces=st.integers(1, 9))
async def test_each_day_of_each_agent_has_what_a_walk_over_the_changes_finds(
    sessions, rows, zone, pieces
):
    expected = walked(rows, zone)

    async with sessions.begin() as session:
        await cleared(session)
        for first in range(0, len(rows), pieces):  # however the diary happens to cut its batches
            await written(session, rows[first : first + pieces])
            await count_states(session, zone)
        found = await kept(session)

    assert found == expected


@given(rows=changes(), zone=st.sampled_from(ZONES))
def test_the_states_of_an_agent_add_up_to_the_time_signed_in(rows, zone):
    mine = [row for row in rows if row.user_id == 1]
    *over, last = spells(mine) or [None]

    total, signed_in = NOTHING, 0
    for spell in over:
        for part in of_days(spell, spell.end, zone, LIMITS).values():
            total = total.plus(part)
        if spell.state != "offline":
            signed_in += (spell.end - spell.start) // timedelta(microseconds=1)

    assert abs(total.signed_in - signed_in / 1000) <= len(mine)  # each moment is cut to whole ms
    assert total.of("break") == total.all_breaks.ms
    assert last is None or last.end is None


def on(day, **states):
    return {date(2026, 11, day): Totals(states=states)}


def test_a_state_that_lasts_over_midnight_belongs_to_both_days():
    [spell, _] = spells(
        [
            change(datetime(2026, 11, 26, 16, 30, tzinfo=UTC), "ready"),  # 23:30
            change(datetime(2026, 11, 26, 18, 0, tzinfo=UTC), "offline"),
        ]
    )

    assert of_days(spell, spell.end, HANOI, {}) == on(26, ready=1_800_000) | on(27, ready=3_600_000)


def test_the_night_in_which_clocks_go_back_has_an_hour_more():
    berlin = ZoneInfo("Europe/Berlin")
    [spell] = spells([change(midnight(date(2026, 10, 25), berlin), "ready")])

    day = of_days(spell, midnight(date(2026, 10, 26), berlin), berlin, {})

    assert day == {date(2026, 10, 25): Totals(states={"ready": 25 * 3_600_000})}


def test_a_day_that_begins_at_one_has_an_hour_less():
    [spell] = spells([change(midnight(date(2026, 9, 6), SANTIAGO), "ready")])

    day = of_days(spell, midnight(date(2026, 9, 7), SANTIAGO), SANTIAGO, {})

    assert day == {date(2026, 9, 6): Totals(states={"ready": 23 * 3_600_000})}


def test_a_break_is_over_its_limit_once_and_by_as_much_as_it_was():
    [lunch, _] = spells(
        [
            change(datetime(2026, 11, 26, 16, 30, tzinfo=UTC), "break", "lunch"),  # 23:30
            change(datetime(2026, 11, 26, 18, 0, tzinfo=UTC), "ready"),
        ]
    )

    days = of_days(lunch, lunch.end, HANOI, LIMITS)

    assert days[date(2026, 11, 26)].on("lunch") == BreakSum(1, 1_800_000, 1, 0)
    assert days[date(2026, 11, 27)].on("lunch") == BreakSum(0, 3_600_000, 0, 1_800_000)


def test_a_break_without_a_limit_is_never_too_long():
    [spell] = spells([change(START, "break", "toilet")])

    [sums] = of_days(spell, START + timedelta(hours=3), HANOI, LIMITS).values()

    assert sums.all_breaks == BreakSum(1, 3 * 3_600_000, 0, 0)


def test_a_wish_that_is_booked_begins_no_new_spell():
    found = spells([change(START, "talking"), change(START + timedelta(60), "talking")])

    assert [(each.start, each.end) for each in found] == [(START, None)]


def test_a_clock_that_was_set_back_takes_no_time_away():
    found = spells([change(START, "ready"), change(START - timedelta(hours=1), "talking")])

    assert [(each.start, each.end) for each in found] == [(START, START), (START, None)]


async def test_what_is_added_to_an_earlier_day_is_in_all_that_follow(sessions):
    async with sessions.begin() as session:
        await add(session, {7: on(3, ready=5)})
        await add(session, {7: on(9, ready=1, talking=2)})
        await add(session, {7: on(5, ready=10)})

        rows = await session.scalars(select(AgentDay).order_by(AgentDay.day))
        found = [(row.day.day, row.ready, row.talking) for row in rows]

    assert found == [(3, 5, 0), (5, 15, 0), (9, 16, 2)]


async def test_agents_whose_days_differ_are_added_to_at_once(sessions):
    async with sessions.begin() as session:
        await add(session, {7: on(3, ready=5), 8: on(1, talking=4)})
        await add(session, {7: on(9, ready=1), 8: on(4, ready=2), 9: on(6, wrap_up=3)})
        await add(session, {7: on(9, ready=1), 8: on(3, ready=8)})

        rows = await session.scalars(select(AgentDay).order_by(AgentDay.user_id, AgentDay.day))
        found = [(row.user_id, row.day.day, row.ready, row.talking, row.wrap_up) for row in rows]

    assert found == [
        (7, 3, 5, 0, 0),
        (7, 9, 7, 0, 0),
        (8, 1, 0, 4, 0),
        (8, 3, 8, 4, 0),
        (8, 4, 10, 4, 0),
        (9, 6, 0, 0, 3),
    ]


async def test_the_diary_counts_what_it_writes_in_the_same_transaction(sessions):
    diary = Diary(sessions)
    diary.also = lambda session: count_states(session, HANOI)

    async with running(diary.write(), name="diary"):
        for minute, state in enumerate(("ready", "talking", "wrap_up")):
            diary.note(user_id=1, at=START + timedelta(minutes=minute), state=state, cause="agent")
        await diary.drain()

    async with sessions() as session:
        [row] = await session.scalars(select(AgentDay))
        open = await session.get(OpenSpell, 1)
    assert (row.ready, row.talking, row.wrap_up) == (60_000, 60_000, 0)
    assert (open.state, open.since) == ("wrap_up", START + timedelta(minutes=2))


async def test_counted_anew_it_is_the_same_however_small_the_pieces(sessions, monkeypatch):
    rows = [change(START + timedelta(hours=each), STATES[each % 8]) for each in range(40)]
    async with sessions.begin() as session:
        await written(session, rows)
        session.add(VainRing(user_id=1, at=START, call_id="c", declined=True))
        await count_states(session, HANOI)
        await count_rings(session, HANOI)
        before = await kept(session)
    monkeypatch.setattr(counting, "AT_ONCE", 7)

    assert await recount(sessions, HANOI) == 40

    async with sessions() as session:
        assert await kept(session) == before
        newest = await session.scalar(select(AgentDay).order_by(AgentDay.day.desc()).limit(1))
    assert (newest.missed, newest.declined) == (0, 1)


@pytest.mark.parametrize("twice", [True, False])
async def test_nothing_is_counted_twice(sessions, twice):
    async with sessions.begin() as session:
        await written(session, [change(START, "ready"), change(START + timedelta(1), "offline")])
        await count_states(session, HANOI)
        before = await kept(session)
        if twice:
            assert await count_states(session, HANOI) == 0

        assert await kept(session) == before


async def test_rings_and_states_that_are_counted_at_once_wait_for_each_other(sessions):
    """They are added to the same rows: none may overwrite what the other has added."""
    ring = VainRing(user_id=1, at=START, call_id="c", declined=False)

    async def rang():
        async with sessions.begin() as session:
            await written(session, [ring])
            await count_rings(session, HANOI)

    async with sessions.begin() as session:
        await written(session, [change(START, "ready"), change(START + timedelta(1), "offline")])
        await count_states(session, HANOI)
        other = asyncio.create_task(rang())
        await asyncio.wait({other}, timeout=0.2)  # if it did not wait it would be through
    await other

    async with sessions() as session:
        newest = await session.scalar(select(AgentDay).order_by(AgentDay.day.desc()).limit(1))
    assert (newest.ready, newest.missed) == (86_400_000, 1)
