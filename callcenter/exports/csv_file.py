"""The same rows as CSV that Excel opens with a double click: UTF-8 with its mark, CRLF."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Final, Protocol

from callcenter.exports.xlsx import Value

DELIMITERS: Final = (";", ",")
# What a spreadsheet takes for the beginning of a formula, also as wide letters.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
    return harmless(value)


def harmless(value: str) -> str:
    """With an apostrophe it is a text, wherever it is opened."""
    text = value.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
