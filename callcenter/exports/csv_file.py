"""The same rows as CSV that Excel opens with a double click: UTF-8 with its mark, CRLF."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

from callcenter.exports.xlsx import Value

DELIMITERS: Final = (";", ",")
# What a spreadsheet takes for the beginning of a formula, also as wide letters.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FIRST: Final = frozenset(_FORMULA)


class Lines(Protocol):
    def write(self, rows: Sequence[Sequence[Value]]) -> None: ...


class _Lines:
    def __init__(self, put: Callable[[Iterable[Iterable[str]]], None]) -> None:
        self._put = put

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        self._put([_text(value) for value in row] for row in rows)


@contextmanager
def table(path: Path, headings: Sequence[str], delimiter: str) -> Iterator[Lines]:
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(headings)
        yield _Lines(writer.writerows)


def _text(value: Value) -> str:
    # By the exact type, the most frequent first: an export has millions of these.
    kind = type(value)
    if kind is str:
        assert isinstance(value, str)
        return value if value[:1] not in _FIRST and "\0" not in value else harmless(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return _clock(int(value))
    if isinstance(value, datetime):
        return f"{_day(value)} {value.hour:02}:{value.minute:02}"
    assert isinstance(value, date)
    return _day(value)


def _day(value: date) -> str:
    # A fifth of what strftime takes, and an export has millions.
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


@lru_cache(20_000)
def _clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def harmless(value: str) -> str:
    """With an apostrophe it is a text, wherever it is opened."""
    text = value.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
