"""Which column is which field: guessed from headings in both languages, else from what is below.

A mapping is a list with one field's key for each column, "" for a column that is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from callcenter.customers.numbers import key_of_plain
from callcenter.customers.search import key_of
from callcenter.errors import N_, Invalid
from callcenter.imports.cells import is_phone, phones_of
from callcenter.imports.fields import FIELDS, KEYS

SAMPLE = 100  # rows that are looked at
_MOSTLY = 0.6  # of the cells that are not empty
_REPEATABLE = {"phone"}  # a customer has several, in the order of their columns
_CALLED = {called: each.key for each in FIELDS for called in each.called}
# Inside a longer heading only what is long enough to mean one thing: "Tên sản phẩm" is no name.
_INSIDE = sorted((each for each in _CALLED if len(each) > 4 or each == "sdt"), key=len)[::-1]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WORDS = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)+\.?")


@dataclass(slots=True)  # not frozen, which takes twice as long: there is one for each row
class Record:
    """A row by its mapping: what it says about one customer, still as text."""

    values: dict[str, str]  # by field, without phones and without what is empty
    phones: list[str]  # in their order; those Excel shortened are whole again
    restored: list[str] = field(default_factory=list)  # the ones that were

    def text(self, key: str) -> str:
        return self.values.get(key, "")


def guess(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The mapping that fits best. Each field once, only phones may come from several columns.

    What headings say counts; what stands below (`rows`: texts, the first SAMPLE are looked at) only
    for columns that no heading explains, while the name, the phone or the email is missing.
    """
    words = [_words(heading) for heading in headings]
    mapping = [""] * len(headings)
    for meaning in (_CALLED.get, _inside):  # all exact ones first: they must not find a taken place
        for column, word in enumerate(words):
            key = "" if mapping[column] else meaning(word) or ""
            if key and (key in _REPEATABLE or key not in mapping):
                mapping[column] = key
    _guess_by_content(mapping, words, rows[:SAMPLE])
    return mapping


def has_headings(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns; no, when it holds a phone or an email itself."""
    if any(guess(headings, [])):
        return True
    return not any(_EMAIL.fullmatch(text) or _is_customers_phone(text) for text in headings)


def check(mapping: Sequence[str], columns: int) -> None:
    """Raises Invalid when it has no name or no phone, or one field from two columns."""
    if len(mapping) != columns or not {key for key in mapping if key} <= KEYS:
        raise Invalid(N_("The columns of this file are others. Choose them again."))
    for each in FIELDS:
        if each.is_required and each.key not in mapping:
            raise Invalid(
                N_("Choose the column of the name.")
                if each.key == "name"
                else N_("Choose the column of the phone number."),
                field=each.key,
            )
        if each.key not in _REPEATABLE and list(mapping).count(each.key) > 1:
            raise Invalid(N_("Two columns cannot be the same field."), field=each.key)


def record_of(mapping: Sequence[str], texts: Sequence[str]) -> Record:
    """What a row says, by a mapping as long as it. Zeros that Excel ate come back and are told."""
    values: dict[str, str] = {}
    phones: list[str] = []
    restored: list[str] = []
    for key, text in zip(mapping, texts, strict=True):
        if not key or not text:
            continue
        if key != "phone":
            values[key] = text
        elif key_of_plain(text):
            phones.append(text)
        else:
            for phone in phones_of(text):
                phones.append(phone.text)
                if phone.was_short:
                    restored.append(phone.text)
    return Record(values, phones, restored)


def _words(heading: str) -> str:
    """A heading's words: "Số điện thoại 2 (*)" is "so dien thoai"."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", key_of(heading)).split()).rstrip(" 0123456789")


def _inside(words: str) -> str | None:
    padded = f" {words} "
    return next((_CALLED[called] for called in _INSIDE if f" {called} " in padded), None)


def _guess_by_content(
    mapping: list[str], words: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    explained = any(mapping)
    tests = {"phone": _is_customers_phone, "email": lambda text: bool(_EMAIL.fullmatch(text))}
    if not explained:  # a column of names looks like one of streets or employees
        tests["name"] = lambda text: bool(_WORDS.fullmatch(text))
    for key, fits in tests.items():
        if key in mapping:
            continue
        for column in range(len(mapping)):
            texts = [row[column] for row in rows if column < len(row) and row[column]]
            if mapping[column] or (explained and words[column]) or not texts:
                continue
            if sum(map(fits, texts)) >= _MOSTLY * len(texts):
                mapping[column] = key
                if key not in _REPEATABLE:
                    break


def _is_customers_phone(text: str) -> bool:
    """A number of Vietnam or with its country, not the year, amount or 113 that one could dial."""
    if sum(letter.isdigit() for letter in text) < 9:
        return False
    phones = phones_of(text)
    return all(is_phone(phone.text) for phone in phones)
