"""From what somebody types to customers: words of names, pieces of numbers, codes.

Words count as the beginnings of words, all of them, in any order, with accents or without; a
contact's name leads to its customer. Digits are any piece of a number as it is shown, three of them
at least.

There are three ways to ask. What few customers have is asked of the indexes (migrations.searching):
their ids, however the list is sorted. What many have, as every third is a Nguyễn, is not worth its
ids: the list is walked in its own order, each row looked at, and a page is soon full. And who sees
few customers has these looked at, by their names as they stand in an index.
"""

import time
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.customers import search
from callcenter.customers.indexes import has_triples, has_words, holds, one_of, rows_with_words
from callcenter.customers.models import Contact, Customer, CustomerPhone
from callcenter.customers.numbers import digits_of, key_of
from callcenter.people.rights import Scope

FEW: Final = 20_000  # customers whose ids are worth asking for, for a page of them
COUNTED: Final = 100_000  # likewise, to count them: that does not end with a page
SOME: Final = 2_000  # likewise, for who sees few
# Customers that are looked at one by one. SQLite has its index of words beside the rows: of more
# customers than this it is quicker to look at those who have the words.
LOOKED_AT: Final = {"sqlite": 25_000, "postgresql": 40_000}
BELIEVED_S: Final = 600.0  # how long that somebody sees no more is believed
MOST_WORDS: Final = 8
SHORTEST: Final = 3  # digits: an index of pieces has nothing shorter
LAST: Final = "\U0010ffff"  # sorts behind everything that begins with what it is added to
_REMEMBERED: Final = 2_000

# What many customers have, so that it is not counted each time: PostgreSQL collects all of a word's
# rows before it gives the first. Whatever stands here wrongly makes a list slower, never wrong.
_many: set[object] = set()

# Departments -> whether they have no more than LOOKED_AT, and until when that is believed. What
# stands here wrongly makes an answer slower, never wrong.
_few: dict[frozenset[int], tuple[bool, float]] = {}


@dataclass(frozen=True, slots=True)
class Typed:
    """A text taken apart. `codes` are how a customer's code may begin."""

    words: tuple[str, ...]
    digits: str
    number_key: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be found: `ids` by an index; `here` asked of each row; `name` is what is asked.

    `rows` is for SQLite to count: it begins an `ids` by collecting all of them. `near`: what is
    looked at stands in the indexes that are walked.
    """

    name: object
    ids: Select[Any]
    here: ColumnElement[bool]
    rows: Select[Any] | None = None
    near: bool = False


class Finds(NamedTuple):
    """The condition on Customer that what was typed finds it: for a page of them, which is soon
    full, and for the whole of them."""

    page: ColumnElement[bool]
    whole: ColumnElement[bool]


def typed(text: str) -> Typed:
    text = text.strip()[:100]
    words = tuple(dict.fromkeys(search.key_of(text).split()))[:MOST_WORDS]
    digits = "" if any(letter.isalpha() for letter in text) else digits_of(text)
    is_code = any(letter.isdigit() for letter in text) and " " not in text and len(text) <= 32
    codes = {text, text.upper()} if is_code else set()
    if digits and len(digits) < 10 and digits == text:
        codes.add(f"KH-{digits:0>6}")
    return Typed(
        words=words,
        digits=digits if len(digits) >= SHORTEST else "",
        number_key=key_of(text) if len(digits) >= SHORTEST else "",
        codes=tuple(sorted(codes)),
    )


async def finds(session: AsyncSession, scope: Scope, text: str) -> Finds:
    """Whom `text` finds among the customers of `scope`; the question is to be narrowed to that
    scope besides."""
    ways = ways_of(typed(text))
    if scope.is_own:
        each = or_(false(), *(way.here for way in ways))
        return Finds(each, each)
    if await sees_few(session, scope):
        looked_at = [way for way in ways if way.near or await has_many(session, way, SOME)]
        ids = [way.ids for way in ways if way not in looked_at]
        if looked_at:
            # A name all have, else SQLite might take an index in which the key is not.
            mine = select(Customer.id).where(
                Customer.deleted_at.is_(None), Customer.search_key > ""
            )
            here = or_(*(way.here for way in looked_at))
            ids += [mine.where(part, here) for part in scope.parts()]
        of_few = _found([], ids)
        return Finds(of_few, of_few)
    many = [way for way in ways if await has_many(session, way, FEW)]
    most = [way for way in many if await has_many(session, way, COUNTED)]
    page, whole = (
        _found([way.here for way in walked], [way.ids for way in ways if way not in walked])
        for walked in (many, most)
    )
    return Finds(page, whole)


def _found(here: list[ColumnElement[bool]], ids: list[Select[Any]]) -> ColumnElement[bool]:
    return or_(false(), *here, *([one_of(Customer.id, union(*ids))] if ids else []))


async def sees_few(session: AsyncSession, scope: Scope) -> bool:
    """Whether `scope` has so few customers that they are sooner looked at than found."""
    if scope.everything or scope.is_own:
        return scope.is_own
    few, until = _few.get(scope.departments, (False, 0.0))
    if until < time.monotonic():
        most = LOOKED_AT[session.get_bind().dialect.name]
        theirs = select(Customer.id).where(Customer.deleted_at.is_(None), scope.parts()[0])
        some = theirs.limit(most + 1).subquery()
        few = (await session.scalar(select(func.count()).select_from(some)) or 0) <= most
        _few[scope.departments] = few, time.monotonic() + BELIEVED_S
    return few


def ids_of(text: str, *, only_names: bool = False) -> Select[Any]:
    """The ids of those that a text finds, those in the bin left out; for a question not sorted by
    anything of theirs. `only_names`: by words alone."""
    ways = ways_of(typed(text))
    if only_names:
        ways = ways[:2] if typed(text).words else []
    found = Customer.id.in_(union(*(way.ids for way in ways))) if ways else false()
    return select(Customer.id).where(Customer.deleted_at.is_(None), found)


def ways_of(asked: Typed) -> list[Way]:
    """The ways in which what was typed may be meant; by words first."""
    ways = []
    if asked.words:
        ways += [_by_name(asked.words), _by_contact(asked.words)]
    if asked.digits:
        ways.append(_by_digits(asked.digits, asked.number_key))
    if asked.codes:
        ways.append(_by_code(asked.codes))
    return ways


def starts(digits: str) -> list[str]:
    """How the key begins of a number that begins with them as it is shown: 0912 is +84912."""
    return ["+84" + digits[1:]] if digits.startswith("0") and digits[1:2] != "0" else []


def is_in(number: CustomerPhone, asked: Typed) -> bool:
    """Whether the digits that were typed are digits of that number."""
    return bool(asked.digits) and (
        asked.digits[::-1] in number.reversed_digits
        or number.number_key == asked.number_key
        or number.number_key.startswith(tuple(starts(asked.digits)))
    )


async def has_many(session: AsyncSession, way: Way, most: int) -> bool:
    """Whether more than `most` are found that way."""
    if (way.name, most) in _many:
        return True
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    rows = way.rows if is_sqlite and way.rows is not None else way.ids
    some = rows.limit(most + 1).subquery()
    many = (await session.scalar(select(func.count()).select_from(some)) or 0) > most
    if many:
        if len(_many) >= _REMEMBERED:
            _many.clear()
        _many.add((way.name, most))
    return many


def _by_name(words: tuple[str, ...]) -> Way:
    ids = select(Customer.id).where(has_words(Customer, words))
    rows = rows_with_words(Customer, words)
    return Way(("name", words), ids, _has(Customer.search_key, words), rows, near=True)


def _by_contact(words: tuple[str, ...]) -> Way:
    theirs = select(Contact.customer_id)
    here = theirs.where(Contact.customer_id == Customer.id, _has(Contact.search_key, words))
    ids = theirs.where(has_words(Contact, words))
    rows = rows_with_words(Contact, words)
    return Way(("contact", words), ids, here.correlate(Customer).exists(), rows)


def _by_digits(digits: str, number_key: str) -> Way:
    """0912 stands as +84912 in the key; an old number, or one in another country's writing, is
    found by its key."""
    theirs: Select[Any] = select(CustomerPhone.customer_id)
    backwards, key = CustomerPhone.reversed_digits, CustomerPhone.number_key
    piece = backwards.contains(digits[::-1])
    ways = [and_(has_triples(digits[::-1]), piece)]
    looks = [piece]
    for start in starts(digits):
        ways.append(begins(key, start))
        looks.append(key.startswith(start))
    if number_key:
        ways.append(key == number_key)
        looks.append(key == number_key)
    here = theirs.where(CustomerPhone.customer_id == Customer.id, or_(*looks))
    apart = union(*(theirs.where(way) for way in ways)).subquery()
    ids = select(apart.c.customer_id)
    return Way(("digits", digits, number_key), ids, here.correlate(Customer).exists())


def _by_code(codes: tuple[str, ...]) -> Way:
    here = or_(*(begins(Customer.code, code) for code in codes))
    return Way(("code", codes), select(Customer.id).where(here), here)


def _has(key: InstrumentedAttribute[str], words: tuple[str, ...]) -> ColumnElement[bool]:
    """As letters first, which most have not: a text need not be put together for these."""
    spaced = literal(" ") + key
    return and_(
        *(holds(key, word) for word in words),
        *(holds(spaced, f" {word}") for word in words),
    )


def begins(column: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """As a range, which an index answers whatever database."""
    return and_(column >= start, column < start + LAST)
