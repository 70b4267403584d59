"""Reads an uploaded workbook in a process of its own: `python -m callcenter.catalogues.reading`.

A file made to exhaust the memory ends that process, not the service.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from callcenter.errors import N_, Invalid
from callcenter.sheets.caps import MB, Caps, limit_memory
from callcenter.sheets.reader import read

CAPS = Caps(size=2 * MB, unpacked=100 * MB, rows=20_001, columns=64)
PATIENCE_S = 60.0
TOO_LARGE = N_("This file is too large to be read. Divide it into several.")


class Read(msgspec.Struct):
    headings: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    problem: str = ""  # a sentence, with its values
    values: dict[str, Any] = {}


async def table(content: bytes) -> Read:
    """The table in a file. Raises Invalid with a sentence for whoever uploaded it."""
    with tempfile.NamedTemporaryFile(prefix="callcenter-places-") as file:
        await asyncio.to_thread(Path(file.name).write_bytes, content)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__, file.name), stdout=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                said, _ = await child.communicate()
        except TimeoutError:
            raise Invalid(TOO_LARGE) from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode != 0:
        raise Invalid(TOO_LARGE)
    found = await asyncio.to_thread(msgspec.json.decode, said, type=Read)
    if found.problem:
        raise Invalid(found.problem, **found.values)
    return found


def main() -> None:
    limit_memory()
    try:
        sheet = read(Path(sys.argv[1]), CAPS)
        rows = [(row.number, row.texts) for row in sheet.rows]
        found = Read(headings=sheet.headings, rows=rows)
    except Invalid as error:
        values = {k: v if isinstance(v, int) else str(v) for k, v in error.values.items()}
        found = Read(problem=error.sentence, values=values)
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
