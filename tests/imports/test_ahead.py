"""A second process makes the lines ahead: they are the same, and it ends with whoever began it."""

import asyncio
import os
import select
import sys
from asyncio.subprocess import PIPE
from multiprocessing import active_children

import pytest

from callcenter.config import ROOT
from callcenter.imports import ahead
from callcenter.imports.ahead import lines_ahead
from callcenter.imports.kept import encoded, lines_of
from callcenter.imports.models import State
from callcenter.imports.stored import Stored, write_rows
from callcenter.jobs.work import Cancelled
from callcenter.sheets.tables import Row
from tests.imports.test_kept import RULES
from tests.imports.workshop import Workshop

PIECE = 100
LONG = "x" * 10_000  # so that two pieces are more than a pipe takes: it waits in the middle
ROWS = [
    Row(n, [f"Lê Thị {LONG}", f"09{n:08}" if n % 3 else "12", "31/12/1990", "vip", "mara", ""])
    for n in range(2, 1000)
]


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(ahead, "WORTH", 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})


@pytest.fixture
def stored(tmp_path):
    write_rows(tmp_path, ROWS)
    return Stored(tmp_path, has_headings=False)


def pieces():
    return [ROWS[start : start + PIECE] for start in range(0, len(ROWS), PIECE)]


def alone(rows):
    lines = lines_of(rows, RULES)
    return lines, encoded(lines)


def test_they_are_the_lines_that_this_process_would_make_in_their_order(stored):
    with lines_ahead(stored, RULES, PIECE, len(ROWS)) as make:
        [second] = active_children()
        made = [make(rows) for rows in pieces()]

    assert made == [alone(rows) for rows in pieces()]
    assert second.exitcode in (0, -9)
    assert not active_children()


def test_it_goes_on_alone_once_the_second_process_is_killed(stored):
    first, *others = pieces()
    with lines_ahead(stored, RULES, PIECE, len(ROWS)) as make:
        made = [make(first)]
        [second] = active_children()
        second.kill()
        second.join()
        made += [make(rows) for rows in others]

    assert made == [alone(rows) for rows in pieces()]


def test_it_is_alone_where_no_process_can_be_begun(stored, monkeypatch):
    def start(process):
        raise BlockingIOError

    monkeypatch.setattr(ahead._forking.Process, "start", start)
    with lines_ahead(stored, RULES, PIECE, len(ROWS)) as make:
        assert [make(rows) for rows in pieces()] == [alone(rows) for rows in pieces()]


@pytest.mark.parametrize(("cores", "worth"), [({0}, 0), ({0, 1}, len(ROWS) + 1)])
def test_one_core_or_few_rows_begin_no_second_process(stored, monkeypatch, cores, worth):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: cores)
    monkeypatch.setattr(ahead, "WORTH", worth)

    with lines_ahead(stored, RULES, PIECE, len(ROWS)) as make:
        assert not active_children()
        assert make(ROWS[:PIECE]) == alone(ROWS[:PIECE])


def test_whoever_leaves_in_the_middle_leaves_no_process_behind(stored):
    with pytest.raises(Cancelled), lines_ahead(stored, RULES, PIECE, len(ROWS)) as make:
        make(ROWS[:PIECE])
        [second] = active_children()
        raise Cancelled

    assert not second.is_alive()
    assert not active_children()


def test_what_the_first_process_closes_is_closed(stored):
    """Whoever reads at the other end, as the service does a job's reports, is not kept waiting."""
    reader, writer = os.pipe()
    with lines_ahead(stored, RULES, PIECE, len(ROWS)):
        os.close(writer)
        ready, _, _ = select.select([reader], [], [], 20)
        [second] = active_children()
        assert second.is_alive()  # there is too much for the pipe
    assert ready
    os.close(reader)


async def test_it_ends_when_the_first_process_is_killed(stored):
    first = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.imports.standing", str(stored.folder)),
        stdout=PIPE,
        cwd=ROOT,
    )
    async with asyncio.timeout(30):
        assert await first.stdout.readline() == b"begun\n"
        first.kill()
        assert await first.stdout.read() == b""  # nobody has it open any more


async def test_a_check_with_two_processes_finds_the_same_and_its_end_leaves_none(
    engine, tmp_path, monkeypatch
):
    shop = Workshop(engine, tmp_path)
    await shop.open()
    file = [(f"K{n}" if n % 20 else "", f"09{n % 4000:08}") for n in range(5000)]
    counts = []
    for worth in (0, len(file) + 1):
        monkeypatch.setattr(ahead, "WORTH", worth)
        import_id = await shop.file(["Tên", "Số điện thoại"], file, ["name", "phone"])
        await shop.check(import_id)
        made = await shop.made(import_id)
        assert made.state == State.CHECKED
        counts.append(made.counts)

    assert counts[0] == counts[1]
    assert (counts[0]["rows"], counts[0]["missing"], counts[0]["duplicate"]) == (5000, 250, 950)
    assert not active_children()


async def test_a_check_that_is_cancelled_between_two_pieces_leaves_no_process(engine, tmp_path):
    shop = Workshop(engine, tmp_path)
    await shop.open()
    file = [(f"K{n}", f"09{n:08}") for n in range(9000)]
    import_id = await shop.file(["Tên", "Số điện thoại"], file, ["name", "phone"])

    with pytest.raises(Cancelled):
        await shop.check(import_id, looks=2)

    assert not active_children()
    assert (await shop.made(import_id)).state == State.CHOSEN
