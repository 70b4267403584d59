"""The same rows as CSV that Excel opens with a double click: UTF-8 with its mark, CRLF."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol, TextIO

from callcenter.exports.columns import mapped
from callcenter.exports.xlsx import Value

DELIMITERS: Final = (";", ",")
# What a spreadsheet takes for the beginning of a formula, also as wide letters.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FIRST: Final = frozenset(_FORMULA)
_MINUTES: Final = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]


class Lines(Protocol):
    def write(self, rows: Sequence[Sequence[Value]]) -> None: ...


class _Lines:
    """Joined here: Python's csv would look at each letter of millions of cells, most of them equal
    to one seen before."""

    def __init__(self, file: TextIO, delimiter: str) -> None:
        self._file, self._delimiter = file, delimiter

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        columns = zip(*rows, strict=True)  # a column at a time: see `mapped`
        texts = (self._texts(column) for column in columns)
        lines = map(self._delimiter.join, zip(*texts, strict=True))
        # One column may be empty, its line not: readers would leave it out.
        self._file.write("\r\n".join([*(line or '""' for line in lines), ""]))

    def _texts(self, column: Sequence[Value]) -> Iterable[str]:
        times = datetime in set(map(type, column))  # hardly two are equal
        return map(self._text, column) if times else mapped(self._text, column)

    def _text(self, value: Value) -> str:
        # The most frequent first: an export has millions of these.
        if isinstance(value, str):
            text = value if value[:1] not in _FIRST and "\0" not in value else harmless(value)
            if self._delimiter in text or '"' in text or "\n" in text or "\r" in text:
                return '"{}"'.format(text.replace('"', '""'))
            return text
        if value is None:
            return ""
        if isinstance(value, datetime):
            return f"{_day(value.toordinal())} {_MINUTES[value.hour * 60 + value.minute]}"
        if isinstance(value, float):
            seconds = int(value)
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return _day(value.toordinal())


@contextmanager
def table(path: Path, headings: Sequence[str], delimiter: str) -> Iterator[Lines]:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.write("\ufeff")  # once; Python's own utf-8-sig thinks of it at every line
        csv.writer(file, delimiter=delimiter).writerow(headings)
        yield _Lines(file, delimiter)


@lru_cache(1_000)
def _day(ordinal: int) -> str:
    day = date.fromordinal(ordinal)
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def harmless(value: str) -> str:
    """With an apostrophe it is a text, wherever it is opened."""
    text = value.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
