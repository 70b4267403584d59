"""Adding a customer and changing one: checked, and written into the history. The caller commits."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import history, queries, search
from callcenter.customers.duplicates import duplicates
from callcenter.customers.fields import FIELDS, What, of_kind
from callcenter.customers.forms import CustomerForm, day_of, day_text, problems
from callcenter.customers.models import Customer, CustomerGroup, CustomerPhone
from callcenter.customers.numbers import digits_of, key_of, shown
from callcenter.customers.policy import policy
from callcenter.customers.words import known, names_of, words
from callcenter.errors import N_, CallcenterError, Invalid
from callcenter.people.models import User

_PLAIN = [
    each.name
    for each in FIELDS.values()
    if each.what in (What.TEXT, What.LONG, What.EMAIL, What.KIND) and each.name != "code"
]
LOCK = 0x637573  # ours among PostgreSQL's advisory locks
_POINTERS = ("place_id", "source_id", "project_id", "status_id")


async def add(session: AsyncSession, form: CustomerForm, by: int | None = None) -> Customer:
    """A new customer, written by the user of that id (None: the system).

    Raises Invalid for the first field that is wrong, Conflict for what somebody else has already;
    `values["field"]` of a Conflict is the field's name.
    """
    await hold(session)
    _refuse(await trouble(session, form))
    now = datetime.now(UTC)
    customer = Customer(code=form.code or uuid4().hex, created_at=now, created_by=by)
    await _fill(session, customer, form, now)
    customer.status_at = now
    session.add(customer)
    await session.flush()
    if not form.code:
        customer.code = f"KH-{customer.id:06}"
    await _put_phones(session, customer.id, form)
    await _put_groups(session, customer.id, form)
    await history.note(session, customer.id, by, {"created": ("", form.name)})
    return customer


async def change(
    session: AsyncSession,
    customer: Customer,
    form: CustomerForm,
    by: int | None = None,
    only: Collection[str] | None = None,
) -> list[str]:
    """Change a customer; the keys of all numbers it had or has now. Raises as `add` does.

    `only`: the fields that were in somebody's hands; what else is wrong with the file is not
    their business.
    """
    await hold(session, customer)
    before = await current(session, customer)
    form = form.keeping(before.number_keys)
    _refuse(await trouble(session, form, customer.id, before, only))
    names = await names_of(session, before, form)
    old, new = words(before, names), words(form, names)
    changes = {name: (old[name], new[name]) for name in FIELDS if old[name] != new[name]}
    now = datetime.now(UTC)
    if "status" in changes:
        customer.status_at = now
    await _fill(session, customer, form, now)
    if form.code and form.code != customer.code:
        customer.code = form.code
    await session.flush()
    if "phone" in changes or list(before.phones) != list(form.phones):
        await _put_phones(session, customer.id, form)
    if "groups" in changes:
        await _put_groups(session, customer.id, form)
    await history.note(session, customer.id, by, changes)
    await session.refresh(customer)
    return sorted({*before.number_keys, *form.number_keys})


async def hold(session: AsyncSession, customer: Customer | None = None) -> None:
    """Until the commit nobody else adds or changes customers; `customer` is read again.

    Else two people who save at the same moment would both find nobody with that number, or both
    find the file as it was.
    """
    if session.get_bind().dialect.name == "sqlite":  # its lock comes with the first change
        await session.execute(update(Customer).where(Customer.id == -1).values(version=0))
    else:
        await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    if customer is not None:
        await session.refresh(customer)


async def trouble(
    session: AsyncSession,
    form: CustomerForm,
    besides: int | None = None,
    before: CustomerForm | None = None,
    only: Collection[str] | None = None,
) -> Mapping[str, CallcenterError]:
    """All that is wrong with a form, by field ("phone-0" for a number): Invalid or Conflict.

    Of a customer who exists (`besides`, as it was `before`), what has not changed is not compared
    with others: the duplicate that is there already should not stand in the way of a new address.
    """
    rules = await policy(session)
    found: dict[str, CallcenterError] = dict(problems(form, rules.required))
    for name in await known(session, form, before):
        found.setdefault(name, Invalid(N_("Choose one from the list."), field=name))
    changed = {
        name
        for name in {*rules.duplicate, "code"}
        if name == "phone" or before is None or before.of(name) != form.of(name)
    }
    shown_fields = {each.name for each in of_kind(form.kind)}
    criteria = rules.duplicate & changed & shown_fields
    asked = form if "code" in changed else form.taking("code", CustomerForm(name="", phones=()))
    for name, each in (await duplicates(session, asked, criteria, besides)).items():
        found.setdefault(name, each.refusal())
    if only is None:
        return found
    return {name: each for name, each in found.items() if name.partition("-")[0] in only}


async def current(session: AsyncSession, customer: Customer) -> CustomerForm:
    """The customer as a form: what `change` would be given to change nothing."""
    phones = (await queries.phones(session, [customer.id])).get(customer.id, [])
    groups = await session.scalars(
        select(CustomerGroup.group_id).where(CustomerGroup.customer_id == customer.id)
    )
    return CustomerForm(
        phones=[shown(phone.raw) for phone in phones],
        code=customer.code,
        birthday=day_text(customer.birthday),
        founded_on=day_text(customer.founded_on),
        group_ids=frozenset(groups),
        owner_id=customer.owner_id,
        kept=frozenset(phone.number_key for phone in phones),
        **{name: getattr(customer, name) for name in (*_PLAIN, *_POINTERS)},
    )


def _refuse(found: Mapping[str, CallcenterError]) -> None:
    for problem in sorted(found.values(), key=lambda each: not isinstance(each, Invalid)):
        raise problem


async def _fill(
    session: AsyncSession, customer: Customer, form: CustomerForm, now: datetime
) -> None:
    for name in (*_PLAIN, *_POINTERS):
        setattr(customer, name, getattr(form, name))
    customer.birthday, customer.founded_on = day_of(form.birthday), day_of(form.founded_on)
    customer.search_key = search.key_of(form.name, form.company)
    customer.address_key = search.key_of(form.address)
    customer.registered_key = search.key_of(form.registered_address)
    if customer.owner_id != form.owner_id or customer.id is None:
        owner = await session.get(User, form.owner_id) if form.owner_id else None
        customer.owner_id = owner.id if owner else None
        customer.department_id = owner.department_id if owner else customer.department_id
        customer.assigned_at = now if owner else None
    customer.updated_at = now


async def _put_phones(session: AsyncSession, customer_id: int, form: CustomerForm) -> None:
    await session.execute(
        delete(CustomerPhone).where(
            CustomerPhone.customer_id == customer_id, CustomerPhone.contact_id.is_(None)
        )
    )
    if form.phones:
        await session.execute(
            insert(CustomerPhone),
            [
                phone_row(raw, place) | {"customer_id": customer_id}
                for place, raw in enumerate(form.phones)
            ],
        )


def phone_row(raw: str, position: int) -> dict[str, object]:
    """A row of customer_phones, without the one whose number it is."""
    key = key_of(raw)
    return {
        "number_key": key,
        "raw": raw[:64],
        "reversed_digits": digits_of(key)[::-1],
        "position": position,
    }


async def _put_groups(session: AsyncSession, customer_id: int, form: CustomerForm) -> None:
    await session.execute(delete(CustomerGroup).where(CustomerGroup.customer_id == customer_id))
    if form.group_ids:
        await session.execute(
            insert(CustomerGroup),
            [{"customer_id": customer_id, "group_id": each} for each in sorted(form.group_ids)],
        )
