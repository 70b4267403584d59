"""A leaver's things come to a successor in one step, with a line in each customer's history."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, func, select

from callcenter.callbacks.models import Callback, CallbackChange
from callcenter.customers.models import Customer, CustomerChange, CustomerShare
from callcenter.errors import Conflict
from callcenter.people.models import Department, Role, Session, Token, User
from callcenter.staff import handover, queries
from callcenter.staff.handover import Handover

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def a_user(id, username, role=Role.AGENT, department=1, **values):
    return User(
        id=id,
        username=username,
        name=username.title(),
        password="",
        role=role.value,
        department_id=department,
        active=True,
        **values,
    )


def a_customer(id, owner, **values):
    return Customer(
        id=id,
        code=f"KH-{id}",
        name=f"Customer {id}",
        search_key=f"customer {id}",
        owner_id=owner,
        department_id=1,
        created_at=AT,
        updated_at=AT,
        **values,
    )


@pytest.fixture
async def office(sessions):
    """Root; Mara and Jon in sales, Kim in care, Lea leads sales; Mara owns two, one in the bin."""
    async with sessions.begin() as session:
        session.add_all([Department(id=1, name="Sales"), Department(id=2, name="Care")])
        await session.flush()
        session.add_all(
            [
                a_user(1, "root", Role.SUPERADMIN, None),
                a_user(2, "lea", Role.TEAM_LEAD),
                a_user(3, "mara", extension="201"),
                a_user(4, "jon", extension="202"),
                a_user(5, "kim", department=2),
            ]
        )
        await session.flush()
        (await session.get(Department, 1)).leader_id = 2
        session.add_all([a_customer(1, 3), a_customer(2, 3, deleted_at=AT), a_customer(3, 4)])
        await session.flush()
        session.add_all(
            [
                CustomerShare(customer_id=3, user_id=3, at=AT),
                CustomerShare(customer_id=3, user_id=5, at=AT),
                Token(id="t", user_id=3, name="crm", created_at=AT),
                Session(id="s", user_id=3, csrf="c", created_at=AT, seen_at=AT, expires_at=AT),
            ]
        )
    return sessions


async def leaves(office, leaver, successor=None, leader=None):
    async with office.begin() as session:
        people = {each.id: each for each in await session.scalars(select(User))}
        order = Handover(leaver=people[leaver], successor=people.get(successor), by=1, at=AT)
        await handover.deactivate(session, order, people.get(leader))


async def read(office, statement):
    async with office() as session:
        return (await session.execute(statement)).all()


async def test_all_customers_come_to_the_successor_and_their_department(office):
    await leaves(office, 3, successor=5)

    rows = await read(
        office,
        select(Customer.id, Customer.owner_id, Customer.department_id, Customer.version).order_by(
            Customer.id
        ),
    )
    assert rows == [(1, 5, 2, 2), (2, 5, 2, 2), (3, 4, 1, 1)]


async def test_each_history_says_from_whom_to_whom_by_whom_and_when(office):
    await leaves(office, 3, successor=5)

    change = CustomerChange
    rows = await read(
        office,
        select(
            change.customer_id,
            change.version,
            change.user_id,
            change.at,
            change.field,
            change.old,
            change.new,
        ).order_by(change.customer_id),
    )
    assert rows == [
        (1, 2, 1, AT, "owner", "Mara", "Kim"),
        (2, 2, 1, AT, "owner", "Mara", "Kim"),
    ]


async def test_without_a_successor_they_are_unassigned_and_stay_in_the_department(office):
    await leaves(office, 3)

    rows = await read(
        office,
        select(Customer.owner_id, Customer.department_id, Customer.assigned_at).where(
            Customer.id == 1
        ),
    )
    assert rows == [(None, 1, None)]
    assert await read(office, select(CustomerChange.new).distinct()) == [("",)]


def a_callback(id, user_id, state="open"):
    return Callback(
        id=id,
        number="0912345678",
        number_key="+84912345678",
        at=AT,
        remind_at=AT,
        user_id=user_id,
        department_id=1,
        state=state,
        created_by=user_id,
        created_at=AT,
    )


@pytest.mark.parametrize("successor, department, to", [(5, 2, "Kim"), (None, 1, "*")])
async def test_open_callbacks_come_to_the_successor_or_to_anyone_of_the_department(
    office, successor, department, to
):
    async with office.begin() as session:
        session.add_all([a_callback(1, 3), a_callback(2, 3, "done"), a_callback(3, 4)])

    await leaves(office, 3, successor=successor)

    rows = await read(
        office, select(Callback.user_id, Callback.department_id).order_by(Callback.id)
    )
    assert rows == [(successor, department), (3, 1), (4, 1)]
    change = CallbackChange
    told = await read(office, select(change.callback_id, change.what, change.old, change.new))
    assert told == [(1, "given", "Mara", to)]


async def test_a_leaver_has_no_session_token_extension_or_share_any_more(office):
    await leaves(office, 3, successor=4)

    assert await read(office, select(Session.id)) == await read(office, select(Token.id)) == []
    assert await read(office, select(CustomerShare.user_id)) == [(5,)]
    [(active, extension)] = await read(
        office, select(User.active, User.extension).where(User.id == 3)
    )
    assert (active, extension) == (False, None)


async def test_a_leaders_department_gets_another_lead_who_comes_into_it(office):
    async with office.begin() as session:
        session.add(a_user(6, "hai", Role.TEAM_LEAD, None))

    await leaves(office, 2, successor=4, leader=6)

    assert await read(office, select(Department.leader_id).where(Department.id == 1)) == [(6,)]
    assert await read(office, select(User.department_id).where(User.id == 6)) == [(1,)]


async def test_a_department_may_be_without_a_lead_for_a_while(office):
    await leaves(office, 2, successor=4)

    assert await read(office, select(Department.leader_id).where(Department.id == 1)) == [(None,)]


async def test_nobody_but_a_team_lead_takes_a_department_and_nothing_is_half_done(office):
    with pytest.raises(Conflict, match="Jon is no active team lead"):
        await leaves(office, 2, successor=4, leader=4)

    assert await read(office, select(User.active).where(User.id == 2)) == [(True,)]
    assert await read(office, select(Department.leader_id).where(Department.id == 1)) == [(2,)]


async def test_the_last_active_superadmin_stays(office):
    with pytest.raises(Conflict, match="Root is the only superadmin"):
        await leaves(office, 1)

    assert await read(office, select(User.active).where(User.id == 1)) == [(True,)]


async def test_a_superadmin_leaves_while_another_one_works_here(office):
    async with office.begin() as session:
        session.add(a_user(6, "hai", Role.SUPERADMIN, None))

    await leaves(office, 1)

    assert await read(office, select(User.active).where(User.id == 1)) == [(False,)]


async def test_a_superadmin_who_has_left_does_not_count(office):
    async with office.begin() as session:
        session.add(a_user(6, "hai", Role.SUPERADMIN, None))
    await leaves(office, 6)

    with pytest.raises(Conflict):
        await leaves(office, 1)


async def test_two_superadmins_who_deactivate_each_other_at_once_leave_one_of_them(office):
    async with office.begin() as session:
        session.add(a_user(6, "hai", Role.SUPERADMIN, None))

    await asyncio.gather(leaves(office, 1), leaves(office, 6), return_exceptions=True)

    working = select(func.count()).where(User.role == Role.SUPERADMIN.value, User.active)
    assert await read(office, working) == [(1,)]


async def test_nobody_leaves_twice(office):
    await leaves(office, 3)

    with pytest.raises(Conflict, match="Mara has left already"):
        await leaves(office, 3)


async def test_an_account_with_a_customer_even_in_the_bin_is_not_deleted(office):
    async with office.begin() as session:
        mara = await session.get(User, 3)
        mara.active = False
    with pytest.raises(Conflict, match="Mara still owns 2 customers"):
        async with office.begin() as session:
            await queries.delete_account(session, await session.get(User, 3), by=1)


async def test_a_deleted_account_keeps_its_name_frees_its_username_and_is_no_account(office):
    await leaves(office, 3, successor=4)
    async with office.begin() as session:
        await queries.delete_account(session, await session.get(User, 3), by=1)

    async with office.begin() as session:
        session.add(a_user(7, "mara"))
    assert await read(office, select(User.name, User.username).where(User.id == 3)) == [
        ("Mara", "#3")
    ]


async def test_three_thousand_customers_take_as_many_statements_as_one(office, engine):
    async with office.begin() as session:
        session.add_all(a_customer(100 + i, 3) for i in range(3000))
    said = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    await leaves(office, 3, successor=4)

    verbs = ("INSERT INTO customer_changes", "UPDATE customers")
    written = [each for each in said if each.startswith(verbs)]
    assert len(written) == 2
    assert await read(office, select(func.count()).where(CustomerChange.field == "owner")) == [
        (3002,)
    ]
