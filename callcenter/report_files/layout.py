"""Where everything of a report stands on its pages: widths of columns, heights of rows, breaks.

Measured before anything is drawn, so that the first page can say how many there are. In points.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from callcenter.errors import N_, CallcenterError
from callcenter.report_files.paper import Paper
from callcenter.report_files.texts import text
from callcenter.reports.frame import Kind, Value

# Debian's fonts-dejavu-core, and where other systems keep the same.
FOLDERS: Final = tuple(
    Path("/usr/share/fonts") / each for each in ("truetype/dejavu", "dejavu-sans-fonts", "TTF")
)
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN, FOOT = 36, 44  # the foot is below, with its line
PAD: Final = 4  # beside what stands in a cell
LEADING: Final = 1.35
SIZES: Final = (8.5, 8, 7.5, 7, 6.5, 6)  # of the table's letters, the largest that fits
LOOKED_AT: Final = 400  # rows, for the widths
NARROWEST: Final = 22
LINES: Final = 4  # of a cell; more is cut
LONGEST: Final = 500  # letters of a line: more of the narrowest do not fit on the widest page

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together: the lines of each cell, or of the whole width."""

    kind: str  # head, heading, row, total, words
    height: float
    cells: Sequence[Lines] = ()
    fact: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Layout:
    width: float
    height: float
    size: float  # of the table's letters
    columns: Sequence[float]  # widths
    pages: Sequence[Sequence[Block]]


def lay_out(paper: Paper) -> Layout:
    """The pages of `paper`: upright where its columns fit, else lying, else in smaller letters."""
    fonts()
    (width, height), size, columns = _fit(paper)
    room = width - 2 * MARGIN
    heading = _row_block("heading", [each.title for each in paper.headings], columns, size)
    return Layout(
        width,
        height,
        size,
        columns,
        _paged(_blocks(paper, columns, size, room), heading, height - MARGIN - FOOT),
    )


@lru_cache(1)
def fonts() -> None:
    """The letters, which have all of Vietnamese. Raises CallcenterError when they are missing."""
    for folder in FOLDERS:
        try:
            for name in (PLAIN, BOLD):
                pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
            return
        except TTFError:
            continue
    raise CallcenterError(N_("The font for PDF is missing: install Debian’s fonts-dejavu-core."))


def measure(words: str, size: float, font: str = PLAIN) -> float:
    return float(pdfmetrics.stringWidth(words, font, size))


def split(words: str, size: float, width: float, font: str = PLAIN, most: int = LINES) -> Lines:
    """In lines of that width, the last one cut where there would be more than `most`."""
    words = words[: most * LONGEST]
    if "\n" not in words and measure(words, size, font) <= width:
        return [words]
    lines: Lines = []
    for line in simpleSplit(words, font, size, width):
        lines += _cut(line, size, width, font)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return lines or [""]


def shown(paper: Paper, row: Sequence[Value]) -> list[str]:
    return [
        text(value, heading, paper.language, grouped=True)
        for value, heading in zip(row, paper.headings, strict=True)
    ]


def _cut(line: str, size: float, width: float, font: str) -> Lines:
    """A word without spaces may be wider than its column."""
    lines = []
    while len(line) > 1 and measure(line, size, font) > width:
        letters = max(1, int(len(line) * width / measure(line, size, font)))
        lines.append(line[:letters])
        line = line[letters:]
    return [*lines, line]


def _fit(paper: Paper) -> tuple[tuple[float, float], float, list[float]]:
    step = max(1, len(paper.rows) // LOOKED_AT)
    looked_at = [shown(paper, row) for row in paper.rows[::step]]
    if paper.total:
        looked_at.append(shown(paper, paper.total))
    for page in (A4, landscape(A4)):
        for size in SIZES[:2] if page == A4 else SIZES:
            columns = _wanted(paper, looked_at, size)
            if sum(columns) <= page[0] - 2 * MARGIN:
                return page, size, _stretched(columns, page[0] - 2 * MARGIN)
    return page, size, _squeezed(paper, columns, page[0] - 2 * MARGIN)


def _wanted(paper: Paper, rows: Sequence[Sequence[str]], size: float) -> list[float]:
    widths = []
    for place, heading in enumerate(paper.headings):
        word = max((measure(each, size, BOLD) for each in heading.title.split()), default=0)
        longest = max((row[place] for row in rows), key=len, default="")[:LONGEST]
        widths.append(max(NARROWEST, word, measure(longest, size, BOLD) * 1.02) + 2 * PAD)
    return widths


def _stretched(columns: Sequence[float], room: float) -> list[float]:
    """The first one takes a little of what is left, the others share the rest."""
    rest = room - sum(columns)
    return [width + rest / len(columns) for width in columns]


def _squeezed(paper: Paper, columns: Sequence[float], room: float) -> list[float]:
    """Texts give way first: they can be written in several lines."""
    over = sum(columns) - room
    texts = [
        width - 3 * NARROWEST if heading.kind is Kind.TEXT and width > 3 * NARROWEST else 0.0
        for width, heading in zip(columns, paper.headings, strict=True)
    ]
    share = min(1.0, over / sum(texts)) if sum(texts) else 0.0
    narrower = [width - give * share for width, give in zip(columns, texts, strict=True)]
    scale = min(1.0, room / sum(narrower))
    return [width * scale for width in narrower]


def _blocks(paper: Paper, columns: Sequence[float], size: float, room: float) -> Iterable[Block]:
    yield _head(paper, room)
    for row in paper.rows:
        yield _row_block("row", shown(paper, row), columns, size)
    if paper.total:
        yield _row_block("total", shown(paper, paper.total), columns, size)
    if paper.meanings:
        yield Block("words", 34, fact=(paper.counted, ""))
    for name, meaning in paper.meanings:
        # The name is in bold, which is a little wider.
        lines = split(f"{name}: {meaning}", 8, room - 20, most=20)
        yield Block("words", len(lines) * 8 * LEADING + 3, [lines], (name, meaning))


def _head(paper: Paper, room: float) -> Block:
    company = [line for each in paper.company[1:] for line in split(each, 8, room, most=3)]
    asked = " · ".join(f"{name}: {value}" for name, value in paper.facts)
    title = split(paper.title, 15, room, BOLD, most=2)
    facts = split(asked, 8, room, most=8)
    height = 17 * bool(paper.company) + 11 * len(company) + 22 + 20 * len(title)
    return Block("head", height + 11 * len(facts) + 10, [company, title, facts])


def _row_block(kind: str, cells: Sequence[str], columns: Sequence[float], size: float) -> Block:
    font = PLAIN if kind == "row" else BOLD
    lines = [
        split(each, size, width - 2 * PAD, font) for each, width in zip(cells, columns, strict=True)
    ]
    return Block(kind, max(map(len, lines), default=1) * size * LEADING + 6, lines)


def _paged(blocks: Iterable[Block], heading: Block, room: float) -> list[list[Block]]:
    """On pages of that height; wherever the table goes on, its heading stands above it."""
    pages: list[list[Block]] = [[]]
    left = room
    for block in blocks:
        of_table = block.kind in ("row", "total")
        above = of_table and not any(each.kind == "heading" for each in pages[-1])
        if pages[-1] and block.height + above * heading.height > left:
            pages.append([])
            left, above = room, of_table
        if above:
            pages[-1].append(heading)
            left -= heading.height
        pages[-1].append(block)
        left -= block.height
    return pages
