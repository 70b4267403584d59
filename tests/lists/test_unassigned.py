"""Customers without an owner: whoever asks, and however they are looked for, they are the same."""

from random import Random

import pytest
from sqlalchemy import event, select, update

from callcenter.customers.models import Customer
from callcenter.lists.queries import SORTS, count, page
from callcenter.lists.selection import selected
from tests.customers.test_finding import SCOPES, crowd, seen_by


@pytest.fixture
async def some(sessions):
    """A fifth of three departments' customers have no owner; others are nobody's at all."""
    await crowd(sessions, Random(6))
    async with sessions.begin() as session:
        fifth = update(Customer).where(Customer.id % 5 == 0)
        await session.execute(fifth.values(owner_id=None, department_id=Customer.id % 3 + 1))


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize("who", SCOPES)
async def test_those_collected_are_those_met_on_a_walk_and_those_counted(sessions, who):
    scope = SCOPES[who]
    async with sessions() as session:
        there = {one.id for one in await seen_by(session, scope) if one.owner_id is None}
        for sort in SORTS:
            found = [
                [
                    row.id
                    for row, _ in (
                        await page(
                            session, scope, [], sort=sort, limit=500, unassigned=True, walked=walked
                        )
                    ).rows
                ]
                for walked in (True, False)
            ]
            assert found[0] == found[1], sort
            assert set(found[0]) == there, sort
        assert await count(session, scope, [], unassigned=True) == len(there) > 0
        narrowed = [Customer.id > 50]
        few = len([each for each in there if each > 50])
        assert await count(session, scope, narrowed, unassigned=True) == few


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize("who", SCOPES)
async def test_all_of_the_list_are_chosen_for_bulk_work_and_exports(sessions, who):
    scope, all_of = SCOPES[who], selected({"all": "1", "tab": "unassigned"})
    none = select(Customer.id).where(Customer.owner_id.is_(None), Customer.id > 20)
    async with sessions() as session:
        for held, seen in ((True, scope.held_customers(none)), (False, scope.customers(none))):
            chosen = all_of.customers(scope, [Customer.id > 20], held=held)
            plainly = set(await session.scalars(seen))
            assert set(await session.scalars(chosen)) == plainly
            assert bool(plainly) == (who != "agent" or not held)


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize("who", ["lead", "agent"])
async def test_nobody_is_shown_through_all_who_have_no_owner(engine, sessions, who):
    """A hundred and fifty thousand of a million, of whom a department has few."""
    if engine.dialect.name != "sqlite":
        pytest.skip("with few rows PostgreSQL takes no index at all")
    asked = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _1, _2, sql, values, _3, _4: asked.append((sql, values)),
    )

    async with sessions() as session:
        await count(session, SCOPES[who], [], unassigned=True)
        await page(session, SCOPES[who], [], unassigned=True, walked=False)
        plans = [
            [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
            for connection in [await session.connection()]
            for sql, given in asked[:2]
        ]
    for plan in plans:
        looked = [step for step in plan if " customers USING" in step]
        ways = [step for step in looked if "INTEGER PRIMARY KEY" not in step]
        assert all("ix_customers_unassigned_department_id" in step for step in ways), plan
        assert len(ways) == (who == "lead"), plan
