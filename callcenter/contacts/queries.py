"""Contacts: found, added, changed, deleted; each change stands in their customer's history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers import forms, history, saving, search
from callcenter.customers.duplicates import duplicates
from callcenter.customers.forms import CustomerForm, day_of, day_text
from callcenter.customers.models import Contact, Customer, CustomerPhone
from callcenter.customers.numbers import digits_of, shown
from callcenter.customers.policy import policy
from callcenter.errors import N_, CallcenterError, Invalid, Missing
from callcenter.keyset import Cut, cut
from callcenter.people.rights import Scope

MOST = 200  # of one customer


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForm:
    """As typed, without blanks around it."""

    name: str = ""
    phones: Sequence[str] = ()
    email: str = ""
    birthday: str = ""
    note: str = ""
    position_id: int | None = None


def tidy(values: Mapping[str, str], phones: Sequence[str]) -> ContactForm:
    """A form from raw texts; missing ones are empty."""
    form = forms.tidy({**values, "kind": "person"}, phones, None)
    position = values.get("position", "")
    return ContactForm(
        name=form.name,
        phones=form.phones,
        email=form.email,
        birthday=form.birthday,
        note=form.note,
        position_id=int(position) if position.isdecimal() and len(position) < 10 else None,
    )


async def of_customer(session: AsyncSession, customer_id: int) -> Sequence[Contact]:
    """By name."""
    return (
        await session.scalars(
            select(Contact)
            .where(Contact.customer_id == customer_id)
            .order_by(Contact.search_key, Contact.id)
            .limit(MOST)
        )
    ).all()


async def one(session: AsyncSession, customer_id: int, contact_id: int) -> Contact:
    """Raises Missing when that customer has no such contact."""
    found = await session.get(Contact, contact_id)
    if found is None or found.customer_id != customer_id:
        raise Missing(N_("There is no such contact."))
    return found


async def phones(
    session: AsyncSession, contact_ids: Iterable[int]
) -> dict[int, list[CustomerPhone]]:
    """Each contact's numbers, the one that is called first."""
    rows = await session.scalars(
        select(CustomerPhone)
        .where(CustomerPhone.contact_id.in_(list(contact_ids)))
        .order_by(CustomerPhone.position, CustomerPhone.id)
    )
    found: dict[int, list[CustomerPhone]] = {}
    for row in rows:
        found.setdefault(row.contact_id or 0, []).append(row)
    return found


async def contacts_cut(
    session: AsyncSession, scope: Scope, text: str, cursor: str = ""
) -> Cut[tuple[Contact, Customer]]:
    """Contacts of the customers one may see, by name; `text`: words of a name, or digits."""
    statement = select(Contact, Customer).join(Customer, Customer.id == Contact.customer_id)
    digits = digits_of(text)
    if len(digits) > 2 and not any(letter.isalpha() for letter in text):
        having = select(CustomerPhone.contact_id).where(
            CustomerPhone.contact_id.is_not(None),
            CustomerPhone.reversed_digits.contains(digits.lstrip("0")[::-1], autoescape=True),
        )
        statement = statement.where(Contact.id.in_(having))
    else:
        for word in search.key_of(text).split():
            there = literal(" ") + Contact.search_key
            statement = statement.where(there.contains(" " + word, autoescape=True))
    columns = (Contact.search_key, Contact.id)
    narrowed = scope.customers(statement)
    return await cut(session, narrowed, columns, descending=False, cursor=cursor)


async def trouble(
    session: AsyncSession, customer_id: int, form: ContactForm, before: ContactForm | None = None
) -> dict[str, CallcenterError]:
    """What is wrong with the form, by field. A number that another customer has is refused, as it
    is for customers: contacts' numbers count as their customer's."""
    kept = _as_customer(before).number_keys if before else []
    typed = _as_customer(form).keeping(kept)
    found: dict[str, CallcenterError] = dict(forms.problems(typed, ("name",)))
    item = await session.get(CatalogueItem, form.position_id) if form.position_id else None
    if form.position_id and (item is None or item.catalogue != Catalogue.POSITION):
        found["position"] = Invalid(N_("Choose one from the list."), field="position")
    if "phone" in (await policy(session)).duplicate:
        for name, each in (await duplicates(session, typed, {"phone"}, customer_id)).items():
            found.setdefault(name, each.refusal())
    return found


async def save(
    session: AsyncSession, customer: Customer, form: ContactForm, by: int, contact: Contact | None
) -> list[str]:
    """Add a contact, or change it; the keys of all numbers concerned. Raises the first trouble."""
    await saving.hold(session, customer)
    before = await as_form(session, contact) if contact else None
    for problem in (await trouble(session, customer.id, form, before)).values():
        raise problem
    if contact is None:
        contact = Contact(customer_id=customer.id, created_at=datetime.now(UTC))
        session.add(contact)
    contact.name, contact.email, contact.note = form.name, form.email, form.note
    contact.search_key = search.key_of(form.name)
    contact.birthday, contact.position_id = day_of(form.birthday), form.position_id
    await session.flush()
    await _put_phones(session, contact, form.phones)
    old, new = told(before) if before else "", told(form)
    if old != new:
        await history.note(session, customer.id, by, {"contact": (old, new)})
    return sorted({*_keys(before), *_keys(form)})


async def remove(session: AsyncSession, customer: Customer, contact: Contact, by: int) -> list[str]:
    """Delete a contact; the keys of the numbers it had."""
    form = await as_form(session, contact)
    await session.execute(delete(CustomerPhone).where(CustomerPhone.contact_id == contact.id))
    await session.delete(contact)
    await session.flush()
    await history.note(session, customer.id, by, {"contact": (told(form), "")})
    return _keys(form)


async def as_form(session: AsyncSession, contact: Contact) -> ContactForm:
    numbers = (await phones(session, [contact.id])).get(contact.id, [])
    return ContactForm(
        name=contact.name,
        phones=[shown(phone.raw) for phone in numbers],
        email=contact.email,
        birthday=day_text(contact.birthday),
        note=contact.note,
        position_id=contact.position_id,
    )


def told(form: ContactForm) -> str:
    """On one line, for the history."""
    return " · ".join(
        each for each in (form.name, *form.phones, form.email, form.birthday, form.note) if each
    )


def _as_customer(form: ContactForm) -> CustomerForm:
    return CustomerForm(
        name=form.name,
        phones=form.phones,
        email=form.email,
        birthday=form.birthday,
        note=form.note,
    )


def _keys(form: ContactForm | None) -> list[str]:
    return _as_customer(form).number_keys if form else []


async def _put_phones(session: AsyncSession, contact: Contact, numbers: Collection[str]) -> None:
    await session.execute(delete(CustomerPhone).where(CustomerPhone.contact_id == contact.id))
    if numbers:
        whose = {"customer_id": contact.customer_id, "contact_id": contact.id}
        rows = [saving.phone_row(raw, place) | whose for place, raw in enumerate(numbers)]
        await session.execute(insert(CustomerPhone), rows)
