"""Thousands of customers at once: a process of its own does it, piece by piece, and goes on."""

import os

import pytest
from sqlalchemy import select, update

from callcenter.assignment import batches
from callcenter.assignment.batches import Kind, lay_down
from callcenter.assignment.changes import change_of
from callcenter.assignment.mechanisms import in_turn
from callcenter.assignment.queries import Receiver, prepare
from callcenter.bulk import work as bulk_work
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer, CustomerShare
from callcenter.jobs.kinds import KINDS
from callcenter.jobs.work import Cancelled, Order, Work
from tests.assignment.house import (
    CARE,
    JON,
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


@pytest.fixture
def work_on(engine, tmp_path):
    """A Work as the child process has it, for these params."""
    there = os.open(tmp_path / "reports", os.O_CREAT | os.O_WRONLY)

    def made(**params):
        order = Order(1, KINDS["batch"].run, params, 1, "", str(tmp_path), 300)
        return Work(order, engine, there)

    yield made
    os.close(there)


async def given_out(sessions, n):
    await company(sessions)
    ids = await customers(sessions, n)
    people = [Receiver(MARA, SALES), Receiver(JON, SALES)]
    return await prepare(sessions, these(ids), lambda n: in_turn(n, people), LEA)


async def test_the_job_gives_what_was_laid_down(sessions, work_on):
    batch = await given_out(sessions, 4)
    assert set((await owners(sessions)).values()) == {None}

    result = await bulk_work.run(work_on(batch_id=batch.id))

    assert (result["changed"], result["link"]) == (4, f"/customers/batches/{batch.id}")
    assert await owners(sessions) == {1: MARA, 2: JON, 3: MARA, 4: JON}


async def test_begun_again_it_does_only_what_is_left(sessions, work_on, monkeypatch):
    monkeypatch.setattr(batches, "PIECE", 2)
    batch = await given_out(sessions, 4)
    async with sessions.begin() as session:
        await session.execute(
            update(Customer).where(Customer.id <= 2).values(owner_id=MARA, department_id=SALES)
        )
        await session.execute(update(Customer).where(Customer.id == 2).values(owner_id=JON))

    await bulk_work.run(work_on(batch_id=batch.id))

    assert await owners(sessions) == {1: MARA, 2: JON, 3: MARA, 4: JON}
    assert await history(sessions, 1) == [] and len(await history(sessions, 3)) == 2


async def test_cancelled_it_leaves_whole_pieces(sessions, work_on, monkeypatch):
    monkeypatch.setattr(batches, "PIECE", 2)
    batch = await given_out(sessions, 4)
    work = work_on(batch_id=batch.id)
    monkeypatch.setattr(work, "check", stopping_at(2))

    with pytest.raises(Cancelled):
        await bulk_work.run(work)

    assert await owners(sessions) == {1: MARA, 2: JON, 3: None, 4: None}


def stopping_at(times):
    asked = []

    def check():
        asked.append(1)
        if len(asked) == times:
            raise Cancelled

    return check


async def test_each_kind_of_change_is_written_down_and_made_once(sessions):
    await company(sessions)
    ids = await customers(sessions, 2, owner_id=MARA, department_id=SALES)
    async with sessions.begin() as session:
        session.add(CatalogueItem(id=1, catalogue="status", name="Won"))

    async def done(kind, **params):
        async with sessions() as session:
            batch = await lay_down(session, kind, these(ids), LEA)
            await session.commit()
        return await batches.carry_out(sessions, batch, change_of(kind, params))

    for kind, params in (
        (Kind.STATUS, {"status_id": 1}),
        (Kind.SHARED, {"by": LEA, "department_id": CARE}),
        (Kind.SHARED, {"by": LEA}),
        (Kind.SHARED, {"by": LEA, "user_id": JON}),
        (Kind.DELETED, {"by": LEA}),
    ):
        assert (await done(kind, **params), await done(kind, **params)) == (2, 0), kind
    assert await done(Kind.SHARED, by=LEA, user_id=MARA) == 0  # the owner, and in the bin by now

    assert [(field, old, new) for _, field, old, new, _ in await history(sessions, 1)] == [
        ("status", "", "Won"),
        ("shared", "", "Care"),
        ("shared", "", "*"),
        ("shared", "", "Jon"),
        ("deleted", "", "Customer 000001"),
    ]
    customer = await one(sessions, 1)
    assert (customer.version, customer.status_id, customer.deleted_by) == (6, 1, LEA)
    async with sessions() as session:
        shares = (await session.scalars(select(CustomerShare).order_by(CustomerShare.id))).all()
    assert {(each.user_id, each.department_id) for each in shares} == {
        (None, CARE),
        (None, None),
        (JON, None),
    }
