"""A company with two departments and customers without an owner, in a database of each kind."""

from datetime import UTC, datetime

from sqlalchemy import insert, select

from callcenter.customers.models import Customer, CustomerChange
from callcenter.people.models import Department, User

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LEA, MARA, JON, KIM = 1, 2, 3, 4
SALES, CARE = 1, 2


async def company(sessions):
    async with sessions.begin() as session:
        session.add_all([Department(id=SALES, name="Sales"), Department(id=CARE, name="Care")])
        await session.flush()
        session.add_all(
            User(
                id=user_id,
                username=name.lower(),
                name=name,
                password="",
                role="agent",
                department_id=department,
            )
            for user_id, name, department in (
                (LEA, "Lea", SALES),
                (MARA, "Mara", SALES),
                (JON, "Jon", SALES),
                (KIM, "Kim", CARE),
            )
        )


async def customers(sessions, n, **values):
    """`n` more customers, named in the order of their ids; their ids."""
    async with sessions.begin() as session:
        first = len((await session.scalars(select(Customer.id))).all()) + 1
        await session.execute(
            insert(Customer),
            [
                {
                    "id": place,
                    "code": f"KH-{place:06}",
                    "name": f"Customer {place:06}",
                    "search_key": f"customer {place:06}",
                    "created_at": NOW,
                    "updated_at": NOW,
                    **values,
                }
                for place in range(first, first + n)
            ],
        )
    return list(range(first, first + n))


def these(ids):
    return select(Customer.id).where(Customer.id.in_(ids))


async def owners(sessions):
    """Customer's id -> owner's."""
    async with sessions() as session:
        rows = await session.execute(select(Customer.id, Customer.owner_id).order_by(Customer.id))
        return dict(rows.all())


async def one(sessions, customer_id):
    async with sessions() as session:
        return await session.get(Customer, customer_id)


async def history(sessions, customer_id):
    async with sessions() as session:
        rows = await session.scalars(
            select(CustomerChange)
            .where(CustomerChange.customer_id == customer_id)
            .order_by(CustomerChange.id)
        )
        return [(row.version, row.field, row.old, row.new, row.user_id) for row in rows]
