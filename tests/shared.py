"""What is the same for every app of a run is made once: catalogues read, templates, statements and
the description of the API compiled. And passwords are hashed in no time.

An app of a test lives for a second, and needs most of it for these.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import CodeType
from typing import Any, ClassVar

import pytest
from argon2 import PasswordHasher
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from callcenter.api import setup
from callcenter.pages import language, templates
from callcenter.people import passwords

HASHER = passwords._hasher  # the service's own


class Compiled(BytecodeCache):
    """Templates compiled before, also by other apps."""

    def __init__(self) -> None:
        self._kept: dict[object, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._kept[_key(bucket)] = bucket.code


def _key(bucket: Bucket) -> object:
    """The source, and what pages/known.py writes into it: sentences, addresses of assets."""
    environment: Any = bucket.environment
    spoken = language.current()
    words = environment.known["_"].__self__
    return (
        bucket.key,
        bucket.checksum,
        tuple(environment.extensions),
        spoken,
        words.marks[spoken],
        environment.known["static"](""),
    )


class _Alike:
    """A dialect that finds what others of its kind have compiled: SQLAlchemy asks by dialect, and
    each engine has its own."""

    _kept: ClassVar[LRUCache[Any, Any]]

    def __init_subclass__(cls) -> None:
        cls._kept = LRUCache(2000)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls._kept)


class Sqlite(_Alike, SQLiteDialect_aiosqlite):
    supports_statement_cache = True  # each class has to say so itself


class Postgres(_Alike, PGDialect_asyncpg):
    supports_statement_cache = True


@contextmanager
def shared() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_read", cache(language._read))
        patch.setattr(templates, "Environment", partial(Environment, bytecode_cache=Compiled()))
        patch.setattr(setup, "document", cache(setup.document))
        patch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
        registry.register("sqlite.aiosqlite", __name__, "Sqlite")
        registry.register("postgresql.asyncpg", __name__, "Postgres")
        yield
