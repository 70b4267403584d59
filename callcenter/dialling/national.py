"""The national list as a file: which of its cells are numbers, and what is wrong with the others.

It comes as it is published: xlsx, CSV, or a text with a number in each line; with headings or
without, and with the 0 eaten that Excel takes for nothing. Plain functions, for a child process.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import N_, Invalid
from callcenter.sheets import csv_files, reader
from callcenter.sheets.caps import MB, Caps

CAPS: Final = Caps(size=60 * MB, rows=1_200_000, cells=12_000_000)
MOST_BAD = 1_000  # rows that are kept with their reasons
_LOOKED_AT = 200  # rows, for which column has the numbers
_BINARY: Final = (b"PK", b"\xd0\xcf\x11\xe0")
_EATEN = re.compile(r"[35789]\d{8}|2\d{9}")  # a number without its 0
_HEADING = re.compile(r"\D*")

Line = tuple[int, Sequence[str]]


@dataclass(slots=True)
class Found:
    """`keys` of customers.numbers; `bad`: (row, what stands there, why), the first of them."""

    keys: set[str] = field(default_factory=set)
    bad: list[tuple[int, str, Invalid]] = field(default_factory=list)
    bad_count: int = 0
    doubled: int = 0


def lines_of(path: Path) -> list[Line]:
    """The rows of that file with their numbers. Raises Invalid."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_BINARY):
        sheet = reader.read(path, CAPS)
        return [(sheet.heading_row, sheet.headings), *((r.number, r.texts) for r in sheet.rows)]
    if path.stat().st_size > CAPS.size:
        raise Invalid(N_("This file is larger than {n} MB."), n=CAPS.size // MB)
    text = csv_files.decoded(path.read_bytes())
    splitter = re.compile(r"[;,\t|]")
    rows = io.StringIO(text, newline=None)
    found: list[Line] = []
    for number, line in enumerate(rows, 1):
        if line.strip():
            found.append((number, [cell.strip(" \"'") for cell in splitter.split(line)]))
        if len(found) > CAPS.rows:
            raise Invalid(N_("There are more than {n} rows in this file."), n=CAPS.rows)
    if not found:
        raise Invalid(N_("There is nothing in this file."))
    return found


def find_numbers(lines: Sequence[Line], found: Found) -> Iterator[int]:
    """Fill `found`; yields how many rows are read, now and then and at the end. Raises Invalid when
    no column has numbers."""
    column = column_of(lines)
    for done, (row, texts) in enumerate(lines, 1):
        text = texts[column].strip() if column < len(texts) else ""
        _take(found, row, text, is_first=done == 1)
        if done % 5_000 == 0:
            yield done
    yield len(lines)


def column_of(lines: Sequence[Line]) -> int:
    """Where the numbers are: the column with the most of them. Raises Invalid."""
    some = lines[:_LOOKED_AT]
    width = max(len(texts) for _, texts in some)
    counts = [
        sum(column < len(texts) and _key(texts[column]) != "" for _, texts in some)
        for column in range(width)
    ]
    best = max(range(width), key=lambda each: counts[each])
    if counts[best] * 2 < len(some) - 1 or not counts[best]:
        raise Invalid(N_("No column of this file has phone numbers."))
    return best


def _take(found: Found, row: int, text: str, *, is_first: bool) -> None:
    if is_first and _HEADING.fullmatch(text):
        return
    try:
        key = key_of(dialable(whole(text)))
    except Invalid as problem:
        found.bad_count += 1
        if len(found.bad) < MOST_BAD:
            found.bad.append((row, text[:64], problem))
        return
    if key in found.keys:
        found.doubled += 1
    found.keys.add(key)


def _key(text: str) -> str:
    try:
        return key_of(dialable(whole(text)))
    except Invalid:
        return ""


def whole(text: str) -> str:
    """With the 0 that Excel has eaten, and without the .0 that it has added."""
    text = text.strip().removesuffix(".0")
    return "0" + text if _EATEN.fullmatch(text) else text


def write_bad(path: Path, bad: Iterable[tuple[int, str, Invalid]]) -> None:
    """Row, text, message id and values of each, for the page."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row, text, problem in bad:
            writer.writerow([row, text, problem.sentence, problem.values.get("number", "")])


def read_bad(path: Path, most: int) -> list[tuple[int, str, str, dict[str, str]]]:
    """What `write_bad` wrote: (row, text, message id, its values)."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [each for each, _ in zip(csv.reader(file), range(most), strict=False)]
    return [(int(row), text, said, {"number": number}) for row, text, said, number in rows]
