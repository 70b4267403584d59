"""More customers for the demo company than it begins with, to try the large lists on.

They come in with a new chance each time, so a second helping is not the first one again.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.catalogues.models import CatalogueItem, Place
from callcenter.customers.models import Customer, CustomerGroup, CustomerPhone
from callcenter.errors import N_, Conflict, Invalid
from callcenter.people.models import Role, User
from callcenter.settings import demo_catalogues
from callcenter.settings.demo_contacts import People, put_contacts
from callcenter.settings.demo_people import Owner, customers

AT_ONCE = 2_000  # customers a transaction: nobody else waits long for the database
TOLD = 10_000
MOST = 2_000_000
POINTERS = ("status_id", "source_id", "project_id")


async def add_customers(engine: AsyncEngine, count: int, tell: Callable[[str], None]) -> int:
    """Add so many believable customers, shared among the agents; how many there are now.

    Raises Invalid for a count that makes no sense, Conflict where no agent could own them.
    """
    if not 0 < count <= MOST:
        raise Invalid(N_("Between 1 and {most} customers, please."), most=MOST)
    async with engine.connect() as connection:
        owners = await _owners(connection)
        known = set(await connection.scalars(select(CustomerPhone.number_key)))
        items = set(await connection.scalars(select(CatalogueItem.id)))
        places = set(await connection.scalars(select(Place.id)))
    chance, now, added = Random(), datetime.now(UTC), 0
    people = customers(chance, MOST * 2, owners, now)
    while added < count:
        some: list[tuple[dict[str, object], list[dict[str, object]]]] = []
        while len(some) < min(AT_ONCE, count - added):
            row, phones = next(people)
            if known.isdisjoint(str(phone["number_key"]) for phone in phones):
                some.append((row, phones))
        groups = list(demo_catalogues.spread((row for row, _ in some), chance, now))
        for row, _ in some:  # what the company has put away or deleted meanwhile is left out
            row |= {name: row[name] if row[name] in items else None for name in POINTERS}
            row["place_id"] = row["place_id"] if row["place_id"] in places else None
        async with engine.begin() as connection:
            there = await _put(
                connection, some, [each for each in groups if each["group_id"] in items]
            )
            await put_contacts(connection, there, chance, known)
        added += len(some)
        if added == count or not added % TOLD:
            tell(f"{added:,} of {count:,} customers")
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(Customer)) or 0


async def _owners(connection: AsyncConnection) -> Sequence[Owner]:
    rows = await connection.execute(
        select(User.id, User.department_id)
        .where(User.role == Role.AGENT.value, User.active)
        .order_by(User.id)
    )
    if found := [Owner(user_id, place) for user_id, place in rows if place is not None]:
        return found
    raise Conflict(N_("There is no agent in a department who could own customers."))


async def _put(
    connection: AsyncConnection,
    people: Sequence[tuple[dict[str, object], list[dict[str, object]]]],
    groups: Sequence[dict[str, object]],
) -> People:
    """Write them under ids of their own; those they came with are only places in a list."""
    ids = dict(
        zip(
            (row["id"] for row, _ in people),
            await _next_ids(connection, len(people)),
            strict=True,
        )
    )
    rows = [row | {"id": ids[row["id"]], "code": f"KH-{ids[row['id']]:06}"} for row, _ in people]
    await connection.execute(insert(Customer.__table__), rows)  # type: ignore[arg-type]
    phones = [
        phone | {"customer_id": ids[row["id"]]} for row, numbers in people for phone in numbers
    ]
    await connection.execute(insert(CustomerPhone.__table__), phones)  # type: ignore[arg-type]
    if groups:
        members = [each | {"customer_id": ids[each["customer_id"]]} for each in groups]
        await connection.execute(insert(CustomerGroup.__table__), members)  # type: ignore[arg-type]
    return [(row, numbers) for row, (_, numbers) in zip(rows, people, strict=True)]


async def _next_ids(connection: AsyncConnection, count: int) -> Sequence[int]:
    if connection.dialect.name == "postgresql":
        series = "nextval(pg_get_serial_sequence('customers', 'id')) FROM generate_series(1, :n)"
        return (await connection.scalars(text(f"SELECT {series}"), {"n": count})).all()
    # A write begins the transaction, so that nobody takes the same ids meanwhile.
    await connection.execute(text("UPDATE customers SET id = id WHERE id = 0"))
    last = await connection.scalar(
        text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'customers'")
    )
    return range((last or 0) + 1, (last or 0) + 1 + count)
