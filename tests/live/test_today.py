"""Today's calls on the board agree with the table of calls and with the reports' sums."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.models import CallDay, CallRecord
from callcenter.live.rules import Limits, save_limits
from callcenter.live.today import Day, Numbers
from tests.live.house import a_team, looks

WITHIN = {"sales": 20, "care": 10}


@pytest.fixture
async def place(sessions, engine):
    async with a_team(sessions, engine) as place:
        yield place


def a_day(start: datetime) -> Day:
    return Day(UTC, today=lambda: start.date(), within=WITHIN.__getitem__)


def life(chance: random.Random, number: int, start: datetime) -> list[Call]:
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
    steps, waited = [call], chance.choice([1.0, 9.9, 10.0, 15.0, 20.0, 20.1, 90.0])
    if chance.random() < 0.7:
        at = began + timedelta(seconds=waited)
        call = replace(call, state=State.TALKING, agents=("201",), answered_at=at, waited_s=waited)
        steps.append(call)
        result = Result.ANSWERED
    else:
        result = chance.choice([Result.ABANDONED, Result.NO_ANSWER, Result.FAILED])
        call = replace(call, waited_s=waited)
    if chance.random() < 0.2 and call.queue:  # handed over
        call = replace(call, queue="care")
        steps.append(call)
    if chance.random() < 0.9:
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
                numbers.in_time += row.waited_s <= WITHIN[row.queue]
                numbers.waited_s += row.waited_s
            numbers.abandoned += row.result == Result.ABANDONED
    return found


async def in_reports(sessions) -> Counter:
    """(queue, result) -> calls, of the sums the reports are made of."""
    columns = CallDay.queue, CallDay.result, func.sum(CallDay.calls)
    inbound = CallDay.direction == Direction.INBOUND
    asked = select(*columns).where(inbound).group_by(CallDay.queue, CallDay.result)
    async with sessions() as session:
        return Counter({(queue, result): n for queue, result, n in await session.execute(asked)})


def same(one: Numbers, other: Numbers) -> bool:
    names = ("offered", "answered", "in_time", "abandoned")
    return all(getattr(one, name) == getattr(other, name) for name in names)


@pytest.mark.parametrize("seed", range(4))
async def test_the_board_the_table_and_the_reports_agree_after_any_mixture_of_calls(place, seed):
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

    table, reports = await in_table(place.sessions), await in_reports(place.sessions)

    for queue in WITHIN:
        numbers = day.of(queue)
        assert same(numbers, table.get(queue, Numbers()))
        assert numbers.waited_s == pytest.approx(table[queue].waited_s)
        assert numbers.abandoned == reports[queue, "abandoned"]
        ended = sum(n for (name, _), n in reports.items() if name == queue)
        still = [c for c in place.calls.alive.values() if c.queue == queue and c.answered_at]
        talking = sum(c.direction is Direction.INBOUND for c in still)
        assert numbers.offered == ended + talking
        assert numbers.answered == reports[queue, "answered"] + talking

    again = a_day(start)  # a restart knows the same
    await again.load(place.sessions)
    assert all(same(again.of(queue), day.of(queue)) for queue in WITHIN)


async def test_yesterdays_calls_do_not_count_and_a_new_day_begins_at_nought(place):
    now = datetime.now(UTC)
    today = [now.date()]
    day = Day(UTC, today=lambda: today[0], within=lambda queue: 20)
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


async def test_another_limit_counts_at_once_for_all_of_today(place):
    now = datetime.now(UTC)  # of the company's today, whatever UTC's is
    call = life(random.Random(3), 1, now)[0]
    call = replace(call, direction=Direction.INBOUND, queue="sales", started_at=now, waited_s=30.0)
    call = replace(call, state=State.TALKING, answered_at=now, agents=("201",))
    async with looks(place, "binh") as lead:
        place.calls.changes(call)
        await lead.until(lambda told: told.queues["sales"].get("answered") == 1)
        assert not lead.queues["sales"].get("in_time")

        async with place.sessions.begin() as session:
            await save_limits(session, Limits(service_level_s=30), {})
        await place.team.load_rules(place.sessions)
        await lead.until(lambda told: told.queues["sales"].get("in_time") == 1)
        assert lead.queues["sales"]["within_s"] == 30
