"""A list's rows as texts, worked out once here so that the template only has to put them down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from callcenter.customers.models import Customer, CustomerPhone, Kind
from callcenter.customers.numbers import shown
from callcenter.customers.words import KINDS
from callcenter.lists.columns import Column
from callcenter.lists.queries import Item

DOTS: Final = frozenset({"ok", "warn", "bad", "acc", "2", "3", "0"})  # the design's k-… classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands in other tables, by id; and how people read it."""

    phones: Mapping[int, Sequence[CustomerPhone]]
    items: Mapping[int, Item]
    departments: Mapping[int, str]
    contacts: Mapping[int, datetime]
    no_status: str
    say: Callable[[str], str]
    when: Callable[[datetime | None], str]
    short_name: Callable[[str], str]


Row = dict[str, str]  # place in lists/row.html -> what stands there, escaped


def rows(
    found: Sequence[tuple[Customer, str | None]], columns: Sequence[Column], beside: Beside
) -> list[Row]:
    names = [column.name for column in columns if column.name in _TEXTS]
    return [_row(customer, owner or "", names, beside) for customer, owner in found]


def fill(row: str, call: str, more: str, found: Sequence[Row]) -> Markup:
    """The rows of a table out of the markup of one: a tenth of what a loop in a template costs.

    `call` is the button of a customer who has a number, `more` the hint of one who has several.
    """
    row, call, more = str(row), str(call), str(more)
    drawn = []
    for each in found:
        each["call"] = call % each if each["number"] else ""
        each["more"] = more % each if each["n"] else ""
        drawn.append(row % each)
    return Markup("".join(drawn))


def dot(colour: str) -> str:
    """The class of a status's dot."""
    return colour if colour in DOTS else "0"


def _row(customer: Customer, owner: str, names: Sequence[str], beside: Beside) -> Row:
    phones = beside.phones.get(customer.id, ())
    others = [shown(each.raw) for each in phones[1:]]
    status = beside.items.get(customer.status_id) if customer.status_id else None
    texts = {
        "id": str(customer.id),
        "name": customer.name,
        "company": customer.company,
        "number": phones[0].raw if phones else "",
        "phone": shown(phones[0].raw) if phones else "",
        "n": f"+{len(others)}" if others else "",
        "others": ", ".join(others),
        "status": status.name if status else beside.no_status,
        "dot": dot(status.colour if status else ""),
    }
    for name in names:
        texts[name] = _TEXTS[name](customer, owner, beside)
    return {name: str(escape(text)) for name, text in texts.items()}


def _item(beside: Beside, item_id: int | None) -> str:
    item = beside.items.get(item_id) if item_id else None
    return (item.code or item.name) if item else ""


_TEXTS: Final[Mapping[str, Callable[[Customer, str, Beside], str]]] = {
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
