"""The question behind a look-up: all customers, whoever owns them, by five criteria."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, load_only

from callcenter import keyset
from callcenter.customers import search
from callcenter.customers.finding import finds
from callcenter.customers.models import Customer
from callcenter.keyset import Cut
from callcenter.people.models import User
from callcenter.people.rights import Scope

LONGEST = 100
LAST = "\U0010ffff"  # sorts behind everything that begins with what it is added to
EVERYBODY = Scope(everything=True, user_id=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """As typed; all that are given must fit. Words in any order, with accents or without."""

    code: str = ""
    name: str = ""
    owner: str = ""
    registered: str = ""  # address of the business
    office: str = ""

    @property
    def given(self) -> dict[str, str]:
        return {each.name: text for each in fields(self) if (text := str(getattr(self, each.name)))}


def read(query: Mapping[str, str]) -> Criteria:
    """From an address."""
    return Criteria(
        **{
            each.name: " ".join(query.get(each.name, "").replace("\0", "").split())[:LONGEST]
            for each in fields(Criteria)
        }
    )


async def page(
    session: AsyncSession, criteria: Criteria, cursor: str = ""
) -> tuple[Cut[tuple[Customer, str | None]], int]:
    """Customers with their owners' names, by name; and how many there are, up to keyset.MOST + 1.

    Nothing of them is read but code, name and the addresses.
    """
    there = [Customer.deleted_at.is_(None), *await _conditions(session, criteria)]
    on_page, counted = list(there), list(there)
    if criteria.name:
        found = await finds(session, EVERYBODY, criteria.name)
        on_page.append(found.page)
        counted.append(found.whole)
    statement = (
        select(Customer, User.name)
        .outerjoin(User, User.id == Customer.owner_id)
        .options(
            load_only(
                Customer.code,
                Customer.name,
                Customer.search_key,
                Customer.address,
                Customer.registered_address,
                raiseload=True,
            )
        )
        .where(*on_page)
    )
    columns = (Customer.search_key, Customer.id)
    cut = await keyset.cut(session, statement, columns, descending=False, cursor=cursor)
    return cut, await keyset.count(session, select(Customer.id).where(*counted))


async def _conditions(session: AsyncSession, criteria: Criteria) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if criteria.code:
        found.append(or_(*(_begins(each) for each in {criteria.code, criteria.code.upper()})))
    if criteria.owner:
        found.append(await _owned_by(session, criteria.owner))
    for column, text in (
        (Customer.registered_key, criteria.registered),
        (Customer.address_key, criteria.office),
    ):
        if text:
            found.append(_has(column, text))
    return found


async def _owned_by(session: AsyncSession, text: str) -> ColumnElement[bool]:
    """Owners are few: their names are compared here, without accents, those who left included."""
    words = search.key_of(text).split()
    people: Select[int, str, str] = select(User.id, User.name, User.username)
    ids = [
        user_id
        for user_id, name, username in await session.execute(people)
        if words and all(word in search.key_of(name, username) for word in words)
    ]
    return Customer.owner_id.in_(ids)


def _begins(code: str) -> ColumnElement[bool]:
    """A range, for the index of codes."""
    return and_(Customer.code >= code, Customer.code < code + LAST)


def _has(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """All words of the text, as beginnings of words; nobody for one without any. No index: the list
    is walked in its order."""
    words = search.key_of(text).split()
    spaced = literal(" ") + column
    if not words:
        return false()
    return and_(*(spaced.contains(f" {word}", autoescape=True) for word in words))
