"""Questions asked while somebody types: compiled once for each person, then the driver's own.

Putting a statement together costs more than most of these answers. What differs from one time to
the next are bound parameters; what a scope brings stays with the statement. The driver is asked
itself, on the session's own connection: SQLite's thread once instead of four times for a statement,
PostgreSQL without a transaction around it.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Dialect, Select, bindparam, literal_column
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

_KEPT: Final = 4_000  # statements, some 3 kB each

_questions: dict[object, "Question"] = {}


class Question:
    """A SELECT as its driver takes it. Parameters without a value are given when it is asked."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self._sql = str(compiled)
        self._names = tuple(compiled.positiontup or ())
        self._values = dict(compiled.params)
        self._is_sqlite = dialect.name == "sqlite"

    async def rows(self, session: AsyncSession, given: Mapping[str, object]) -> Sequence[Any]:
        """The rows for these values: texts and numbers, which need no translating."""
        values = {**self._values, **given}
        parameters = tuple(values[name] for name in self._names)
        driver: Any = (await session.connection()).sync_connection
        driver = driver.connection.driver_connection
        if not self._is_sqlite:
            found: Sequence[Any] = await driver.fetch(self._sql, *parameters)
            return found
        try:
            found = await driver.execute_fetchall(self._sql, parameters)
        except sqlite3.Error as error:
            raise OperationalError(self._sql, None, error) from error
        return found


def question(
    session: AsyncSession, made_of: tuple[object, ...], make: Callable[[], Select[Any]]
) -> Question:
    """The statement that `make` makes of what `made_of` says; made when it is asked first."""
    dialect = session.get_bind().dialect
    key = (dialect.name, *made_of)
    if key not in _questions:
        if len(_questions) >= _KEPT:
            _questions.clear()
        _questions[key] = Question(make(), dialect)
    return _questions[key]


def given(name: str) -> BindParameter[str]:
    return bindparam(name, "")


def constant(number: int) -> ColumnElement[int]:
    """Written into the statement: a database plans otherwise for a few rows than for any number."""
    return literal_column(str(number))
