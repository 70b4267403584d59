"""The indexes of migrations.searching, as conditions that each database understands."""

from collections.abc import Collection
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    column,
    literal,
    select,
    table,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from callcenter.customers.models import Contact, Customer, CustomerPhone

MOST_GAPS: Final = 20  # SQLite joins no more than 500 questions

_FTS: Final = {"customers": "customer_words", "contacts": "contact_words"}


class _HasWords(FunctionElement[Any]):
    """Of: id, search_key, the question to SQLite, the question to PostgreSQL."""

    type = NullType()  # a Boolean would be compared to 1 on SQLite, which then uses no index
    inherit_cache = True


class _HasTriples(FunctionElement[Any]):
    """Of: id, reversed_digits, the question to SQLite, the question to PostgreSQL."""

    type = NullType()  # a Boolean would be compared to 1 on SQLite, which then uses no index
    inherit_cache = True


class _OneOf(FunctionElement[Any]):
    """Of: id, a subquery of ids."""

    type = NullType()  # as in _HasWords
    inherit_cache = True


def outside(
    number: InstrumentedAttribute[int | None], those: Collection[int]
) -> list[ColumnElement[bool]]:
    """It is none of those, in parts to be asked each by itself: ranges of an index of numbers."""
    there = sorted(those)
    gaps = [(low, high) for low, high in pairwise(there) if low + 1 < high]
    if len(gaps) > MOST_GAPS:
        gaps = [(there[0], there[-1])]
    between = (and_(number > low, number < high, number.not_in(there)) for low, high in gaps)
    return [number.is_(None), number < there[0], number > there[-1], *between]


class _Holds(FunctionElement[Any]):
    """Of: a text, letters and digits that stand in it."""

    type = NullType()  # as in _HasWords
    inherit_cache = True


def holds(text: ColumnElement[str] | InstrumentedAttribute[str], piece: str) -> ColumnElement[bool]:
    """These letters and digits (nothing that means something to LIKE) stand somewhere in it."""
    return _Holds(text, literal(piece))


def one_of(
    id: ColumnElement[int] | InstrumentedAttribute[int], ids: Select[Any] | CompoundSelect[Any]
) -> ColumnElement[bool]:
    """It is one of these, which are found first, and of which there are not too many for that:
    PostgreSQL thinks otherwise, and would ask of each row of the table whether it is one."""
    return _OneOf(id, ids.scalar_subquery())


def has_words(
    entity: type[Customer | Contact], words: tuple[str, ...], *, whole: bool = False
) -> ColumnElement[bool]:
    """All words stand in its name, or their beginnings do. They are letters and digits alone, as
    customers.search writes them, so they need no quoting beyond this."""
    sqlite, postgresql = for_sqlite(words, whole), for_postgresql(words, whole)
    return answers(entity, literal(sqlite), literal(postgresql))


def answers(
    entity: type[Customer | Contact], sqlite: ColumnElement[str], postgresql: ColumnElement[str]
) -> ColumnElement[bool]:
    """As has_words, for the questions that for_sqlite and for_postgresql write."""
    return _HasWords(entity.id, entity.search_key, sqlite, postgresql)


def rows_with_words(
    entity: type[Customer | Contact], words: tuple[str, ...], *, whole: bool = False
) -> Select[Any]:
    """On SQLite the ids of those rows, from its own table alone: the first come at once, however
    many there are."""
    return rows_answering(entity, literal(for_sqlite(words, whole)))


def rows_answering(entity: type[Customer | Contact], sqlite: ColumnElement[str]) -> Select[Any]:
    name = _FTS[entity.__tablename__]
    words_of = table(name, column("rowid", Integer), column(name))
    matches = words_of.c[name].op("MATCH", is_comparison=True)(sqlite)
    return select(words_of.c.rowid).where(matches)


def for_sqlite(words: tuple[str, ...], whole: bool) -> str:
    return " AND ".join(f'"{word}"{"" if whole else "*"}' for word in words)


def for_postgresql(words: tuple[str, ...], whole: bool) -> str:
    return " & ".join(f"'{word}'{'' if whole else ':*'}" for word in words)


def has_triples(backwards: str) -> ColumnElement[bool]:
    """On CustomerPhone: two times three of those digits stand somewhere in the number.

    Few others have both; to read the lists of more would cost more than to look at these few.
    """
    sqlite, postgresql = triples_for_sqlite(backwards), triples_for_postgresql(backwards)
    return answers_triples(literal(sqlite), literal(postgresql))


def answers_triples(
    sqlite: ColumnElement[str], postgresql: ColumnElement[str]
) -> ColumnElement[bool]:
    """As has_triples, for the questions that triples_for_sqlite and …_for_postgresql write."""
    return _HasTriples(CustomerPhone.id, CustomerPhone.reversed_digits, sqlite, postgresql)


def rows_with_triples(question: ColumnElement[str]) -> Select[Any]:
    """On SQLite the ids of those numbers, for `triples_for_sqlite`."""
    digits = table("phone_digits", column("rowid", Integer), column("phone_digits"))
    matches = digits.c.phone_digits.op("MATCH", is_comparison=True)(question)
    return select(digits.c.rowid).where(matches)


def triples_for_sqlite(backwards: str) -> str:
    return " AND ".join(f'"{triple}"' for triple in _rare(backwards))


def triples_for_postgresql(backwards: str) -> str:
    return " ".join(_rare(backwards))


def _rare(backwards: str) -> list[str]:
    """Two pieces of three digits, apart if they can be; none of Vietnam's 84 and the digit behind
    it if there are others, for these stand in every number."""
    starts = (0, len(backwards) - 3, *range(1, len(backwards) - 3))
    pieces = dict.fromkeys(backwards[start : start + 3] for start in starts)
    return sorted(pieces, key=lambda piece: piece[1:] == "48" or piece[2] == "4")[:2]


@compiles(_OneOf)
def _in(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    id, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{id} = ANY (ARRAY{ids})" if _is_postgresql(compiler) else f"{id} IN {ids}"


@compiles(_Holds)
def _holds(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    text, piece = (compiler.process(each, **options) for each in element.clauses)
    if _is_postgresql(compiler):  # of LIKE it knows how many rows that leaves
        return f"{text} LIKE '%' || {piece} || '%'"
    return f"instr({text}, {piece}) > 0"  # half as long as LIKE


def _is_postgresql(compiler: SQLCompiler) -> bool:
    return compiler.dialect.name == "postgresql"


@compiles(_HasWords, "sqlite")
def _words_in_sqlite(element: _HasWords, compiler: SQLCompiler, **options: Any) -> str:
    id, _, question, _ = element.clauses
    name = _FTS[id.table.name]
    asked = compiler.process(question, **options)
    return (
        f"{compiler.process(id, **options)} IN"
        f" (SELECT rowid FROM {name} WHERE {name} MATCH {asked})"
    )


@compiles(_HasWords, "postgresql")
def _words_in_postgresql(element: _HasWords, compiler: SQLCompiler, **options: Any) -> str:
    _, key, _, question = element.clauses
    asked = compiler.process(question, **options)
    return f"key_words({compiler.process(key, **options)}) @@ CAST({asked} AS tsquery)"


@compiles(_HasTriples, "sqlite")
def _triples_in_sqlite(element: _HasTriples, compiler: SQLCompiler, **options: Any) -> str:
    id, _, question, _ = element.clauses
    asked = compiler.process(question, **options)
    return (
        f"{compiler.process(id, **options)} IN"
        f" (SELECT rowid FROM phone_digits WHERE phone_digits MATCH {asked})"
    )


@compiles(_HasTriples, "postgresql")
def _triples_in_postgresql(element: _HasTriples, compiler: SQLCompiler, **options: Any) -> str:
    _, digits, _, question = element.clauses
    asked = compiler.process(question, **options)
    return (
        f"digit_triples({compiler.process(digits, **options)})"
        f" @> string_to_array(CAST({asked} AS text), ' ')"
    )
