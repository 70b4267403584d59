"""Files that agree, and files with gaps, as questions that the database answers by itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.customers.fields import FIELDS, What
from callcenter.customers.models import Customer, CustomerGroup, CustomerPhone
from callcenter.keyset import Cut
from callcenter.people.models import User
from callcenter.people.rights import Scope

GROUPS: Final = 20  # on a page
MEMBERS: Final = 50  # shown of a group, however many agree
# What of a file is compared: without accents where there is a key for it. A name goes with its
# company, as two people of one name are no duplicate.
CRITERIA: Final[dict[str, Any]] = {
    "phone": CustomerPhone.number_key,
    "name": Customer.search_key,
    "email": func.lower(Customer.email),
    "tax_code": Customer.tax_code,
    "address": Customer.address_key,
    "fax": Customer.fax,
    "birthday": Customer.birthday,
    "note": Customer.note,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a group, as it is shown beside the others."""

    id: int
    code: str
    name: str
    company: str
    address: str
    owner: str


@dataclass(frozen=True, slots=True)
class Group:
    """Files that agree; `size` counts those beyond `members` as well."""

    same: tuple[Any, ...]  # in the order of the criteria
    size: int
    members: list[Member]


async def groups(
    session: AsyncSession, scope: Scope, criteria: Sequence[str], after: int = 0
) -> tuple[list[Group], int]:
    """Groups whose oldest file is newer than the id `after`, and where the next page begins (0:
    nowhere). Files that agree in all criteria make a group; empty fields agree with nothing."""
    keys = [CRITERIA[name].label(f"key_{name}") for name in criteria]
    first = func.min(Customer.id)
    statement = (
        _filled(scope, criteria, Customer.id)
        .with_only_columns(*keys, first, func.count(func.distinct(Customer.id)))
        .group_by(*(CRITERIA[name] for name in criteria))
        .having(and_(func.count(func.distinct(Customer.id)) > 1, first > after))
        .order_by(first)
        .limit(GROUPS + 1)
    )
    rows = (await session.execute(statement)).all()
    shown = {tuple(row[:-2]): row[-1] for row in rows[:GROUPS]}
    members = await _members(session, scope, criteria, list(shown)) if shown else {}
    found = [Group(same, size, members.get(same, [])) for same, size in shown.items()]
    return found, rows[GROUPS - 1][-2] if len(rows) > GROUPS else 0


async def gaps(
    session: AsyncSession, scope: Scope, names: Collection[str], cursor: str = ""
) -> tuple[Cut[tuple[Any, ...]], int]:
    """Files in which any of the fields is empty, by name: (customer, owner's name, is `names[0]`
    empty, is `names[1]` …); and how many there are, up to keyset.MOST + 1."""
    empty = [_empty(name) for name in names]
    columns = (Customer.search_key, Customer.id)
    there = scope.customers(
        select(Customer, User.name, *(case((each, 1), else_=0) for each in empty))
        .outerjoin(User, User.id == Customer.owner_id)
        .where(or_(*empty))
    )
    cut = await keyset.cut(session, there, columns, descending=False, cursor=cursor)
    count = scope.customers(select(Customer.id).where(or_(*empty)))
    return cut, await keyset.count(session, count)


async def _members(
    session: AsyncSession, scope: Scope, criteria: Sequence[str], groups: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[Member]]:
    """The oldest of each group, all in one question: what somebody may see costs most of it."""
    keys = [CRITERIA[name].label(f"key_{name}") for name in criteria]
    plain = [CRITERIA[name] for name in criteria]
    place = func.dense_rank().over(partition_by=plain, order_by=Customer.id).label("place")
    columns = (Customer.id, Customer.code, Customer.name, Customer.company, Customer.address)
    inside = (
        _filled(scope, criteria, Customer.id)
        .with_only_columns(*keys, *columns, User.name.label("owner"), place)
        .outerjoin(User, User.id == Customer.owner_id)
        .where(or_(*(and_(*_equal(plain, same)) for same in groups)))
        .distinct()
        .subquery()
    )
    rows = await session.execute(
        select(inside).where(inside.c.place <= MEMBERS).order_by(inside.c.id)
    )
    found: dict[tuple[Any, ...], list[Member]] = {}
    for *row, owner, _ in rows:
        same = tuple(row[: len(keys)])
        found.setdefault(same, []).append(_member(row[len(keys) :], owner))
    return found


def _member(row: Sequence[Any], owner: str | None) -> Member:
    customer_id, code, name, company, address = row
    return Member(customer_id, code, name, company, address, owner or "")


def _equal(columns: Sequence[Any], values: Sequence[Any]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in zip(columns, values, strict=True)]


def _filled(scope: Scope, criteria: Sequence[str], column: Any) -> Select[Any]:
    """Customers whose fields of all criteria have something in them."""
    statement: Select[Any] = select(column)
    if "phone" in criteria:
        statement = statement.join(CustomerPhone, CustomerPhone.customer_id == Customer.id).where(
            CustomerPhone.contact_id.is_(None)
        )
    blank = [
        CRITERIA[name].is_not(None) if name == "birthday" else CRITERIA[name] != ""
        for name in criteria
    ]
    return scope.customers(statement.where(*blank))


def _empty(name: str) -> ColumnElement[bool]:
    field = FIELDS[name]
    empty: ColumnElement[bool]
    match field.what:
        case What.PHONES:
            theirs = select(CustomerPhone.id).where(CustomerPhone.customer_id == Customer.id)
            return ~theirs.where(CustomerPhone.contact_id.is_(None)).correlate(Customer).exists()
        case What.ITEMS:
            in_one = select(CustomerGroup.group_id).where(CustomerGroup.customer_id == Customer.id)
            return ~in_one.correlate(Customer).exists()
        case What.ITEM | What.PLACE | What.DATE | What.OWNER:
            pointer: ColumnElement[Any] = getattr(Customer, field.column)
            empty = pointer.is_(None)
        case _:
            empty = getattr(Customer, field.column) == ""
    if len(field.kinds) < 4:  # of those kinds only that have the field
        empty = and_(empty, Customer.kind.in_([kind.value for kind in field.kinds]))
    return empty
