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
    """Of: id, reversed_digits, the question to SQLite, the digits."""

    type = NullType()  # a Boolean would be compared to 1 on SQLite, which then uses no index
    inherit_cache = True


def has_words(
    entity: type[Customer | Contact], words: tuple[str, ...], *, whole: bool = False
) -> ColumnElement[bool]:
    """All words stand in its name, or their beginnings do. They are letters and digits alone, as
    customers.search writes them, so they need no quoting beyond this."""
    sqlite = _for_sqlite(words, whole)
    postgresql = " & ".join(f"'{word}'{'' if whole else ':*'}" for word in words)
    return _HasWords(entity.id, entity.search_key, literal(sqlite), literal(postgresql))


def rows_with_words(
    entity: type[Customer | Contact], words: tuple[str, ...], *, whole: bool = False
) -> Select[Any]:
    """On SQLite the ids of those rows, from its own table alone: the first come at once, however
    many there are."""
    name = _FTS[entity.__tablename__]
    words_of = table(name, column("rowid", Integer), column(name))
    matches = words_of.c[name].op("MATCH", is_comparison=True)(_for_sqlite(words, whole))
    return select(words_of.c.rowid).where(matches)


def _for_sqlite(words: tuple[str, ...], whole: bool) -> str:
    return " AND ".join(f'"{word}"{"" if whole else "*"}' for word in words)


def has_triples(entity: type[CustomerPhone], backwards: str) -> ColumnElement[bool]:
    """All pieces of three of those digits stand in the number, somewhere: few others have them."""
    triples = {backwards[place : place + 3] for place in range(len(backwards) - 2)}
    sqlite = " AND ".join(f'"{triple}"' for triple in sorted(triples))
    return _HasTriples(entity.id, entity.reversed_digits, literal(sqlite), literal(backwards))


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
    _, digits, _, piece = element.clauses
    asked = compiler.process(piece, **options)
    return (
        f"digit_triples({compiler.process(digits, **options)})"
        f" @> digit_triples(CAST({asked} AS text))"
    )
