"""From what somebody types to customers: words of names, pieces of numbers, codes.

Words count as the beginnings of words, all of them, in any order, with accents or without; a
contact's name leads to its customer. Digits are any piece of a number as it is shown, three of them
at least.

There are two ways to ask. What few customers have is asked of the indexes (migrations.searching):
their ids, however the list is sorted. What many have, as every third is a Nguyễn, is not worth its
ids: the list is walked in its own order, each row looked at, and a page is soon full.
"""

from dataclasses import dataclass
from typing import Any, Final

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
from callcenter.customers.indexes import has_triples, has_words, rows_with_words
from callcenter.customers.models import Contact, Customer, CustomerPhone
from callcenter.customers.numbers import digits_of, key_of
from callcenter.people.rights import Scope

FEW: Final = 2_000  # customers whose ids are worth asking for
MOST_WORDS: Final = 8
SHORTEST: Final = 3  # digits: an index of pieces has nothing shorter
LAST: Final = "\U0010ffff"  # sorts behind everything that begins with what it is added to
_REMEMBERED: Final = 2_000

# What many customers have, so that it is not counted each time: PostgreSQL collects all of a word's
# rows before it gives the first. Whatever stands here wrongly makes a list slower, never wrong.
_many: set[object] = set()


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

    `rows` is for SQLite to count: it begins an `ids` by collecting all of them.
    """

    name: object
    ids: Select[Any]
    here: ColumnElement[bool]
    rows: Select[Any] | None = None


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


async def finds(session: AsyncSession, scope: Scope, text: str) -> ColumnElement[bool]:
    """The condition on Customer that what somebody typed finds it; of all, whatever `scope` is.

    `scope` is what the question is narrowed to besides: few customers are looked at one by one.
    """
    ways = ways_of(typed(text))
    if scope.is_own:
        return or_(false(), *(way.here for way in ways))
    many = [way for way in ways if await has_many(session, way)]
    few = [way.ids for way in ways if way not in many]
    found = [Customer.id.in_(union(*few))] if few else []
    return or_(false(), *(way.here for way in many), *found)


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


async def has_many(session: AsyncSession, way: Way) -> bool:
    """Whether more than FEW are found that way."""
    if way.name in _many:
        return True
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    rows = way.rows if is_sqlite and way.rows is not None else way.ids
    some = rows.limit(FEW + 1).subquery()
    many = (await session.scalar(select(func.count()).select_from(some)) or 0) > FEW
    if many:
        if len(_many) >= _REMEMBERED:
            _many.clear()
        _many.add(way.name)
    return many


def _by_name(words: tuple[str, ...]) -> Way:
    ids = select(Customer.id).where(has_words(Customer, words))
    return Way(
        ("name", words), ids, _has(Customer.search_key, words), rows_with_words(Customer, words)
    )


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
    """Letters and digits alone: nothing in them means anything to LIKE."""
    spaced = literal(" ") + key
    return and_(*(spaced.contains(f" {word}") for word in words))


def begins(column: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """As a range, which an index answers whatever database."""
    return and_(column >= start, column < start + LAST)
