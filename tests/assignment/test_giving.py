"""Customers given to people and departments, many at once, and taken back."""

from random import Random

import pytest
from sqlalchemy import update

from callcenter.assignment import batches
from callcenter.assignment.mechanisms import at_random, by_priority, in_turn
from callcenter.assignment.queries import (
    Receiver,
    give,
    keep_last_in_turn,
    last_in_turn,
    loads,
    received,
    undo,
)
from callcenter.customers import history as histories
from callcenter.customers.models import Customer
from callcenter.errors import Conflict, Missing
from tests.assignment.house import (
    CARE,
    JON,
    KIM,
    LEA,
    MARA,
    SALES,
    company,
    customers,
    history,
    one,
    owners,
    these,
)

TO_MARA, TO_JON, TO_KIM = Receiver(MARA, SALES), Receiver(JON, SALES), Receiver(KIM, CARE)


def all_to(*receivers):
    return lambda n: in_turn(n, receivers)


async def test_customers_are_given_in_turn_in_the_order_of_the_list(sessions):
    await company(sessions)
    ids = await customers(sessions, 5)

    batch = await give(sessions, these(ids), all_to(TO_MARA, TO_JON), LEA)

    assert await owners(sessions) == {1: MARA, 2: JON, 3: MARA, 4: JON, 5: MARA}
    assert (batch.asked, batch.allowed, batch.done) == (5, 5, 5)


async def test_at_random_everybody_is_given_whole_customers_and_none_is_lost(sessions):
    await company(sessions)
    ids = await customers(sessions, 200)

    await give(sessions, these(ids), lambda n: at_random(n, [TO_MARA, TO_JON], Random(7)), LEA)

    found = list((await owners(sessions)).values())
    assert set(found) == {MARA, JON} and len(found) == 200


async def test_by_priority_what_nobody_can_take_stays_unassigned(sessions):
    await company(sessions)
    ids = await customers(sessions, 5)

    batch = await give(
        sessions, these(ids), lambda n: by_priority(n, [(TO_MARA, 1), (TO_JON, 2)]), LEA
    )

    assert await owners(sessions) == {1: MARA, 2: JON, 3: JON, 4: None, 5: None}
    assert (batch.allowed, batch.done) == (5, 3)
    assert await history(sessions, 5) == [] and (await one(sessions, 5)).version == 1


async def test_what_was_given_stands_in_the_history_with_old_and_new_names(sessions):
    await company(sessions)
    ids = await customers(sessions, 1, owner_id=MARA, department_id=SALES)

    await give(sessions, these(ids), all_to(TO_KIM), LEA)

    assert await history(sessions, ids[0]) == [
        (2, "owner", "Mara", "Kim", LEA),
        (2, "department", "Sales", "Care", LEA),
    ]
    customer = await one(sessions, ids[0])
    assert (customer.version, customer.department_id) == (2, CARE)
    assert customer.assigned_at is not None


async def test_a_department_alone_leaves_the_person_to_be_decided(sessions):
    await company(sessions)
    ids = await customers(sessions, 2)

    await give(sessions, these(ids), all_to(Receiver(None, CARE)), LEA)

    customer = await one(sessions, ids[0])
    assert (customer.owner_id, customer.department_id, customer.assigned_at) == (None, CARE, None)


async def test_who_has_the_customer_already_keeps_it_untouched(sessions):
    await company(sessions)
    ids = await customers(sessions, 2, owner_id=MARA, department_id=SALES)

    batch = await give(sessions, these(ids), all_to(TO_MARA), LEA)

    assert (batch.allowed, batch.done) == (2, 0)
    assert (await one(sessions, ids[0])).version == 1
    async with sessions() as session:
        assert await received(session, batch) == {}


async def test_a_customer_in_the_bin_is_given_to_nobody(sessions):
    await company(sessions)
    ids = await customers(sessions, 1, deleted_at=batches.datetime(2026, 11, 1, tzinfo=batches.UTC))

    batch = await give(sessions, these(ids), all_to(TO_MARA), LEA)

    assert batch.done == 0 and (await owners(sessions)) == {1: None}


async def test_pieces_together_are_the_whole(sessions, monkeypatch):
    monkeypatch.setattr(batches, "PIECE", 7)
    await company(sessions)
    ids = await customers(sessions, 30)

    batch = await give(sessions, these(ids), all_to(TO_MARA, TO_JON, TO_KIM), LEA)

    async with sessions() as session:
        assert await loads(session, [MARA, JON, KIM, LEA]) == {MARA: 10, JON: 10, KIM: 10}
        assert await received(session, batch) == {MARA: 10, JON: 10, KIM: 10}
    assert batch.done == 30


async def test_a_gift_is_taken_back_whole(sessions):
    await company(sessions)
    ids = await customers(sessions, 3, owner_id=KIM, department_id=CARE)
    batch = await give(sessions, these(ids), all_to(TO_MARA), LEA)

    _, back = await undo(sessions, LEA, batch.id)

    assert back == 3 and set((await owners(sessions)).values()) == {KIM}
    assert (await history(sessions, ids[0]))[-2:] == [
        (3, "owner", "Mara", "Kim", LEA),
        (3, "department", "Sales", "Care", LEA),
    ]


async def test_whoever_was_worked_with_since_is_not_taken_back(sessions):
    await company(sessions)
    ids = await customers(sessions, 3)
    batch = await give(sessions, these(ids), all_to(TO_MARA), LEA)
    async with sessions.begin() as session:
        await histories.note(session, ids[0], MARA, {"name": ("Customer", "An")})

    _, back = await undo(sessions, LEA, batch.id)

    assert back == 2 and await owners(sessions) == {1: MARA, 2: None, 3: None}


async def test_who_was_given_on_by_other_means_is_not_taken_back(sessions):
    await company(sessions)
    ids = await customers(sessions, 1)
    batch = await give(sessions, these(ids), all_to(TO_MARA), LEA)
    async with sessions.begin() as session:
        await session.execute(update(Customer).values(owner_id=JON))

    assert (await undo(sessions, LEA, batch.id))[1] == 0


async def test_a_gift_is_taken_back_once_by_whoever_made_it(sessions):
    await company(sessions)
    ids = await customers(sessions, 1)
    batch = await give(sessions, these(ids), all_to(TO_MARA), LEA)

    with pytest.raises(Missing):
        await undo(sessions, KIM, batch.id)
    await undo(sessions, LEA, batch.id)
    with pytest.raises(Conflict):
        await undo(sessions, LEA, batch.id)


async def test_it_is_remembered_whose_turn_was_last(sessions):
    await company(sessions)
    async with sessions.begin() as session:
        assert await last_in_turn(session) is None
        await keep_last_in_turn(session, MARA)

    async with sessions() as session:
        assert await last_in_turn(session) == MARA
