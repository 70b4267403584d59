"""Whether somebody is in the files already [2.10]: by the fields that the company has ticked.

Across all customers, whatever the rights of the one who asks: the refusal says who has it and whose
customer that is. Files in the bin do not count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import search
from callcenter.customers.fields import FIELDS
from callcenter.customers.forms import CustomerForm, day_of
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import key_of, shown
from callcenter.errors import N_, Conflict, Word
from callcenter.people.models import User

MOST = 20  # candidates looked at for one field


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A customer who has the same in `field` ("phone-0" for a number)."""

    field: str
    customer_id: int
    name: str
    owner: str  # "" without one

    def refusal(self) -> Conflict:
        """In the manuals' words; `values` has field, customer_id, name and owner."""
        sentence = N_("{label} already exists in customer {name} owned by {owner}.")
        if not self.owner:
            sentence = N_("{label} already exists in customer {name}, who has no owner yet.")
        return Conflict(
            sentence,
            label=Word(FIELDS[self.field.partition("-")[0]].label),
            name=self.name,
            owner=self.owner,
            field=self.field,
            customer_id=self.customer_id,
        )


async def duplicates(
    session: AsyncSession,
    form: CustomerForm,
    criteria: Iterable[str],
    besides: int | None = None,
) -> dict[str, Duplicate]:
    """By field, a customer other than `besides` who has what stands there already.

    Numbers that the form's customer keeps (`form.kept`) are not asked about, and a contact's number
    counts as one of its customer's. A code of one's own may never be somebody else's.
    """
    found: dict[str, Duplicate] = {}
    for name in sorted({*criteria, "code"}):
        if name == "phone":
            found |= await _of_numbers(session, form, besides)
        elif form.of(name) and (each := await _of_field(session, form, name, besides)):
            found[name] = each
    return found


async def _of_numbers(
    session: AsyncSession, form: CustomerForm, besides: int | None
) -> Mapping[str, Duplicate]:
    keys = form.number_keys
    asked = {key for key in keys if key and key not in form.kept}
    if not asked:
        return {}
    statement = _others(besides, CustomerPhone.number_key).join(
        CustomerPhone, CustomerPhone.customer_id == Customer.id
    )
    rows = await session.execute(
        statement.where(CustomerPhone.number_key.in_(asked)).order_by(Customer.id.desc())
    )
    return {
        (field := f"phone-{keys.index(key)}"): Duplicate(field, customer_id, name, owner or "")
        for customer_id, name, owner, key in rows
    }


async def _of_field(
    session: AsyncSession, form: CustomerForm, name: str, besides: int | None
) -> Duplicate | None:
    try:
        condition = _same(session, form, name)
    except ValueError:  # a day that is none is another problem of the form
        return None
    statement = _others(besides, Customer.name).where(condition)
    rows = (await session.execute(statement.order_by(Customer.id).limit(MOST))).all()
    for customer_id, found, owner, _ in rows:
        if name != "name" or search.key_of(found) == search.key_of(form.name):
            return Duplicate(name, customer_id, found, owner or "")
    return None


def _others(besides: int | None, column: Any) -> Select[Any]:
    statement = (
        select(Customer.id, Customer.name, User.name, column)
        .outerjoin(User, User.id == Customer.owner_id)
        .where(Customer.deleted_at.is_(None))
    )
    return statement.where(Customer.id != besides) if besides is not None else statement


def _same(session: AsyncSession, form: CustomerForm, name: str) -> ColumnElement[bool]:
    match name:
        case "name":
            return _begins_with(session, search.key_of(form.name))
        case "address":
            return Customer.address_key == search.key_of(form.address)
        case "email":
            return Customer.email.in_({form.email, form.email.lower()})
        case "fax":  # as it is typed by most: no key of it is kept
            return Customer.fax.in_({form.fax, shown(form.fax), *_spellings(form.fax)})
        case "birthday":
            return Customer.birthday == day_of(form.birthday)
        case "code":
            return Customer.code.in_({form.code, form.code.upper()})
    column: ColumnElement[str] = getattr(Customer, FIELDS[name].column)
    return column == form.of(name)


def _begins_with(session: AsyncSession, key: str) -> ColumnElement[bool]:
    """The search key is of name and company, so equal names begin alike."""
    column = Customer.search_key
    if session.get_bind().dialect.name == "sqlite":  # its index is of no use to LIKE
        return and_(column >= key, or_(column == key, column < key + "!"))
    return or_(column == key, column.startswith(key + " ", autoescape=True))


def _spellings(number: str) -> set[str]:
    key = key_of(number)
    return {key, key.replace("+84", "0", 1)} if key else set()
