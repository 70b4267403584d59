"""Today's calls on the board agree with the table of calls and with the reports' sums."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.counting import ADDED
from callcenter.calls.models import CallDay, CallRecord
from callcenter.live.rules import Limits, save_limits
from callcenter.live.today import Day, Numbers
from callcenter.sums.terms import Sum
from tests.live.house import a_team, looks

QUEUES = ("sales", "care")


@pytest.fixture
async def place(sessions, engine):
    async with a_team(sessions, engine) as place:
        yield place


def a_day(start: datetime) -> Day:
    return Day(UTC, today=lambda: start.date())


def life(chance: random.Random, number: int, start: datetime, ends: float = 0.9) -> list[Call]:
    """A call as the board tells it: each step of its life, now and then one step twice."""
    began = start + timedelta(seconds=chance.randrange(3600))
    call = Call(
        call_id=f"c{number}",
        direction=chance.choice([Direction.INBOUND, Direction.INBOUND, Direction.OUTBOUND]),
        started_at=began,
        state=State.WAITING,
        number=f"09{number:08}",
        queue=chance.choice(["sales", "care", None]),
    )
    steps, waited = [call], chance.choice([1.0, 4.9, 5.0, 9.9, 10.0, 15.0, 20.0, 20.1, 90.0])
    if chance.random() < 0.7:
        at = began + timedelta(seconds=waited)
        call = replace(call, state=State.TALKING, agents=("201",), answered_at=at, waited_s=waited)
        steps.append(call)
        result = Result.ANSWERED
    else:
        result = chance.choice(
            [Result.ABANDONED, Result.ABANDONED, Result.NO_ANSWER, Result.FAILED]
        )
        call = replace(call, waited_s=waited)
    if chance.random() < 0.2 and call.queue:  # handed over
        call = replace(call, queue="care")
        steps.append(call)
    if chance.random() < ends:
        ended_at = began + timedelta(seconds=waited + 60)
        call = replace(call, state=State.ENDED, ended_at=ended_at, result=result)
        steps += [call] * chance.choice([1, 1, 2])
    return steps


async def in_table(sessions) -> dict[str, Numbers]:
    """What the table of calls says of each queue, asked as plainly as possible."""
    inbound = CallRecord.direction == Direction.INBOUND
    async with sessions() as session:
        rows = (await session.scalars(select(CallRecord).where(inbound))).all()
    found: dict[str, Numbers] = {}
    for row in rows:
        over, answered = row.ended_at is not None, row.answered_at is not None
        if row.queue and (over or answered):
            numbers = found.setdefault(row.queue, Numbers())
            numbers.offered += 1
            if answered:
                numbers.answered += 1
                numbers.in_time += row.waited_s <= row.within_s
                numbers.waited_s += row.waited_s
            left = row.result == Result.ABANDONED
            numbers.abandoned += left
            numbers.short += left and row.waited_s < 5
    return found


async def in_reports(sessions) -> dict[str, Sum]:
    """Each queue's figures, of the sums the reports are made of."""
    figures = [func.sum(getattr(CallDay, name)).label(name) for name in ADDED]
    inbound = CallDay.direction == Direction.INBOUND
    asked = select(CallDay.queue, *figures).where(inbound).group_by(CallDay.queue)
    async with sessions() as session:
        rows = (await session.execute(asked)).all()
    return {row.queue: Sum(**{name: getattr(row, name) for name in ADDED}) for row in rows}


NAMES = ("offered", "answered", "in_time", "abandoned", "short")


def same(one: Numbers, other: Numbers) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in NAMES)


@pytest.mark.parametrize("seed", range(4))
async def test_the_board_and_the_table_agree_after_any_mixture_of_calls(place, seed):
    chance = random.Random(seed)
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = a_day(start)
    await day.load(place.sessions)
    place.journal.listeners.append(day.take)
    lives = [life(chance, number, start) for number in range(80)]
    while lives := [steps for steps in lives if steps]:  # in any order, each call's own kept
        place.calls.changes(chance.choice(lives).pop(0))
        if chance.random() < 0.1:
            await place.journal.drain()
    await place.journal.drain()

    table = await in_table(place.sessions)
    for queue in QUEUES:
        assert same(day.of(queue), table.get(queue, Numbers()))
        assert day.of(queue).waited_s == pytest.approx(table[queue].waited_s)

    again = a_day(start)  # a restart knows the same
    await again.load(place.sessions)
    assert all(same(again.of(queue), day.of(queue)) for queue in QUEUES)


@pytest.mark.parametrize("seed", range(4))
async def test_once_its_calls_are_over_a_day_on_the_board_is_that_day_in_the_reports(place, seed):
    chance = random.Random(seed)
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = a_day(start)
    place.journal.listeners.append(day.take)
    for number in range(240):
        if number == 120:  # what was in time stays in time, here as there
            await place.journal.drain()
            async with place.sessions.begin() as session:
                await save_limits(session, Limits(service_level_s=12), {})
            await place.team.load_rules(place.sessions)
        for step in life(chance, number, start, ends=1.0):
            place.calls.changes(step)
    await place.journal.drain()

    reports = await in_reports(place.sessions)
    assert any(day.of(queue).short for queue in QUEUES)
    for queue in QUEUES:
        live, sums = day.of(queue), reports[queue]
        assert [getattr(live, name) for name in NAMES] == [
            *(sums.offered, sums.offered_answered, sums.answered_in_time),
            *(sums.abandoned, sums.abandoned_short),
        ]
        assert 0 < live.in_time < live.answered
        assert live.waited_s == pytest.approx(sums.waited_answered_s)


async def test_yesterdays_calls_do_not_count_and_a_new_day_begins_at_nought(place):
    now = datetime.now(UTC)
    today = [now.date()]
    day = Day(UTC, today=lambda: today[0])
    await day.load(place.sessions)
    place.journal.listeners.append(day.take)
    for call_id, began in ("old", now - timedelta(days=1)), ("new", now):
        call = Call(
            call_id=call_id,
            direction=Direction.INBOUND,
            started_at=began,
            state=State.ENDED,
            queue="sales",
            ended_at=began,
            result=Result.ABANDONED,
        )
        place.calls.changes(call)
    await place.journal.drain()

    assert (day.of("sales").offered, day.has_passed()) == (1, False)
    today[0] += timedelta(days=1)
    assert day.has_passed()
    assert (day.of("sales").offered, day.has_passed()) == (0, False)


async def test_another_limit_is_that_of_the_calls_from_then_on_as_in_the_reports(place):
    async with looks(place, "binh") as lead:
        for call_id, seconds, in_time in ("c1", 20, None), ("c2", 30, 1):
            async with place.sessions.begin() as session:
                await save_limits(session, Limits(service_level_s=seconds), {})
            await place.team.load_rules(place.sessions)
            now = datetime.now(UTC)
            call = Call(
                call_id=call_id,
                direction=Direction.INBOUND,
                started_at=now,
                state=State.TALKING,
                queue="sales",
                agents=("201",),
                answered_at=now,
                waited_s=25.0,
            )
            place.calls.changes(call)
            answered = int(call_id[1])
            await lead.until(lambda told, n=answered: told.queues["sales"].get("answered") == n)
            assert lead.queues["sales"].get("in_time") == in_time
            assert lead.queues["sales"]["within_s"] == seconds
