"""The kinds of file a report is taken out as."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcenter.errors import N_, Invalid
from callcenter.report_files import csv_file, xlsx
from callcenter.report_files.paper import Paper
from callcenter.reports.asked import Asked


@dataclass(frozen=True, slots=True)
class Form:
    """`at_once`: so many cells are written while somebody waits, in a thread; beyond, as long
    work. `kept`: so many rows at most, None: all."""

    name: str  # the file's ending
    label: str
    media_type: str
    write: Callable[[Paper, Path], None]
    at_once: int
    most: int | None = None


def _pdf(paper: Paper, path: Path) -> None:
    from callcenter.report_files import pdf  # a big library, for who prints only

    pdf.write(paper, str(path))


def _csv(paper: Paper, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        csv_file.write(paper, file)


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Final = {
    form.name: form
    for form in (
        Form("xlsx", "Excel", _XLSX, xlsx.write, at_once=20_000),
        Form("csv", "CSV", "text/csv; charset=utf-8", _csv, at_once=40_000),
        Form("pdf", "PDF", "application/pdf", _pdf, at_once=6_000, most=20_000),
    )
}


def form_of(name: str) -> Form:
    """Raises Invalid."""
    if name not in FORMS:
        raise Invalid(N_("Choose a kind of file."), "format")
    return FORMS[name]


def check(paper: Paper, form: Form) -> None:
    """Raises Invalid for what nobody could read or print."""
    if form.most is not None and len(paper.rows) > form.most:
        raise Invalid(
            N_("A PDF has {n} rows at most. Choose a shorter period, or Excel."), n=form.most
        )


def cells(paper: Paper) -> int:
    return len(paper.rows) * len(paper.headings)


def file_name(paper: Paper, asked: Asked, form: Form) -> str:
    """As it lies in somebody's downloads: of which report and which days."""
    days = f"{asked.since}" if asked.since == asked.until else f"{asked.since} {asked.until}"
    return f"{paper.title} {days}.{form.name}"
