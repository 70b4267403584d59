"""A report as CSV that Excel opens with a double click: UTF-8 with its mark, semicolons."""

import csv
from collections.abc import Iterator, Sequence
from typing import Final, TextIO

from callcenter.exports.csv_file import harmless
from callcenter.report_files.paper import Paper
from callcenter.report_files.texts import text
from callcenter.reports.frame import Value

DELIMITER: Final = ";"


def write(paper: Paper, file: TextIO) -> None:
    """Headings, rows and the total into `file`, opened as utf-8-sig with newline=""."""
    writer = csv.writer(file, delimiter=DELIMITER)
    writer.writerow(harmless(each.title) for each in paper.headings)
    writer.writerows(_lines(paper))


def _lines(paper: Paper) -> Iterator[list[str]]:
    for row in paper.rows:
        yield _line(paper, row)
    if paper.total:
        yield _line(paper, paper.total)


def _line(paper: Paper, row: Sequence[Value]) -> list[str]:
    return [
        harmless(value)
        if isinstance(value, str)
        else text(value, heading, paper.language, grouped=False)
        for value, heading in zip(row, paper.headings, strict=True)
    ]
