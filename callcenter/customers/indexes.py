"""The indexes of migrations.searching, as conditions that each database understands."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, column, literal, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from callcenter.customers.models import Contact, Customer, CustomerPhone

_FTS: Final = {"customers": "customer_words", "contacts": "contact_words"}


class _HasWords(FunctionElement[Any]):
    """Of: id, search_key, the question to SQLite, the question to PostgreSQL."""

    type = NullType()  # a Boolean would be compared to 1 on SQLite, which then uses no index
    inherit_cache = True


class _HasTriples(FunctionElement[Any]):
    """Of: id, reversed_digits, the question to SQLite, the question to PostgreSQL."""

    type = NullType()  # a Boolean would be compared to 1 on SQLite, which then uses no index
    inherit_cache = True


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
