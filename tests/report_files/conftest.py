"""These tests visit the pages, or ask for files as a job does. One report that needs no calls."""

from datetime import date

import pytest

from callcenter.reports import registry
from callcenter.reports.frame import Column, Kind, Report, Row, Table
from tests.pages.site import password_hash, site

__all__ = ["made", "password_hash", "site"]

COLUMNS = (
    Column("who", "Employee", Kind.TEXT),
    Column("day", "Day", Kind.DAY),
    Column("calls", "Calls", Kind.COUNT, "All calls."),
    Column("talk", "Talk time", Kind.SECONDS),
    Column("share", "Answered", Kind.SHARE),
)


def table(rows: int, at: date) -> Table:
    return Table(
        COLUMNS,
        [Row((f"Nguyễn Thị Ngọc Ẩn {n}", at, n, 61.0 * n, 0.25)) for n in range(rows)],
        Row((None, None, sum(range(rows)), 12.0, 0.25)),
    )


@pytest.fixture
def made(monkeypatch):
    """A report "made" with as many rows as `made["rows"]` says, for whom `made["askers"]` tells."""
    about = {"rows": 3, "askers": []}

    async def answer(session, asker, asked):
        about["askers"].append(asker)
        return table(about["rows"], asked.since)

    monkeypatch.setitem(registry.REPORTS, "made", Report("made", "Call report", answer))
    return about
