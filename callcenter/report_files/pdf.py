"""A report as PDF: the company's header, the table over as many pages as it takes, definitions.

Drawn line by line instead of by a layout engine: thousands of rows take a second or two. The
letters are in the file, so that it looks the same everywhere.
"""

from collections.abc import Sequence
from typing import IO, Any, Final

from reportlab.pdfgen.canvas import Canvas

from callcenter.report_files.layout import (
    BOLD,
    LEADING,
    MARGIN,
    PAD,
    PLAIN,
    Block,
    Layout,
    Lines,
    lay_out,
    measure,
)
from callcenter.report_files.paper import Paper
from callcenter.reports.written import FIGURES

INK: Final = (0.1, 0.11, 0.13)
GREY: Final = (0.38, 0.41, 0.46)
LINE: Final = (0.82, 0.84, 0.87)
SHADE: Final = (0.945, 0.95, 0.96)


def write(paper: Paper, file: IO[bytes] | str) -> int:
    """The pages into `file`; how many they are."""
    laid = lay_out(paper)
    canvas = Canvas(file, pagesize=(laid.width, laid.height), pageCompression=1)
    canvas.setTitle(paper.title)
    canvas.setAuthor(paper.company[0] if paper.company else "")
    draw = _Drawing(canvas, paper, laid)
    for number, blocks in enumerate(laid.pages, start=1):
        draw.page(blocks, number)
    canvas.save()
    return len(laid.pages)


class _Drawing:
    def __init__(self, canvas: Any, paper: Paper, laid: Layout) -> None:
        self._canvas = canvas
        self._paper = paper
        self._laid = laid
        self._right = [each.kind in FIGURES for each in paper.headings]
        self._y = 0.0

    def page(self, blocks: Sequence[Block], number: int) -> None:
        self._y = self._laid.height - MARGIN
        for block in blocks:
            match block.kind:
                case "head":
                    self._head(block)
                case "words":
                    self._words(block)
                case _:
                    self._cells(block)
        self._foot(number)
        self._canvas.showPage()

    def _head(self, block: Block) -> None:
        company, title, facts = block.cells
        below = self._y - block.height
        if self._paper.company:
            self._line(self._paper.company[0], 11, BOLD, step=17)
        for line in company:
            self._line(line, 8, PLAIN, GREY, step=11)
        self._rule(self._y - 6, INK if self._paper.company else LINE)
        self._y -= 22
        for line in title:
            self._line(line, 15, BOLD, step=20)
        for line in facts:
            self._line(line, 8, PLAIN, GREY, step=11)
        self._y = below

    def _line(
        self, words: str, size: float, font: str, colour: tuple[float, ...] = INK, step: float = 0
    ) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.setFont(font, size)
        self._canvas.drawString(MARGIN, self._y - size, words)
        self._y -= step

    def _rule(self, y: float, colour: tuple[float, ...]) -> None:
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(MARGIN, y, self._laid.width - MARGIN, y)

    def _cells(self, block: Block) -> None:
        size, canvas = self._laid.size, self._canvas
        if block.kind != "row":
            canvas.setFillColorRGB(*SHADE)
            width = self._laid.width - 2 * MARGIN
            canvas.rect(MARGIN, self._y - block.height, width, block.height, stroke=0, fill=1)
        canvas.setFillColorRGB(*INK)
        canvas.setFont(PLAIN if block.kind == "row" else BOLD, size)
        x: float = MARGIN
        columns = zip(block.cells, self._laid.columns, self._right, strict=True)
        for lines, width, to_right in columns:
            self._cell(lines, x + width - PAD if to_right else x + PAD, to_right)
            x += width
        self._y -= block.height
        self._rule(self._y, LINE)

    def _cell(self, lines: Lines, x: float, to_right: bool) -> None:
        size = self._laid.size
        draw = self._canvas.drawRightString if to_right else self._canvas.drawString
        for number, line in enumerate(lines):
            draw(x, self._y - 3 - size - number * size * LEADING, line)

    def _words(self, block: Block) -> None:
        """A definition, what it is of in bold."""
        name, meaning = block.fact
        if not meaning:
            self._y -= 16
            self._line(name, 9, BOLD, step=18)
            return
        [lines] = block.cells
        bottom = self._y - block.height
        for number, line in enumerate(lines):
            if number == 0 and line.startswith(f"{name}: "):
                self._line(f"{name}: ", 8, BOLD)
                x = MARGIN + measure(f"{name}: ", 8, BOLD)
                self._canvas.setFont(PLAIN, 8)
                self._canvas.drawString(x, self._y - 8, line.removeprefix(f"{name}: "))
                self._y -= 8 * LEADING
            else:
                self._line(line, 8, PLAIN, step=8 * LEADING)
        self._y = bottom

    def _foot(self, number: int) -> None:
        canvas, paper = self._canvas, self._paper
        canvas.setFillColorRGB(*GREY)
        canvas.setFont(PLAIN, 7.5)
        names = [paper.title, *paper.company[:1]]
        canvas.drawString(MARGIN, 24, " · ".join(names)[:120])
        words = paper.page.format(n=number, all=len(self._laid.pages))
        canvas.drawRightString(self._laid.width - MARGIN, 24, words)
