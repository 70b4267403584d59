"""A list's rows as texts, worked out once here so that the template only has to put them down."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape
from operator import itemgetter
from typing import Final

from markupsafe import Markup

from callcenter.customers.models import Customer, CustomerPhone, Kind
from callcenter.customers.numbers import shown
from callcenter.customers.words import KINDS
from callcenter.lists.columns import Column
from callcenter.lists.queries import NO_DOT, Item

_PLACE: Final = re.compile(r"%\((\w+)\)s")
_SPECIAL: Final = re.compile("[&<>\"']").search
REPEATED = 10_000  # numbers whose texts are kept
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
_Text = Callable[[Customer, str, Beside], str]


def rows(
    found: Sequence[tuple[Customer, str | None]], columns: Sequence[Column], beside: Beside
) -> list[Row]:
    texts = {column.name: _TEXTS[column.name] for column in columns if column.name in _TEXTS}
    statuses: dict[int | None, Row] = {}
    return [_row(customer, owner or "", texts, statuses, beside) for customer, owner in found]


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
        self._texts = itemgetter(*self._pieces[1::2])

    def filled(self, row: Row) -> list[str]:
        """The pieces of this row; they change with the next one."""
        self._pieces[1::2] = self._texts(row)
        return self._pieces


def _row(
    customer: Customer,
    owner: str,
    texts: Mapping[str, _Text],
    statuses: dict[int | None, Row],
    beside: Beside,
) -> Row:
    """`statuses` are those of the rows before."""
    # What the question has read, as it lies there: asked of the class, each costs four times that.
    read = vars(customer)
    status_id, phones = read.get("status_id"), beside.phones.get(read["id"], ())
    if status_id not in statuses:
        statuses[status_id] = _status(beside.items.get(status_id or 0), beside.no_status)
    row = {
        "id": str(read["id"]),
        "name": _escaped(read["name"]),
        "company": _escaped(read["company"]),
        **statuses[status_id],
        **_numbers(phones),
        **_button(phones, beside.barred),
    }
    for name, text in texts.items():
        row[name] = text(customer, owner, beside)
    return row


def _status(status: Item | None, otherwise: str) -> Row:
    if status is None:
        return {"status": _escaped(otherwise), "dot": NO_DOT}
    return {"status": _escaped(status.name), "dot": status.dot}


def _escaped(text: str) -> str:
    """Most have nothing to escape, and looking for that takes a seventh of html.escape."""
    return escape(text) if _SPECIAL(text) else text


def _button(phones: Sequence[CustomerPhone], barred: Mapping[str, str]) -> dict[str, str]:
    """Whether the first number can be called; why not."""
    if not phones:
        return _NO_BUTTON
    if barred and (why := barred.get(phones[0].number_key)) is not None:
        return {"button": "barred", "why": _escaped(why)}
    return _CALLS


def _numbers(phones: Sequence[CustomerPhone]) -> dict[str, str]:
    """The first as it is dialled and as it is shown; how many more there are, and which."""
    if not phones:
        return _NO_NUMBER
    only = _only_number(phones[0].raw)
    if len(phones) == 1:
        return only
    others = [shown(each.raw) for each in phones[1:]]
    return {**only, "n": f"+{len(others)}", "others": _escaped(", ".join(others))}


@lru_cache(REPEATED)
def _only_number(raw: str) -> dict[str, str]:
    return {"number": _escaped(raw), "phone": _escaped(shown(raw)), "n": "", "others": ""}


def _item(beside: Beside, item_id: int | None) -> str:
    item = beside.items.get(item_id) if item_id else None
    return _escaped(item.code or item.name) if item else ""


_NO_BUTTON: Final = {"button": "", "why": ""}
_CALLS: Final = {"button": "call", "why": ""}
_NO_NUMBER: Final = {"number": "", "phone": "", "n": "", "others": ""}
# What `when` writes are digits, and words of ours.
_TEXTS: Final[Mapping[str, _Text]] = {
    "owner": lambda c, owner, b: _escaped(b.short_name(owner)),
    "contact": lambda c, owner, b: b.when(b.contacts.get(c.id)),
    "code": lambda c, owner, b: _escaped(c.code),
    "kind": lambda c, owner, b: _escaped(b.say(KINDS[Kind(c.kind)])),
    "department": lambda c, owner, b: _escaped(b.departments.get(c.department_id or 0, "")),
    "email": lambda c, owner, b: _escaped(c.email),
    "address": lambda c, owner, b: _escaped(c.address),
    "source": lambda c, owner, b: _item(b, c.source_id),
    "project": lambda c, owner, b: _item(b, c.project_id),
    "since": lambda c, owner, b: b.when(c.status_at),
    "created": lambda c, owner, b: b.when(c.created_at),
}
