"""The lines of a drawn table as HTML, which in a template would take several times as long: a page
of five hundred agents has fifteen thousand cells, and nobody else is served meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from markupsafe import Markup

from callcenter.errors import N_
from callcenter.pages.formats import NOTHING, Formats
from callcenter.pages.language import Words
from callcenter.reports.asked import query_of
from callcenter.reports.comparing import choices
from callcenter.reports.written import FIGURES, Cell, Drawn, Written

TOTAL, BEFORE = N_("Total"), N_("before:")


def for_pages(words: Words, formats: Formats) -> dict[str, Callable[..., Any]]:
    """The filters that reports/parts.html draws with."""
    return {
        "drawn": Written(words, formats).drawn,
        "table_lines": lambda drawn: body(drawn, words.say),
        "table_total": lambda drawn: foot(drawn, words.say),
        "query_of": query_of,
        "comparisons": choices,
    }


def body(drawn: Drawn, say: Callable[[str], str]) -> Markup:
    opens, before = _opens(drawn), escape(say(BEFORE))
    return Markup("\n".join(_line(cells, opens, before, of_head=True) for cells in drawn.rows))


def foot(drawn: Drawn, say: Callable[[str], str]) -> Markup:
    """The total; nothing where nothing is to be said."""
    cells = [replace(each, text="") if each.text == NOTHING else each for each in drawn.total]
    cells[0] = Cell(say(TOTAL))
    return Markup(_line(cells, _opens(drawn), escape(say(BEFORE)), of_head=False))


def _opens(drawn: Drawn) -> list[str]:
    """How each column's cells begin."""
    return [
        f'<td data-label="{escape(title)}"' + (' class="n"' if column.kind in FIGURES else "")
        for column, title, _ in drawn.headings
    ]


def _line(cells: Sequence[Cell], opens: Sequence[str], before: str, *, of_head: bool) -> str:
    """With `of_head` the first cell is the heading of the line."""
    found = [_cell(cell, opened, before) for cell, opened in zip(cells, opens, strict=True)]
    if of_head:
        first = cells[0]
        num = f' class="num" data-v="{first.sort}"' if first.sort else ""
        found[0] = f'<th scope="row"{num}>{_words(first, before)}</th>'
    return f"<tr>{''.join(found)}</tr>"


def _cell(cell: Cell, opened: str, before: str) -> str:
    sort = f' data-v="{cell.sort}"' if cell.sort else ""
    return f"{opened}{sort}>{_words(cell, before)}</td>"


def _words(cell: Cell, before: str) -> str:
    words = escape(cell.text)
    if cell.href:
        words = f'<a class="link" href="{escape(cell.href)}">{words}</a>'
    if not cell.was:
        return words
    change = f"<b>{escape(cell.change)}</b> " if cell.change else ""
    was = f'<span class="vh">{before}</span><i>{escape(cell.was)}</i>'
    return f'{words}<span class="was">{change}{was}</span>'
