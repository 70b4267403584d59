"""The rows of an export, read in pieces by id: as many as one likes, a few thousand at a time."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.catalogues.models import CatalogueItem, Place
from callcenter.customers.fields import FIELDS, What
from callcenter.customers.models import Contact, Customer, CustomerGroup, CustomerPhone
from callcenter.customers.numbers import shown
from callcenter.exports.columns import Column, Subject, mapped
from callcenter.exports.xlsx import Value
from callcenter.people.models import Department, User

PIECE: Final = 500  # customers read at once
DEEPEST: Final = 6  # levels of places, and two to spare

Row = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Names:
    """id -> name of everything customers point at; `kinds` in the language of the export."""

    items: Mapping[int, str]
    places: Mapping[int, str]
    people: Mapping[int, str]
    departments: Mapping[int, str]
    kinds: Mapping[str, str]


async def names(session: AsyncSession, kinds: Mapping[str, str]) -> Names:
    async def named(statement: Select[int, str]) -> dict[int, str]:
        return {row_id: name for row_id, name in await session.execute(statement)}

    places = {
        place_id: (parent_id, name)
        for place_id, parent_id, name in await session.execute(
            select(Place.id, Place.parent_id, Place.name)
        )
    }
    return Names(
        items=await named(select(CatalogueItem.id, CatalogueItem.name)),
        places={place_id: _path(place_id, places) for place_id in places},
        people=await named(select(User.id, User.name)),
        departments=await named(select(Department.id, Department.name)),
        kinds=kinds,
    )


async def total(session: AsyncSession, subject: Subject, chosen: Select[int]) -> int:
    """How many rows there will be."""
    counted = select(func.count()).select_from(chosen.order_by(None).subquery())
    if subject is Subject.CONTACTS:
        counted = select(func.count(Contact.id)).where(Contact.customer_id.in_(chosen))
    return await session.scalar(counted) or 0


async def rows(
    session: AsyncSession,
    subject: Subject,
    chosen: Select[int],
    columns: Sequence[Column],
    known: Names,
    zone: ZoneInfo,
) -> AsyncIterator[list[Row]]:
    """Pieces of rows, by customer. `chosen`: their ids."""
    wanted = [column.name for column in columns]
    of_customers = subject is Subject.CUSTOMERS
    asked = [_column(name) for name in wanted] if of_customers else []
    last = 0
    connection = await session.connection()  # plain rows: nothing of them is to be remembered
    while True:
        piece = chosen.where(Customer.id > last).order_by(Customer.id).limit(PIECE)
        found = (await connection.execute(piece.add_columns(*asked))).all()
        if not found:
            return
        ids = [row[0] for row in found]
        if of_customers:
            yield await _customers(session, ids, found, wanted, known, zone)
        else:
            yield await _contacts(session, ids, wanted, known)
        last = ids[-1]


async def _customers(
    session: AsyncSession,
    ids: Sequence[int],
    found: Sequence[Sequence[Any]],
    wanted: Sequence[str],
    known: Names,
    zone: ZoneInfo,
) -> list[Row]:
    """`found`: the id and what _column asked for, of each."""
    phones = await _phones(session, ids) if "phone" in wanted else {}
    groups = await _groups(session, ids, known) if "groups" in wanted else {}
    readers = [_reader(name, known, zone, phones, groups) for name in wanted]
    _, *columns = zip(*found, strict=True)
    texts = [
        mapped(read, column) if read else column
        for read, column in zip(readers, columns, strict=True)
    ]
    return list(zip(*texts, strict=True))


def _column(name: str) -> Any:
    """What is asked of the customers' table for that column: a value, or what leads to it."""
    if name in ("department", "created", "updated"):
        extra = {"department": "department_id", "created": "created_at", "updated": "updated_at"}
        return getattr(Customer, extra[name])
    return getattr(Customer, FIELDS[name].column or "id")


def _reader(
    name: str,
    known: Names,
    zone: ZoneInfo,
    phones: Mapping[int, str],
    groups: Mapping[int, str],
) -> Callable[[Any], Value] | None:
    """From what _column asked for to what is written; None: as it is."""
    names: Mapping[What | str | None, Mapping[Any, str]] = {
        What.PHONES: phones,
        What.ITEMS: groups,
        What.KIND: known.kinds,
        What.ITEM: known.items,
        What.PLACE: known.places,
        What.OWNER: known.people,
        "department": known.departments,
    }
    found = names.get(FIELDS[name].what if name in FIELDS else name)
    if found is not None:
        return lambda value: found.get(value, "")
    return (lambda at: _local(at, zone)) if name in ("created", "updated") else None


async def _contacts(
    session: AsyncSession, ids: Sequence[int], wanted: Sequence[str], known: Names
) -> list[Row]:
    found = (
        await session.execute(
            select(Contact, Customer.code, Customer.name, Customer.owner_id)
            .join(Customer, Customer.id == Contact.customer_id)
            .where(Contact.customer_id.in_(ids))
            .order_by(Contact.customer_id, Contact.id)
        )
    ).all()
    numbers = await _phones(session, ids, of_contacts=True)
    values = [
        {
            "code": code,
            "customer": customer,
            "contact": contact.name,
            "position": known.items.get(contact.position_id or 0, ""),
            "phone": numbers.get(contact.id, ""),
            "email": contact.email,
            "birthday": contact.birthday,
            "note": contact.note,
            "owner": known.people.get(owner_id or 0, ""),
        }
        for contact, code, customer, owner_id in found
    ]
    session.expunge_all()  # what was read is written down and needs no memory
    return [[row[name] for name in wanted] for row in values]


async def _phones(
    session: AsyncSession, ids: Sequence[int], *, of_contacts: bool = False
) -> dict[int, str]:
    """The numbers as people write them, the one that is called first; by customer or contact."""
    # Which are contacts' is seen here: SQLite would look for it among the phones of everybody.
    found = await session.execute(
        select(CustomerPhone.customer_id, CustomerPhone.contact_id, CustomerPhone.raw)
        .where(_among(CustomerPhone.customer_id, ids))
        .order_by(CustomerPhone.position, CustomerPhone.id)
    )
    return _joined(
        (contact_id if of_contacts else customer_id, shown(raw))
        for customer_id, contact_id, raw in found
        if (contact_id is not None) is of_contacts
    )


async def _groups(session: AsyncSession, ids: Sequence[int], known: Names) -> dict[int, str]:
    found = await session.execute(
        select(CustomerGroup.customer_id, CustomerGroup.group_id)
        .where(_among(CustomerGroup.customer_id, ids))
        .order_by(CustomerGroup.customer_id, CustomerGroup.group_id)
    )
    return _joined((owner, known.items.get(group_id, "")) for owner, group_id in found)


def _among(column: InstrumentedAttribute[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Whose rows are read to look them up by customer: of all between the first and the last, if
    few of these are strangers. To name a thousand takes longer."""
    if ids[-1] - ids[0] < 2 * len(ids):
        return column.between(ids[0], ids[-1])
    return column.in_(ids)


def _joined(pairs: Iterable[tuple[int | None, str]]) -> dict[int, str]:
    texts: dict[int, str] = {}
    for owner, text in pairs:
        if owner is not None:
            texts[owner] = f"{texts[owner]}, {text}" if owner in texts else text
    return texts


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at else None


def _path(place_id: int, places: Mapping[int, tuple[int | None, str]]) -> str:
    """From the ward up, as forms show it."""
    path: list[str] = []
    here: int | None = place_id
    while here is not None and here in places and len(path) < DEEPEST:
        here, name = places[here]
        path.append(name)
    return ", ".join(path)
