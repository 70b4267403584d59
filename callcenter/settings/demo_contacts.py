"""Whom the demo company talks to at its customers that are firms."""

from collections.abc import Iterator, Sequence
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers import search
from callcenter.customers.models import Contact, CustomerPhone, Kind
from callcenter.customers.numbers import key_of
from callcenter.settings import demo_people

Row = dict[str, object]
People = Sequence[tuple[Row, Sequence[Row]]]  # rows of customers, each with its numbers


async def put_contacts(
    connection: AsyncConnection, people: People, chance: Random, known: set[str]
) -> None:
    """Write one or two contacts of each firm, each with a number that is not in `known` by its key;
    it is from then on."""
    known |= {str(number["number_key"]) for _, numbers in people for number in numbers}
    found = await connection.scalars(
        select(CatalogueItem.id)
        .where(CatalogueItem.catalogue == Catalogue.POSITION.value)
        .order_by(CatalogueItem.position, CatalogueItem.id)
    )
    contacts = list(_contacts(people, chance, found.all()))
    if not contacts:
        return
    table = Contact.__table__
    made = insert(table).returning(  # type: ignore[arg-type]  # a mapped class's __table__ is one
        table.c.id, sort_by_parameter_order=True
    )
    ids = (await connection.scalars(made, contacts)).all()
    phones = [
        demo_people.phone(contact["customer_id"], _mobile(chance, known), 0) | {"contact_id": id}
        for contact, id in zip(contacts, ids, strict=True)
    ]
    await connection.execute(insert(CustomerPhone), phones)


def _contacts(people: People, chance: Random, positions: Sequence[int]) -> Iterator[Row]:
    for customer, _ in people:
        if customer["kind"] == Kind.PERSON:
            continue
        for place in range(2 if chance.random() < 0.4 else 1):
            name = demo_people.person(chance)
            yield {
                "customer_id": customer["id"],
                "name": name,
                "search_key": search.key_of(name),
                # The first one at the head of the firm, the other one anywhere.
                "position_id": _position(positions[:2] if place == 0 else positions, chance),
                "email": demo_people.email(chance, name) if chance.random() < 0.5 else "",
                "note": "",
                "created_at": customer["created_at"],
            }


def _position(positions: Sequence[int], chance: Random) -> int | None:
    return chance.choice(positions) if positions else None


def _mobile(chance: Random, known: set[str]) -> str:
    while key_of(raw := demo_people.mobile(chance)) in known:
        pass
    known.add(key_of(raw))
    return raw
