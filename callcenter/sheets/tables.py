"""What a file is once it is read: headings, and rows of texts with their numbers."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from callcenter.errors import N_, Invalid
from callcenter.sheets.caps import Caps


class Row(NamedTuple):
    """One line of the table. `texts` has as many as there are headings."""

    number: int  # as Excel shows it, beginning with 1
    texts: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table. Columns go by their place in `headings`: two may be called alike, some nothing."""

    kind: str  # "xlsx", "xls" or "csv"
    headings: list[str]
    heading_row: int  # its number as Excel shows it
    rows: list[Row]
    empty_rows: int  # that were skipped above, between and below the others
    first_column: int = 0  # 1 when the table begins in Excel's column B
    problems: list[Invalid] = field(default_factory=list)  # what should be known before it is used

    def without_headings(self) -> "Sheet":
        """The same where the first row is a customer already: no headings, one row more."""
        first = Row(self.heading_row, self.headings)
        names = ["" for _ in self.headings]
        return replace(self, headings=names, rows=[first, *self.rows], problems=[])

    def letter(self, column: int) -> str:
        """What Excel calls a column: 0 is "A" where the table begins there."""
        return letter_of(self.first_column + column)


def letter_of(column: int) -> str:
    """ "A" for 0, "Z" for 25, "AA" for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def tidy(text: str, longest: int) -> str:
    """A cell's text: composed letters (NFC), no blanks around it, no NUL, "\\n" between lines.

    One that is too long keeps `longest` + 1 letters, so that it is still found to be too long.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.strip()
    return text if len(text) <= longest else text[: longest + 1]


def sheet_of(
    lines: Iterable[tuple[int, list[str]]], caps: Caps, *, kind: str, first_column: int = 0
) -> Sheet:
    """The table in numbered lines of tidy texts: its headings are the first that is not empty.

    It keeps and evens out the very lists it is given. Raises Invalid when there is nothing in
    them, or more than the caps allow.
    """
    written: list[Row] = []
    width = empty = 0
    for number, texts in lines:
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            empty += 1
            continue
        if len(texts) > width:
            width = len(texts)
            check_columns(width, caps)
        if len(written) == caps.rows:
            raise Invalid(
                N_("There are more than {n} rows in this file. Divide it into several."),
                n=caps.rows,
            )
        written.append(Row(number, texts))
    if not written:
        raise nothing()
    for row in written:
        if missing := width - len(row.texts):
            row.texts.extend([""] * missing)
    heading_row, headings = written[0]
    return Sheet(
        kind=kind,
        headings=[" ".join(heading.split()) for heading in headings],
        heading_row=heading_row,
        rows=written[1:],
        empty_rows=empty,
        first_column=first_column,
        problems=list(chain(_twice(headings), _no_rows(written))),
    )


def check_columns(columns: int, caps: Caps) -> None:
    """Raises Invalid when a table is wider than anybody's list of customers."""
    if columns > caps.columns:
        raise Invalid(
            N_("This table has {n} columns; {most} can be read. Delete those you do not need."),
            n=columns,
            most=caps.columns,
        )


def nothing() -> Invalid:
    return Invalid(N_("There is nothing in this file."))


def _twice(headings: Sequence[str]) -> Iterable[Invalid]:
    seen = Counter(" ".join(heading.split()).casefold() for heading in headings)
    named = {" ".join(heading.split()).casefold(): heading for heading in headings if heading}
    for key, heading in named.items():
        if seen[key] > 1:
            yield Invalid(
                N_("{n} columns have the heading “{heading}”. Choose what each of them is."),
                n=seen[key],
                heading=" ".join(heading.split())[:80],
            )


def _no_rows(written: Sequence[Row]) -> Iterable[Invalid]:
    if len(written) == 1:
        yield Invalid(N_("There is nothing below the headings of this file."))
