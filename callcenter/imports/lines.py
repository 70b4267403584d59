"""A row of a file as a customer to be, or why it cannot become one. Decided without a database.

Whether somebody has the same number already is asked later (imports.duplicates): for many at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from callcenter.customers import search
from callcenter.customers.fields import FIELDS, What, of_kind
from callcenter.customers.numbers import dialable, key_of, key_of_plain
from callcenter.errors import Invalid
from callcenter.imports.cells import day_of, kind_of
from callcenter.imports.choices import Choices
from callcenter.imports.columns import Record, record_of
from callcenter.imports.places import Places
from callcenter.imports.verdicts import Flag, Reason, flags_of
from callcenter.sheets.tables import Row

MOST_PHONES = 10
_WORD = 60  # letters of what stands in the file, in a sentence about it
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CODE = re.compile(r"[\w.\-/]+")
_SEVERAL = re.compile(r"\s*[;,|\n]\s*")
_LONGEST: Final = {each.name: each.longest for each in FIELDS.values() if each.longest}
_LINES: Final = frozenset(
    each.name for each in FIELDS.values() if each.what is What.TEXT and each.name != "code"
)
DAYS: Final = frozenset(each.name for each in FIELDS.values() if each.what is What.DATE)
_EARLIEST: Final = date(1800, 1, 1)
EMPTY: Final[Mapping[str, Any]] = {  # a person of whom nothing is known
    **dict.fromkeys((*_LINES, "email", "note", "code"), ""),
    **dict.fromkeys((*DAYS, "place_id", "source_id", "project_id", "status_id"), None),
    "kind": "person",
}
_ITEMS: Final = {
    each.name: each.column for each in FIELDS.values() if each.what is What.ITEM and each.column
}
_SHOWN: Final = {
    kind: frozenset(each.name for each in of_kind(kind))
    for kind in ("person", "organisation", "shop", "household")
}
# Plain numbers: Python takes a microsecond and more to add to a Flag.
_RESTORED, _EMPTIED = int(Flag.RESTORED), int(Flag.EMPTIED)
_UNKNOWN_EMPLOYEE, _NO_EMPLOYEE = int(Flag.UNKNOWN_EMPLOYEE), int(Flag.NO_EMPLOYEE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By what rows are judged. `items`: of each catalogue field, ids by name as key_of writes it.

    `employees`: ids by username and by name, of those who may receive rows; a name that two of
    them have is nobody's.
    """

    mapping: Sequence[str]
    required: frozenset[str]
    criteria: frozenset[str]  # fields that no two customers share; phone and code always
    choices: Choices
    items: Mapping[str, Mapping[str, int]]
    places: Places
    employees: Mapping[str, int]
    given: Mapping[str, int | None]  # what stands in catalogue fields that a row leaves empty


@dataclass(slots=True)
class Line:
    """`values` are columns of customers; `keys` what duplicates are known by, of each field."""

    row: Row
    values: dict[str, Any] = field(default_factory=lambda: dict(EMPTY))
    phones: list[tuple[str, str]] = field(default_factory=list)  # key, as it stands there
    groups: list[int] = field(default_factory=list)
    named: int | None = None  # the employee
    reasons: list[Reason] = field(default_factory=list)
    notes: int = 0  # of verdicts.Flag
    keys: dict[str, list[str]] = field(default_factory=dict)
    restored: list[str] = field(default_factory=list)
    search_keys: tuple[str, ...] | None = None  # made ahead where another thread has time for it

    @property
    def flags(self) -> int:
        return self.notes | flags_of(self.reasons) if self.reasons else self.notes

    def refuse(self, code: str, field: str, **values: object) -> None:
        self.reasons.append({"code": code, "field": field, **values})


def line_of(row: Row, rules: Rules) -> Line:
    """Everything that is wrong with a row is told, not only what is found first."""
    record = record_of(rules.mapping, row.texts)
    line = Line(row)
    line.restored = record.restored
    if record.restored:
        line.notes |= _RESTORED
    _kind(line, record)
    _texts(line, record)
    _catalogues(line, record, rules)
    _phones(line, record)
    _employee(line, record, rules)
    _required(line, record, rules)
    _keys(line, rules)
    return line


def _kind(line: Line, record: Record) -> None:
    text = record.values.get("kind")
    if text:
        kind = kind_of(text)
        if kind is None:
            line.refuse("bad_kind", "kind", word=text[:_WORD])
        line.values["kind"] = kind or "person"


def _texts(line: Line, record: Record) -> None:
    """Only what stands there is looked at: most fields of most files are empty."""
    values = line.values
    for name, text in record.values.items():
        if name in _LINES:
            values[name] = text = " ".join(text.split())
        elif name == "email":
            typed, text = text, "".join(text.split()).lower()
            values[name] = text
            if not _EMAIL.fullmatch(text):
                line.refuse("bad_email", name, word=typed[:_WORD])
        elif name == "note":
            values[name] = text
        elif name == "code":
            values[name] = text = "".join(text.split()).upper()
            if not _CODE.fullmatch(text):
                line.refuse("bad_code", name)
        elif name in DAYS:
            values[name] = day = day_of(text)
            if day is None or not _EARLIEST <= day <= date.today():  # noqa: DTZ011 - far from it
                line.refuse("bad_day", name, word=text[:_WORD])
            continue
        else:
            continue
        if len(text) > _LONGEST[name]:
            line.refuse("too_long", name, n=_LONGEST[name])


def _catalogues(line: Line, record: Record, rules: Rules) -> None:
    values, given = line.values, record.values
    for name, column in _ITEMS.items():
        if text := given.get(name):
            values[column] = rules.items[name].get(search.key_of(text))
            if values[column] is None:
                _unknown(line, rules, name, text)
                values[column] = rules.given[name]
        else:
            values[column] = rules.given[name]
    if text := given.get("place"):
        values["place_id"] = rules.places.find(text)
        if values["place_id"] is None:
            _unknown(line, rules, "place", text)
    if text := given.get("groups"):
        _groups(line, text, rules)
    elif rules.choices.group_id:
        line.groups.append(rules.choices.group_id)


def _groups(line: Line, text: str, rules: Rules) -> None:
    known = rules.items["groups"]
    if whole := known.get(search.key_of(text)):
        line.groups.append(whole)
        return
    for part in _SEVERAL.split(text):
        if found := known.get(search.key_of(part)):
            line.groups.append(found)
        elif part:
            _unknown(line, rules, "groups", part)
    line.groups = list(dict.fromkeys(line.groups))


def _unknown(line: Line, rules: Rules, name: str, text: str) -> None:
    if rules.choices.unknown_empty:
        line.notes |= _EMPTIED
    else:
        line.refuse("unknown", name, word=text[:_WORD])


def _phones(line: Line, record: Record) -> None:
    seen: set[str] = set()
    for raw in record.phones:
        if key := key_of_plain(raw):
            if key not in seen:
                seen.add(key)
                line.phones.append((key, raw))
            continue
        try:
            dialable(raw)
        except Invalid:
            line.refuse("bad_phone", "phone", word=raw[:_WORD])
            continue
        if len(raw) > _LONGEST["phone"]:
            line.refuse("too_long", "phone", n=_LONGEST["phone"])
            continue
        if (key := key_of(raw)) not in seen:
            seen.add(key)
            line.phones.append((key, raw))
    if len(line.phones) > MOST_PHONES:
        line.refuse("many_phones", "phone", n=MOST_PHONES)


def _employee(line: Line, record: Record, rules: Rules) -> None:
    if rules.choices.destination != "file":
        return
    text = record.text("owner")
    line.named = rules.employees.get(search.key_of(text)) if text else None
    if line.named is None:
        line.notes |= _UNKNOWN_EMPLOYEE if text else _NO_EMPLOYEE


def _required(line: Line, record: Record, rules: Rules) -> None:
    values = line.values
    for name in rules.required & _SHOWN[values["kind"]]:
        if name == "phone":
            filled: object = record.phones
        elif name == "groups":
            filled = line.groups or record.text(name)
        else:
            filled = values.get(FIELDS[name].column) or record.values.get(name)
        if not filled:
            line.refuse("missing", name)
    if line.reasons:
        line.reasons.sort(key=lambda reason: reason["code"] != "missing")


def _keys(line: Line, rules: Rules) -> None:
    values = line.values
    line.keys = {"phone": [key for key, _ in line.phones]}
    if values["code"]:
        line.keys["code"] = [values["code"]]
    for name in rules.criteria:
        value = values.get(name) if name not in ("phone", "code") else None
        if value and name in _SHOWN[values["kind"]]:
            line.keys[name] = [key_in(name, value)]


def key_in(field: str, value: object) -> str:
    """What two values of a field have in common when they count as the same."""
    if field in ("name", "address"):
        return search.key_of(str(value))
    if field == "fax":
        return key_of(str(value)) or str(value)
    return str(value)
