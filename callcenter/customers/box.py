"""The search box of every page: the few customers somebody most likely means, while they type."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from unicodedata import normalize

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import search
from callcenter.customers.finding import LAST, Typed, Way, by_number, has_many, typed, ways_of
from callcenter.customers.indexes import has_words, rows_with_words
from callcenter.customers.models import Contact, Customer, CustomerPhone
from callcenter.people.models import User
from callcenter.people.rights import Scope

POOL: Final = 100  # customers among whom the likeliest are chosen


async def best(
    session: AsyncSession, scope: Scope, text: str, limit: int
) -> list[tuple[Customer, str | None]]:
    """At most `limit` customers whom `text` finds, the likeliest first, with their owners' names.

    Numbers that are, begin or end so, then names: with the very accents that were typed, then whole
    words, then beginnings; then contacts, codes and pieces of numbers.
    """
    ids: dict[int, None] = {}
    async for statement in _pools(session, scope, typed(text)):
        rows = (await session.execute(statement.limit(POOL))).all()
        ids |= dict.fromkeys(row.id for row in sorted(rows, key=lambda row: _rank(row, text)))
        if len(ids) >= limit:
            break
    chosen = list(ids)[:limit]
    if not chosen:
        return []
    found = await session.execute(
        select(Customer, User.name)
        .outerjoin(User, User.id == Customer.owner_id)
        .where(Customer.id.in_(chosen))
    )
    by_id = {customer.id: (customer, owner) for customer, owner in found}
    return [by_id[id] for id in chosen if id in by_id]


async def _pools(session: AsyncSession, scope: Scope, asked: Typed) -> AsyncIterator[Select[Any]]:
    """Questions for customers, the likeliest first. Those that are not needed are not asked."""
    columns: list[Any] = [Customer.id, Customer.name, Customer.company, Customer.search_key]
    everybody = scope.customers(select(*columns), walked=True)
    ways = ways_of(asked)
    if scope.is_own:  # few: each is looked at, once
        if ways:
            yield _walked(everybody, ways)
        return
    if asked.digits:
        numbers = select(CustomerPhone.customer_id).where(by_number(asked)).subquery()
        yield everybody.join(numbers, numbers.c.customer_id == Customer.id)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if asked.words:
        if not is_sqlite:  # it collects all of a word's rows before it gives one
            yield _first_words(everybody, asked.words)
        for whole in (True, False):
            if is_sqlite:
                yield _joined(everybody, rows_with_words(Customer, asked.words, whole=whole))
            else:
                yield await _named(session, everybody, asked.words, ways[0], whole)
    for way in ways[1:] if asked.words else ways:
        if is_sqlite and way.rows is not None:
            rows = way.rows.subquery()
            ids = select(Contact.customer_id).join(rows, rows.c.rowid == Contact.id)
            yield _joined(everybody, ids)
        elif await has_many(session, way):
            yield _walked(everybody, [way])
        else:
            yield everybody.where(Customer.id.in_(way.ids))


def _first_words(everybody: Select[Any], words: tuple[str, ...]) -> Select[Any]:
    """Whose name begins with these words, as it is typed most of the time."""
    key, start = Customer.search_key, " ".join(words)
    until = f"{start} {LAST}"  # before what goes on with a letter
    return everybody.where(key >= start, key < until).order_by(key, Customer.id)


def _joined(everybody: Select[Any], ids: Select[Any]) -> Select[Any]:
    """SQLite then gives the first at once, however many there are."""
    found = ids.subquery()
    return everybody.join(found, next(iter(found.c)) == Customer.id)


async def _named(
    session: AsyncSession, everybody: Select[Any], words: tuple[str, ...], way: Way, whole: bool
) -> Select[Any]:
    if whole or not await has_many(session, way):
        return everybody.where(has_words(Customer, words, whole=whole))
    return _walked(everybody, [way])


def _walked(everybody: Select[Any], ways: Sequence[Way]) -> Select[Any]:
    here = or_(*(way.here for way in ways))
    return everybody.where(here).order_by(Customer.search_key, Customer.id)


def _rank(row: Any, text: str) -> tuple[bool, bool, str, int]:
    """Smaller is likelier. Only within a pool: of very many, the accents of the first count."""
    written = _words(f"{row.name} {row.company}")
    accents = all(any(each.startswith(word) for each in written) for word in _words(text))
    whole = set(search.key_of(text).split()) <= set(row.search_key.split())
    return not accents, not whole, row.search_key, row.id


def _words(text: str) -> list[str]:
    """With their accents."""
    letters = normalize("NFC", text).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in letters).split()
