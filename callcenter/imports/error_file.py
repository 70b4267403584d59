"""The process that writes error rows into a workbook: `python -m callcenter.imports.error_file`.

Its order comes on standard input as JSON. Cells are texts, so a formula in them is a text as well.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import xlsxwriter
from sqlalchemy import select

from callcenter.config import ROOT
from callcenter.db import engine_for
from callcenter.errors import N_, Invalid
from callcenter.imports.models import ImportRow, RowState
from callcenter.sheets import caps

PATIENCE_S = 120.0
_LONGEST = 32_767  # letters of a cell in Excel


class Order(msgspec.Struct):
    """`sentences` by code of a reason, `labels` by field, both in the language of who asks."""

    url: str
    import_id: int
    path: str
    headings: list[str]
    row_heading: str
    reason_heading: str
    sentences: dict[str, str]
    labels: dict[str, str]


async def write_apart(order: Order) -> None:
    """Write the workbook, in a process of its own. Raises Invalid when that fails."""
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL"),
        *(sys.executable, "-m", "callcenter.imports.error_file"),
        stdin=PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            await process.communicate(msgspec.json.encode(order))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise Invalid(N_("The file could not be made. Try again."))


async def main(order: Order) -> None:
    caps.limit_memory()
    engine = engine_for(order.url)
    how = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(order.path, how) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet = book.add_worksheet()
        sheet.set_column(0, len(order.headings) + 1, 22, text)
        for column, heading in enumerate(
            [*order.headings, order.reason_heading, order.row_heading]
        ):
            sheet.write_string(0, column, heading, bold)
        async with engine.connect() as connection:
            found = await connection.stream(
                select(ImportRow.number, ImportRow.texts, ImportRow.reasons)
                .where(ImportRow.import_id == order.import_id, ImportRow.state == RowState.OPEN)
                .order_by(ImportRow.number, ImportRow.id)
            )
            line = 0
            async for number, texts, reasons in found:
                line += 1
                said = "; ".join(_said(order, reason) for reason in reasons)
                for column, cell in enumerate([*texts, said, str(number)]):
                    sheet.write_string(line, column, cell[:_LONGEST], text)
        sheet.freeze_panes(1, 0)
    await engine.dispose()


def _said(order: Order, reason: dict[str, object]) -> str:
    label = order.labels.get(str(reason["field"]), "")
    return order.sentences[str(reason["code"])].format(**{**reason, "label": label})


if __name__ == "__main__":
    caller = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    Path(caller.path).touch(mode=0o600)
    asyncio.run(main(caller))
