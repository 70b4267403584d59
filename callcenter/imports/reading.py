"""The process that reads an uploaded file: `python -m callcenter.imports.reading FOLDER`.

It says what it found in one line of JSON on standard output and leaves the rows in the folder. Its
memory is limited; when it dies of that, `read_apart` says that the file is too large.
"""

import asyncio
import hashlib
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import msgspec

from callcenter.config import ROOT
from callcenter.customers.search import key_of
from callcenter.errors import N_, Invalid
from callcenter.imports import columns
from callcenter.imports.stored import write_rows
from callcenter.sheets import caps, reader
from callcenter.sheets.tables import Row, Sheet

UPLOAD = "upload"  # the file in its folder
PATIENCE_S = 120.0
EXAMPLES = 4  # of each column
_LOOKED_AT = 200  # rows, for examples

_one_at_a_time = asyncio.Semaphore(1)


class Facts(msgspec.Struct):
    """What is known of a file. `rows` has the headings among them, `texts` are the first row's."""

    kind: str  # "xlsx", "xls", "csv"
    texts: list[str]
    rows: int
    empty_rows: int
    letters: list[str]  # Excel's of the columns
    has_headings: bool
    guess: list[str]
    examples: list[list[str]]  # of each column, below the headings
    problems: list[dict[str, Any]]  # sentences: {"text", "values"}
    headings_key: str = ""


async def read_apart(folder: Path) -> Facts:
    """What the upload in `folder` is, read by a process of its own; its rows are kept there.

    Raises Invalid with a sentence for whoever uploaded it.
    """
    async with _one_at_a_time:
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL"),
            *(sys.executable, "-m", "callcenter.imports.reading", str(folder)),
            stdin=None,
            stdout=PIPE,
            cwd=ROOT,
            start_new_session=True,  # Ctrl+C is for the service
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                said, _ = await process.communicate()
        except TimeoutError:
            raise _too_large() from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode or not said:
        raise _too_large()
    found = msgspec.json.decode(said)
    if "problem" in found:
        raise Invalid(found["problem"]["text"], **found["problem"]["values"])
    return msgspec.convert(found, Facts)


def main(folder: Path) -> dict[str, Any]:
    caps.limit_memory()
    try:
        sheet = reader.read(folder / UPLOAD)
    except Invalid as error:
        return {"problem": _sentence(error)}
    rows = [Row(sheet.heading_row, sheet.headings), *sheet.rows]
    write_rows(folder, rows)
    found: dict[str, Any] = msgspec.to_builtins(facts_of(sheet))
    return found


def facts_of(sheet: Sheet) -> Facts:
    """First whether the first row has headings, then which column is which field."""
    texts = [row.texts for row in sheet.rows[:_LOOKED_AT]]
    headed = columns.has_headings(sheet.headings, texts)
    below = sheet if headed else sheet.without_headings()
    texts = [row.texts for row in below.rows[:_LOOKED_AT]]
    return Facts(
        kind=sheet.kind,
        texts=sheet.headings,
        rows=len(sheet.rows) + 1,
        empty_rows=sheet.empty_rows,
        letters=[sheet.letter(column) for column in range(len(sheet.headings))],
        has_headings=headed,
        guess=columns.guess(below.headings, texts),
        examples=[_examples(texts, column) for column in range(len(sheet.headings))],
        problems=[_sentence(problem) for problem in below.problems],
        headings_key=headings_key(sheet.headings),
    )


def headings_key(headings: list[str]) -> str:
    """The same for files whose columns are called alike, in the same order."""
    return hashlib.sha256("\n".join(map(key_of, headings)).encode()).hexdigest()


def _examples(rows: list[list[str]], column: int) -> list[str]:
    found = dict.fromkeys(row[column][:60] for row in rows if row[column])
    return list(found)[:EXAMPLES]


def _sentence(error: Invalid) -> dict[str, Any]:
    return {"text": error.sentence, "values": error.values}


def _too_large() -> Invalid:
    return Invalid(N_("This file is too large to be read. Divide it into several."))


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(main(Path(sys.argv[1]))).decode())
