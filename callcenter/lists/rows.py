"""A list's rows as texts, worked out once here so that the template only has to put them down."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Final

from markupsafe import Markup

from callcenter.customers.models import Customer, CustomerPhone, Kind
from callcenter.customers.numbers import shown
from callcenter.customers.words import KINDS
from callcenter.lists.columns import Column
from callcenter.lists.queries import NO_DOT, Item

_PLACE: Final = re.compile(r"%\((\w+)\)s")
REPEATED = 10_000  # escaped texts that are kept
SHAPES = 100  # choices of columns, in each language, whose rows' markup is kept taken apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands in other tables, by id; and how people read it."""

    phones: Mapping[int, Sequence[CustomerPhone]]
    items: Mapping[int, Item]
    departments: Mapping[int, str]
    contacts: Mapping[int, datetime]
    barred: Mapping[str, str]  # keys of numbers not to be called: why
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


def fill(row: str, call: str, more: str, barred: str, found: Sequence[Row]) -> Markup:
    """The rows of a table out of the markup of one: a tenth of what a loop in a template costs.

    `call` is the button of a customer who has a number, `more` the hint of one who has several,
    `barred` what stands in the button's place where the number is not to be called.
    """
    shapes, drawn = _shapes(str(row), str(call), str(more), str(barred)), list[str]()
    for each in found:
        drawn += shapes[each["button"], each["n"] != ""].filled(each)
    return Markup("".join(drawn))


@lru_cache(SHAPES)
def _shapes(row: str, call: str, more: str, barred: str) -> dict[tuple[str, bool], "_Shape"]:
    """By which button there is, and whether there are several numbers."""
    return {
        (button, several): _Shape(
            row.replace("%(call)s", markup).replace("%(more)s", more if several else "")
        )
        for button, markup in (("call", call), ("barred", barred), ("", ""))
        for several in (True, False)
    }


class _Shape:
    """Markup with places: what stands between them, and what belongs into each."""

    def __init__(self, markup: str) -> None:
        self._pieces = _PLACE.split(markup)  # text, place, text, place, … text
        self._places = tuple(self._pieces[1::2])

    def filled(self, row: Row) -> list[str]:
        """The pieces of this row; they change with the next one."""
        self._pieces[1::2] = [row[place] for place in self._places]
        return self._pieces


def _row(customer: Customer, owner: str, names: Sequence[str], beside: Beside) -> Row:
    status = beside.items.get(customer.status_id) if customer.status_id else None
    texts = {
        "id": str(customer.id),
        "name": escape(customer.name),
        "company": escape(customer.company) if customer.company else "",
        "status": _safe(status.name if status else beside.no_status),
        "dot": status.dot if status else NO_DOT,
        **_numbers(beside.phones.get(customer.id, ())),
        **_button(beside.phones.get(customer.id, ()), beside.barred),
    }
    for name in names:
        texts[name] = _TEXTS[name](customer, owner, beside)
    return texts


@lru_cache(REPEATED)
def _safe(text: str) -> str:
    """Escaped, and kept: for what stands in many rows."""
    return escape(text)


def _button(phones: Sequence[CustomerPhone], barred: Mapping[str, str]) -> dict[str, str]:
    """Whether the first number can be called; why not."""
    if not phones:
        return _NO_BUTTON
    if barred and (why := barred.get(phones[0].number_key)) is not None:
        return {"button": "barred", "why": escape(why)}
    return _CALLS


def _numbers(phones: Sequence[CustomerPhone]) -> dict[str, str]:
    """The first as it is dialled and as it is shown; how many more there are, and which."""
    if not phones:
        return _NO_NUMBER
    only = _only_number(phones[0].raw)
    if len(phones) == 1:
        return only
    others = [shown(each.raw) for each in phones[1:]]
    return {**only, "n": f"+{len(others)}", "others": escape(", ".join(others))}


@lru_cache(REPEATED)
def _only_number(raw: str) -> dict[str, str]:
    return {"number": escape(raw), "phone": escape(shown(raw)), "n": "", "others": ""}


def _item(beside: Beside, item_id: int | None) -> str:
    item = beside.items.get(item_id) if item_id else None
    return _safe(item.code or item.name) if item else ""


_NO_BUTTON: Final = {"button": "", "why": ""}
_CALLS: Final = {"button": "call", "why": ""}
_NO_NUMBER: Final = {"number": "", "phone": "", "n": "", "others": ""}
# What `when` writes are digits, and words of ours.
_TEXTS: Final[Mapping[str, Callable[[Customer, str, Beside], str]]] = {
    "owner": lambda c, owner, b: _safe(b.short_name(owner)),
    "contact": lambda c, owner, b: b.when(b.contacts.get(c.id)),
    "code": lambda c, owner, b: escape(c.code),
    "kind": lambda c, owner, b: _safe(b.say(KINDS[Kind(c.kind)])),
    "department": lambda c, owner, b: _safe(b.departments.get(c.department_id or 0, "")),
    "email": lambda c, owner, b: escape(c.email),
    "address": lambda c, owner, b: escape(c.address),
    "source": lambda c, owner, b: _item(b, c.source_id),
    "project": lambda c, owner, b: _item(b, c.project_id),
    "since": lambda c, owner, b: b.when(c.status_at),
    "created": lambda c, owner, b: b.when(c.created_at),
}
