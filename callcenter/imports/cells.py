"""What a cell means in its field: its phone numbers, its day, its kind of customer."""

import re
from datetime import date
from typing import NamedTuple

from callcenter.customers import search
from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import Invalid


class Phone(NamedTuple):
    """A number of a file. `was_short`: Excel had eaten its leading 0, which is there again."""

    text: str
    was_short: bool


_WHOLE = 8  # letters; "0912 345 678 / 679" ends with a short way to write a second number
_BETWEEN = re.compile(r"\s*[;/,|\n]\s*|\s+-\s+")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?: .*)?")
_KINDS = {  # as customers.search.key_of writes what people call them
    **dict.fromkeys(("person", "individual", "personal", "ca nhan", "hs ca nhan"), "person"),
    **dict.fromkeys(("organisation", "organization", "company", "business"), "organisation"),
    **dict.fromkeys(("to chuc", "hs to chuc", "cong ty", "doanh nghiep"), "organisation"),
    **dict.fromkeys(("shop", "store", "hs shop", "cua hang"), "shop"),
    **dict.fromkeys(("household", "family", "ho gia dinh", "hs ho gia dinh"), "household"),
    **dict.fromkeys(("ho gd", "hs ho gd", "hgd", "gia dinh"), "household"),
}


def phones_of(cell: str) -> list[Phone]:
    """The numbers in a cell, in their order; the cell as it is when it cannot be divided into any.

    Whether they can be called is for the form to say: nothing that stands there is left out.
    """
    if cell.isdigit():  # as most are
        return [_phone(cell)]
    parts = [part for part in _BETWEEN.split(cell.strip()) if part]
    if len(parts) > 1:
        phones = [_phone(part) for part in parts]
        if all(is_phone(phone.text) and len(phone.text) >= _WHOLE for phone in phones):
            return phones
    return [_phone(cell.strip())] if cell.strip() else []


def is_phone(text: str) -> bool:
    """Whether one could call it, from Vietnam."""
    try:
        dialable(text)
    except Invalid:
        return False
    return True


def day_of(text: str) -> date | None:
    """A day as Excel and people write it: 1990-12-31, 31/12/1990, 31.12.1990; None for others."""
    text = text.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # there is no 31 February
        return None


def kind_of(text: str) -> str | None:
    """ "person", "organisation", "shop", "household" by its name in either language, or None."""
    return _KINDS.get(" ".join(re.sub(r"[^a-z0-9]+", " ", search.key_of(text)).split()))


def _phone(text: str) -> Phone:
    """A number of 9 or 10 digits that lacks nothing but its 0 becomes one of Vietnam's again."""
    if text.isascii() and text.isdigit() and len(text) in (9, 10) and text[0] != "0":
        key = key_of("0" + text)  # 1900 and 1800 have no 0 to lose: their key is not Vietnam's
        is_mobile = len(key) == 12 and key.startswith("+84") and key[3] in "35789"
        is_landline = len(key) == 13 and key.startswith("+842")
        if is_mobile or is_landline:
            return Phone("0" + text, True)
    return Phone(text, False)
