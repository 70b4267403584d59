"""A demo company made larger."""

from random import Random

import pytest
from sqlalchemy import func, select

from callcenter.customers.models import Contact, Customer, CustomerGroup, CustomerPhone
from callcenter.errors import Conflict, Invalid
from callcenter.people.models import Department, User
from callcenter.settings import demo_catalogues, demo_many
from callcenter.settings.demo_many import add_customers


def quiet(line):
    pass


async def company(sessions):
    async with sessions() as session:
        session.add(Department(id=1, name="Sales"))
        await session.flush()
        for username, department in (("mara", 1), ("nobody", None)):
            session.add(
                User(
                    username=username, name=username, password="", role="agent",
                    department_id=department,
                )
            )  # fmt: skip
        await session.commit()


async def count(sessions, model):
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(model))


async def test_customers_are_added_to_those_that_are_there(engine, sessions):
    await company(sessions)
    assert await add_customers(engine, 30, quiet) == 30

    assert await add_customers(engine, 40, quiet) == 70

    async with sessions() as session:
        codes = (await session.scalars(select(Customer.code).order_by(Customer.id))).all()
        owners = set(await session.scalars(select(Customer.owner_id)))
    assert codes == [f"KH-{number:06}" for number in range(1, 71)]
    assert owners <= {1, None}  # Mara, who works in a department


async def test_no_two_of_them_share_a_number_also_not_with_those_before(
    engine, sessions, monkeypatch
):
    await company(sessions)
    monkeypatch.setattr(demo_many, "Random", lambda: Random(7))  # the same people twice
    await add_customers(engine, 50, quiet)
    await add_customers(engine, 50, quiet)

    async with sessions() as session:
        keys = (await session.scalars(select(CustomerPhone.number_key))).all()
    assert len(keys) == len(set(keys)) >= 100


async def test_contacts_of_firms_come_with_them_and_have_numbers_of_their_own(engine, sessions):
    await company(sessions)

    await add_customers(engine, 200, quiet)

    assert await count(sessions, Contact) > 0
    async with sessions() as session:
        theirs = select(CustomerPhone.id).join(
            Contact,
            (Contact.id == CustomerPhone.contact_id)
            & (Contact.customer_id == CustomerPhone.customer_id),
        )
        assert len((await session.scalars(theirs)).all()) == await count(sessions, Contact)
        keys = (await session.scalars(select(CustomerPhone.number_key))).all()
    assert len(keys) == len(set(keys))


async def test_lists_that_the_company_does_not_have_are_left_out(engine, sessions):
    await company(sessions)

    await add_customers(engine, 20, quiet)

    assert await count(sessions, CustomerGroup) == 0
    async with sessions() as session:
        assert set(await session.scalars(select(Customer.status_id))) == {None}


async def test_with_the_demos_lists_they_have_statuses_and_groups(engine, sessions):
    await company(sessions)
    async with engine.begin() as connection:
        table = demo_many.CatalogueItem.__table__
        await connection.execute(table.insert(), demo_catalogues.items(demo=True))

    await add_customers(engine, 60, quiet)

    assert await count(sessions, CustomerGroup) > 0
    async with sessions() as session:
        assert None not in set(await session.scalars(select(Customer.status_id)))


async def test_without_an_agent_in_a_department_there_is_nobody_to_own_them(engine):
    with pytest.raises(Conflict, match="no agent"):
        await add_customers(engine, 1, quiet)


@pytest.mark.parametrize("number", [0, -1, demo_many.MOST + 1])
async def test_a_count_that_makes_no_sense_is_refused(engine, sessions, number):
    await company(sessions)

    with pytest.raises(Invalid):
        await add_customers(engine, number, quiet)

    assert await count(sessions, Customer) == 0
