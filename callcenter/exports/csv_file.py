"""The same rows as CSV that Excel opens with a double click: UTF-8 with its mark, CRLF."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

from callcenter.exports.columns import mapped
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
        columns = zip(*rows, strict=True)  # a column at a time: see `mapped`
        self._put(zip(*(_texts(column) for column in columns), strict=True))


@contextmanager
def table(path: Path, headings: Sequence[str], delimiter: str) -> Iterator[Lines]:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.write("\ufeff")  # once; Python's own utf-8-sig thinks of it at every line
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(headings)
        yield _Lines(writer.writerows)


def _texts(column: Sequence[Value]) -> Iterable[str]:
    times = datetime in set(map(type, column))  # hardly two are equal
    return [_text(value) for value in column] if times else mapped(_text, column)


def _text(value: Value) -> str:
    # By the exact type, the most frequent first: an export has millions of these.
    kind = type(value)
    if kind is str:
        assert isinstance(value, str)
        return value if value[:1] not in _FIRST and "\0" not in value else harmless(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        time = value.isoformat(" ", "minutes")
        return f"{_day(time[:10])}{time[10:16]}"
    if isinstance(value, float):
        seconds = int(value)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    assert isinstance(value, date)
    return _day(value.isoformat())


@lru_cache(1_000)
def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day}/{month}/{year}"


def harmless(value: str) -> str:
    """With an apostrophe it is a text, wherever it is opened."""
    text = value.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
