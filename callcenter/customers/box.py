"""The search box of every page: the few customers somebody most likely means, while they type.

Numbers take one statement, and another one for pieces of them. Names take one where somebody sees
few customers, which are looked at one by one in their indexes (and another one for whole words,
where SQLite stopped at the first who have them); else the words' own index is asked, for whole
words first.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple
from unicodedata import normalize

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import box_questions as ask
from callcenter.customers import box_walks as walks
from callcenter.customers import finding
from callcenter.customers.asking import question
from callcenter.customers.finding import LAST, Typed, starts, typed, ways_of
from callcenter.customers.indexes import (
    for_postgresql,
    for_sqlite,
    triples_for_postgresql,
    triples_for_sqlite,
)
from callcenter.customers.models import Customer
from callcenter.people.rights import Scope

SHORT: Final = 4  # digits that so many numbers have that one's own customers are fewer
BEGUN: Final = 300  # numbers that begin so, whose customers are sooner looked at than all one's own


class Found(NamedTuple):
    """A customer as the box shows them; `number` as it is kept, "" for none: that with the digits
    that were typed, or the one that is called first."""

    id: int
    name: str
    company: str
    search_key: str
    code: str
    owner: str
    number: str


class _Pool(NamedTuple):
    """Customers among whom the likeliest are chosen. `is_last`: all who have these very words have
    been asked for by now, so that a full list of whose words begin so is good enough."""

    rows: Sequence[Any]
    is_last: bool


async def best(
    session: AsyncSession, scope: Scope, text: str, limit: int, *, pieces: bool = True
) -> list[Found]:
    """At most `limit` customers whom `text` finds, the likeliest first.

    Numbers that are, begin or end so, then names and codes with these digits, then `pieces` of
    numbers, which cost twenty times as much (see has_pieces). Names with the very accents that were
    typed, then whole words, then beginnings; then contacts, codes.
    """
    asked = typed(text)
    found: dict[int, Any] = {}
    if asked.digits:
        _add(found, await _by_digits(session, scope, asked, limit, pieces))
    else:
        if asked.words:
            _add(found, await _by_name(session, scope, asked, text, limit))
        if len(found) < limit and asked.words:
            _add(found, await _by_contact(session, scope, asked))
        if len(found) < limit and asked.codes:
            make = partial(ask.coded, scope, len(asked.codes))
            of_code = question(session, ("code", scope, len(asked.codes)), make)
            _add(found, await of_code.rows(session, _codes(asked)))
    return [Found(*row) for row in found.values()][:limit]


def has_pieces(text: str) -> bool:
    """Whether it may also stand in the middle of numbers: it is digits, and enough of them."""
    return bool(typed(text).digits)


def _add(found: dict[int, Any], rows: Iterable[Any]) -> None:
    for row in rows:
        found.setdefault(row[0], row)


async def _by_digits(
    session: AsyncSession, scope: Scope, asked: Typed, limit: int, pieces: bool
) -> Iterable[Any]:
    backwards, begins = asked.digits[::-1], starts(asked.digits)
    is_sqlite, found = _is_sqlite(session), dict[int, Any]()
    to_index = triples_for_sqlite if is_sqlite else triples_for_postgresql
    given = {
        "number_key": asked.number_key or asked.digits,
        "piece": backwards,
        "triples": to_index(backwards),
        **_range("backwards", backwards),
        **_codes(asked),
        **_words_of(asked),
    }
    for start in begins:
        given |= _range("start", start)
    short = scope.is_own and len(asked.digits) <= SHORT
    many = bool(short and begins) and await _begin_many(session, given)
    of = (scope, is_sqlite, bool(begins), bool(asked.words), len(asked.codes), many)
    await _fill(found, session, limit, given, ask.by_digits, *of)
    if pieces and len(found) < limit:
        await _fill(found, session, limit, given, ask.by_pieces, scope, is_sqlite, short)
    return found.values()


async def _begin_many(session: AsyncSession, given: dict[str, str]) -> bool:
    """Whether so many numbers begin so that one's own customers are fewer. 021 is no mobile's."""
    of = question(session, ("beginning so", BEGUN), partial(ask.beginning_so, BEGUN + 1))
    return bool((await of.rows(session, given))[0][0] > BEGUN)


async def _fill(
    found: dict[int, Any],
    session: AsyncSession,
    limit: int,
    given: dict[str, str],
    make: Callable[..., Select[Any]],
    *of: object,
) -> None:
    """Until there are `limit` customers in `found`, or all whom that question finds."""
    most = limit
    while True:
        of_most = question(session, (make.__name__, *of, most), partial(make, *of, most))
        rows = await of_most.rows(session, given)
        _add(found, rows)
        if len(rows) < most or len(found) >= limit:
            return
        most *= 4  # somebody has two such numbers


async def _by_name(
    session: AsyncSession, scope: Scope, asked: Typed, text: str, limit: int
) -> Sequence[Any]:
    whole, written = frozenset(asked.words), _words(text)
    found: dict[int, Any] = {}
    async for pool in _named(session, scope, asked):
        _add(found, pool.rows)
        wholes = sum(_has(row, whole) for row in found.values())
        if wholes >= limit or (pool.is_last and len(found) >= limit):
            break
    likeliest = sorted(found.values(), key=lambda row: _rank(row, written, whole))[:limit]
    return await _these(session, [row[0] for row in likeliest])


async def _these(session: AsyncSession, ids: Sequence[int]) -> list[Any]:
    """What is shown of these customers, in their order."""
    if not ids:
        return []
    count = next(size for size in (8, 64, len(ids)) if size >= len(ids))
    filled = [*ids, *[ids[0]] * (count - len(ids))]
    of_these = question(session, ("these", count), partial(ask.these, count))
    rows = await of_these.rows(session, {f"id{n}": each for n, each in enumerate(filled)})
    found = {row[0]: row for row in rows}
    return [found[each] for each in ids if each in found]  # who was just destroyed is not there


async def _named(session: AsyncSession, scope: Scope, asked: Typed) -> AsyncIterator[_Pool]:
    """Who has such a name. What is not needed is not asked."""
    count, is_sqlite = len(asked.words), _is_sqlite(session)
    words = sorted(asked.words, key=len, reverse=True)  # the longest are the rarest
    patterns = {f"word{place}": f" {word}" for place, word in enumerate(words)}
    patterns |= {f"letters{place}": word for place, word in enumerate(words)}
    if await finding.sees_few(session, scope):
        patterns |= {f"whole{place}": f" {word} " for place, word in enumerate(words)}
        if is_sqlite and not scope.is_own:
            rows = await walks.first_met(session, scope, count, patterns)
            is_all = len(rows) < ask.POOL
            yield _Pool(rows, is_last=is_all)
            if not is_all:
                patterns |= _words_of(asked, whole=True)
                rows = await walks.with_whole_words(session, scope, count, patterns)
                yield _Pool(rows, is_last=True)
            return
        make = partial(walks.walked, scope, is_sqlite, count)
        walked = question(session, ("walked", scope, count), make)
        yield _Pool(await walked.rows(session, patterns), is_last=True)
        return
    answering = question(session, ("answering", scope), partial(ask.answering, scope, is_sqlite))
    if is_sqlite:
        for whole in (True, False):
            rows = await answering.rows(session, _words_of(asked, whole=whole))
            yield _Pool(rows, is_last=not whole)
        return
    # PostgreSQL collects all of a word's rows before it gives one: it is asked last.
    start = " ".join(asked.words)
    given = _range("start", start) | {"start_end": f"{start} {LAST}"}
    beginning = question(session, ("beginning", scope), partial(ask.beginning, scope))
    yield _Pool(await beginning.rows(session, given), is_last=False)
    newest = question(session, ("newest", scope, count), partial(ask.newest, scope, count))
    rows = await newest.rows(session, patterns)
    yield _Pool(rows, is_last=False)
    older = question(session, ("older", scope, count), partial(ask.older, scope, count))
    some, is_begun = len(rows) in ask.SOME, not any(_has(row, asked.words) for row in rows)
    if some and not is_begun:
        yield _Pool(await older.rows(session, patterns), is_last=False)
    yield _Pool(await answering.rows(session, _words_of(asked, whole=True)), is_last=True)
    yield _Pool(await beginning.rows(session, _range("start", start)), is_last=True)
    if some and is_begun:
        yield _Pool(await older.rows(session, patterns), is_last=True)
    yield _Pool(await answering.rows(session, _words_of(asked)), is_last=True)


async def _by_contact(session: AsyncSession, scope: Scope, asked: Typed) -> Sequence[Any]:
    is_sqlite, given, most = _is_sqlite(session), _words_of(asked), finding.SOME
    make = partial(ask.contacts_count, is_sqlite, most + 1)
    counted = await question(session, ("contacts", most), make).rows(session, given)
    if not counted[0][0]:
        return []
    if counted[0][0] > most:
        here = [way.here for way in ways_of(asked)[1:2]]
        walked = scope.customers(select(*ask.shown()), walked=True).where(or_(*here))
        ordered = walked.order_by(Customer.search_key, Customer.id).limit(ask.POOL)
        return (await session.execute(ordered)).all()
    of = partial(ask.of_contacts, scope, is_sqlite, most)
    return await question(session, ("of contacts", scope, most), of).rows(session, given)


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _words_of(asked: Typed, *, whole: bool = False) -> dict[str, str]:
    """As each database's index of words is asked."""
    words = asked.words
    return {"sqlite": for_sqlite(words, whole), "postgresql": for_postgresql(words, whole)}


def _codes(asked: Typed) -> dict[str, str]:
    given: dict[str, str] = {}
    for place, code in enumerate(asked.codes):
        given |= _range(f"code{place}", code)
    return given


def _range(name: str, start: str) -> dict[str, str]:
    return {name: start, f"{name}_end": start + LAST}


def _rank(row: Any, written: list[str], whole: frozenset[str]) -> tuple[bool, bool, str, int]:
    """Smaller is likelier. Only within a pool: of very many, the accents of the first count."""
    _, name, company, key, *_ = row
    names = _words(f"{name} {company}")
    accents = all(any(each.startswith(word) for each in names) for word in written)
    return not _has(row, whole), not accents, key, row[0]


def _has(row: Any, whole: Iterable[str]) -> bool:
    """Whether they are all words of that customer, and not only their beginnings."""
    return set(whole) <= set(row[3].split())


def _words(text: str) -> list[str]:
    """With their accents."""
    letters = normalize("NFC", text).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in letters).split()
