"""A list's rows as texts, worked out once here so that the template only has to put them down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from callcenter.customers.models import Customer, CustomerPhone, Kind
from callcenter.customers.numbers import shown
from callcenter.customers.words import KINDS
from callcenter.lists.columns import Column
from callcenter.lists.queries import Item

DOTS: Final = frozenset({"ok", "warn", "bad", "acc", "2", "3", "0"})  # the design's k-… classes


@dataclass(frozen=True, slots=True)
class Row:
    """One customer. `cells`: (class, data-p, text) of the plain columns, in their order."""

    id: int
    name: str
    company: str
    number: str  # to be called; "" for none
    phone: str
    more: str  # "+2", how many other numbers there are
    others: str  # those, as the hint of "+2"
    status: str
    dot: str
    cells: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands in other tables, by id; and how people read it."""

    phones: Mapping[int, Sequence[CustomerPhone]]
    items: Mapping[int, Item]
    departments: Mapping[int, str]
    contacts: Mapping[int, datetime]
    say: Callable[[str], str]
    when: Callable[[datetime | None], str]
    short_name: Callable[[str], str]


SPECIAL: Final = frozenset({"phone", "status"})  # drawn by the template itself


def rows(
    found: Sequence[tuple[Customer, str | None]], columns: Sequence[Column], beside: Beside
) -> list[Row]:
    plain = [column for column in columns if column.name not in SPECIAL]
    return [_row(customer, owner or "", plain, beside) for customer, owner in found]


def dot(colour: str) -> str:
    """The class of a status's dot."""
    return colour if colour in DOTS else "0"


def _row(customer: Customer, owner: str, plain: Sequence[Column], beside: Beside) -> Row:
    phones = beside.phones.get(customer.id, ())
    others = [shown(each.raw) for each in phones[1:]]
    status = beside.items.get(customer.status_id) if customer.status_id else None
    return Row(
        id=customer.id,
        name=customer.name,
        company=customer.company,
        number=phones[0].raw if phones else "",
        phone=shown(phones[0].raw) if phones else "",
        more=f"+{len(others)}" if others else "",
        others=", ".join(others),
        status=status.name if status else "",
        dot=dot(status.colour if status else ""),
        cells=[(c.kind, c.place, _TEXTS[c.name](customer, owner, beside)) for c in plain],
    )


def _item(beside: Beside, item_id: int | None) -> str:
    item = beside.items.get(item_id) if item_id else None
    return (item.code or item.name) if item else ""


_TEXTS: Final[Mapping[str, Callable[[Customer, str, Beside], Any]]] = {
    "owner": lambda c, owner, b: b.short_name(owner),
    "contact": lambda c, owner, b: b.when(b.contacts.get(c.id)),
    "code": lambda c, owner, b: c.code,
    "kind": lambda c, owner, b: b.say(KINDS[Kind(c.kind)]),
    "department": lambda c, owner, b: b.departments.get(c.department_id or 0, ""),
    "email": lambda c, owner, b: c.email,
    "address": lambda c, owner, b: c.address,
    "source": lambda c, owner, b: _item(b, c.source_id),
    "project": lambda c, owner, b: _item(b, c.project_id),
    "since": lambda c, owner, b: b.when(c.in_status_since),
    "created": lambda c, owner, b: b.when(c.created_at),
}
