"""Calls that wait for their outcome: owed from their end on, until somebody finishes them."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.models import CallRecord, Outcome, OutcomeQueue, UnfinishedCall
from callcenter.calls.queries import save_note
from callcenter.people.rights import Scope
from callcenter.tasks import running
from callcenter.wrap_up.unfinished import Debts, finish, unfinished_count, unfinished_cut

ANH, BINH = 1, 2
SALES, CARE = 1, 2
NOW = datetime.now(UTC)
WHOSE = {"299": (None, None), "201": (ANH, SALES), "202": (BINH, SALES), "203": (3, CARE)}


def a_call(call_id="c1", **facts):
    values = {
        "direction": Direction.INBOUND,
        "started_at": NOW - timedelta(minutes=2),
        "state": State.ENDED,
        "queue": "sales",
        "agents": ("201",),
        "ended_at": NOW,
        "result": Result.ANSWERED,
    }
    return Call(call_id=call_id, **{**values, **facts})


def a_record(call_id="c1", user_id=ANH, department_id=SALES, **facts):
    values = {
        "direction": "inbound",
        "state": "ended",
        "queue": "sales",
        "started_at": NOW - timedelta(minutes=2),
        "ended_at": NOW,
        "result": "answered",
    }
    return CallRecord(
        call_id=call_id, user_id=user_id, department_id=department_id, **{**values, **facts}
    )


@pytest.fixture
async def debts(sessions):
    async with sessions.begin() as session:
        session.add(Outcome(code="sold", name_vi="Bán", name_en="Sold", position=1))
        session.add(Outcome(code="no", name_vi="Không", name_en="No", position=2))
        session.add(
            Outcome(code="dear", name_vi="Đắt", name_en="Too dear", position=3, parent_code="no")
        )
        await session.flush()
        session.add(OutcomeQueue(code="sold", queue="sales"))
        session.add(OutcomeQueue(code="no", queue="sales"))
    async with writing(sessions) as debts:
        yield debts


@asynccontextmanager
async def writing(sessions):
    debts = Debts(sessions, lambda call: WHOSE.get("".join(call.agents[-1:]), (ANH, SALES)))
    async with running(debts.write(), "debts"):
        yield debts


async def ends(debts, *calls):
    for call in calls:
        debts.note(Change(replace(call, state=State.TALKING), call))
    await debts.drain()


async def owed(sessions):
    async with sessions() as session:
        rows = await session.scalars(select(UnfinishedCall).order_by(UnfinishedCall.call_id))
        return [(each.call_id, each.user_id, each.department_id) for each in rows]


async def test_a_conversation_is_owed_an_outcome_from_its_end_on(sessions, debts):
    call = a_call()

    debts.note(Change(None, replace(call, state=State.TALKING)))
    assert await owed(sessions) == []
    await ends(debts, call)

    assert await owed(sessions) == [("c1", ANH, SALES)]


async def test_who_talked_last_owes_it(sessions, debts):
    await ends(debts, a_call(agents=("201", "202")))

    assert await owed(sessions) == [("c1", BINH, SALES)]


@pytest.mark.parametrize(
    "facts",
    [
        {"agents": ()},
        {"direction": Direction.INTERNAL},
        {"queue": "care"},  # no outcome is offered there
        {"agents": ("299",)},  # nobody's
        {"ended_at": NOW - timedelta(days=3)},
    ],
    ids=["not answered", "between colleagues", "no choice", "nobody’s", "long ago"],
)
async def test_nothing_is_owed_where_nobody_could_say_anything(sessions, debts, facts):
    await ends(debts, a_call(**facts))

    assert await owed(sessions) == []


async def test_a_call_that_is_told_twice_is_owed_once(sessions, debts):
    call = a_call()
    await ends(debts, call)
    debts.note(Change(call, replace(call, cause=16)))

    await ends(debts, call)

    assert await owed(sessions) == [("c1", ANH, SALES)]


async def finishes(sessions, outcome, note="x", call_id="c1"):
    async with sessions.begin() as session:
        row = await save_note(session, call_id, ANH, note, outcome)
        return await finish(session, row)


async def test_whoever_finishes_it_owes_nothing(sessions, debts):
    await ends(debts, a_call())
    async with sessions.begin() as session:
        session.add(a_record())

    assert await finishes(sessions, "sold")
    assert await owed(sessions) == []


@pytest.mark.parametrize("outcome", [None, "no"], ids=["no outcome", "half a choice"])
async def test_half_a_choice_finishes_nothing(sessions, debts, outcome):
    await ends(debts, a_call())
    async with sessions.begin() as session:
        session.add(a_record())

    assert not await finishes(sessions, outcome)
    assert await owed(sessions) == [("c1", ANH, SALES)]
    assert await finishes(sessions, "dear")


async def test_who_is_quicker_than_the_writer_owes_nothing(sessions, debts):
    call = a_call(ended_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await finishes(sessions, "sold")

    await ends(debts, call)

    assert await owed(sessions) == []


async def test_what_was_finished_before_a_transfer_is_owed_by_the_next_one(sessions, debts):
    assert await finishes(sessions, "sold")

    await ends(
        debts, a_call(agents=("201", "202"), ended_at=datetime.now(UTC) + timedelta(seconds=1))
    )

    assert await owed(sessions) == [("c1", BINH, SALES)]


async def test_agents_see_their_own_and_leads_their_teams(sessions, debts):
    await ends(
        debts,
        a_call("a1"),
        a_call("a2", started_at=NOW - timedelta(minutes=1)),
        a_call("b1", agents=("202",)),
        a_call("c1", agents=("203",), queue="sales"),
    )
    async with sessions.begin() as session:
        session.add_all(
            [
                a_record("a1"),
                a_record("a2", started_at=NOW - timedelta(minutes=1)),
                a_record("b1", BINH),
                a_record("c1", 3, CARE),
                a_record("finished"),
            ]
        )
    agent = Scope(everything=False, user_id=ANH)
    lead = Scope(everything=False, user_id=9, departments=frozenset({SALES}))
    root = Scope(everything=True, user_id=8)

    async with sessions() as session:
        own = await unfinished_cut(session, agent)
        counts = [await unfinished_count(session, scope) for scope in (agent, lead, root)]
        without = await unfinished_count(session, agent, but={"a2"})

    assert [record.call_id for record, _ in own.rows] == ["a2", "a1"]
    assert (counts, without) == ([2, 3, 4], 1)
