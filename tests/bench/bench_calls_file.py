"""1,000,000 calls taken out as CSV and 100,000 as xlsx: python -m tests.bench.bench_calls_file

Ours is the whole way, in the process that a job gets: read from the database in pieces, put into
words, written, noted in the audit. The reference for CSV is Python's own sqlite3 and csv, which
copy the same columns of the same join as they stand in the table, without words, names, zones or
progress; for xlsx it is openpyxl's write-only mode, writing the same cells that are ready made in
memory, and nothing else. Memory is what the child's process had at most (RSS).
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import insert

from callcenter.calls.models import CallNote, CallRecord, Outcome
from callcenter.customers.models import Customer
from callcenter.db import engine_for
from callcenter.jobs.work import Order
from callcenter.migrations import migrate
from callcenter.people.models import User
from tests.bench.bench_export import OURS, reference
from tests.bench.report import keep

CALLS, SHEET, PIECE = 1_000_000, 100_000, 10_000
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
PLAIN_CSV = """
import csv, sqlite3, sys, time
began = time.perf_counter()
found = sqlite3.connect(sys.argv[1]).execute(
    "SELECT calls.started_at, direction, number, customers.name, calls.user_id,"
    " calls.department_id, queue, did, waited_s, talked_s, held_s, result, outcome,"
    " call_notes.note, calls.call_id FROM calls"
    " LEFT JOIN call_notes ON call_notes.call_id = calls.call_id"
    " LEFT JOIN customers ON customers.id = calls.customer_id"
    " ORDER BY calls.started_at DESC, calls.call_id DESC"
)
with open(sys.argv[2], "w", encoding="utf-8-sig", newline="") as file:
    csv.writer(file, delimiter=";").writerows(found)
print(time.perf_counter() - began)
"""


async def fill(url: str) -> None:
    """Calls as a busy house has them: two of three with customers, one of four with a note."""
    engine = engine_for(url)
    await migrate(engine)
    async with engine.begin() as connection:
        root = {"id": 1, "username": "root", "name": "Nguyễn Quản Trị", "password": "x"}
        more = {"role": "superadmin", "language": "vi", "theme": "system", "active": True}
        await connection.execute(insert(User).values(root | more))
        outcome = {"code": "sold", "name_vi": "Đã bán", "name_en": "Sold", "position": 1}
        await connection.execute(insert(Outcome).values(outcome))
        times = {"created_at": NOW, "updated_at": NOW}
        people = [
            {"id": n, "code": f"K{n}", "name": f"Trần Thị Mỹ Hạnh {n}", "search_key": "x", **times}
            for n in range(1, 5001)
        ]
        await connection.execute(insert(Customer), people)
        for start in range(0, CALLS, PIECE):
            numbers = range(start, start + PIECE)
            await connection.execute(insert(CallRecord), [call(n) for n in numbers])
            await connection.execute(insert(CallNote), [note(n) for n in numbers if n % 4 == 0])
    await engine.dispose()


def call(n: int) -> dict[str, object]:
    started = NOW - timedelta(seconds=31 * n)
    answered = n % 5 > 0
    return {
        "call_id": f"exchange-{1_700_000_000 + n}.{n}",
        "direction": "inbound" if n % 2 else "outbound",
        "state": "ended",
        "number": f"09{n % 20_000:08}",
        "number_key": f"+849{n % 20_000:08}",
        "queue": "sales" if n % 2 else None,
        "did": "02873001234",
        "user_id": 1,
        "customer_id": n % 5000 + 1 if n % 3 else None,
        "started_at": started,
        "ended_at": started + timedelta(seconds=n % 300),
        "result": "answered" if answered else "abandoned",
        "waited_s": float(n % 40),
        "talked_s": float(n % 260) if answered else 0.0,
    }


def note(n: int) -> dict[str, object]:
    words = "Gọi lại sau 17 giờ, hỏi về hợp đồng."
    of = f"exchange-{1_700_000_000 + n}.{n}"
    return {
        "call_id": of,
        "user_id": 1,
        "note": words,
        "outcome": "sold",
        "updated_at": NOW,
        "version": 1,
    }


def ours(url: str, folder: Path, form: str, of: str, expected: int) -> tuple[float, int]:
    """(seconds, MB) of one file in a job's own process, from its start to its end."""
    params = {"format": form, "of": of, "user_id": 1, "language": "vi", "zone": "Asia/Ho_Chi_Minh"}
    order = Order(
        job_id=1,
        run="callcenter.report_files.calls_work:run",
        params=params,
        attempt=1,
        database_url=url,
        folder=str(folder),
        memory_mb=1024,
    )
    began = time.perf_counter()
    child = subprocess.Popen(OURS, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin and child.stdout
    child.stdin.write(msgspec.json.encode(order) + b"\n")
    child.stdin.flush()
    said = child.stdout.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if f'"rows":{expected}' not in said:
        raise SystemExit(f"the file failed: {said}")
    return time.perf_counter() - began, used.ru_maxrss // 1024


def plain_csv(folder: Path) -> float:
    command = [sys.executable, "-c", PLAIN_CSV]
    files = [str(folder / "bench.db"), str(folder / "plain.csv")]
    return float(subprocess.run([*command, *files], check=True, capture_output=True).stdout)


def measured(
    name: str, rows: int, goal_seconds: float, mine: tuple[float, int], other: Callable[[], float]
) -> None:
    seconds, memory = mine
    theirs = other()
    keep(
        {
            "name": name,
            "unit": "calls of 15 columns per second",
            "ours": round(rows / seconds),
            "reference": round(rows / theirs),
            "ratio": round(theirs / seconds, 3),
            "seconds": round(seconds, 2),
            "goal_seconds": goal_seconds,
            "most_memory_mb": memory,
            "goal_memory_mb": 150,
        }
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
        asyncio.run(fill(url))
        last = NOW - timedelta(seconds=31 * (SHEET - 1))  # in the company's zone: a day to spare
        csv = ours(url, folder, "csv", "", CALLS)
        measured("calls_csv", CALLS, 30.0, csv, lambda: plain_csv(folder))
        asyncio.run(only(url, last))
        xlsx = ours(url, folder, "xlsx", "", SHEET)
        book, other = folder / "report.xlsx", folder / "other.xlsx"
        measured("calls_xlsx", SHEET, 10.0, xlsx, lambda: reference(book, other))


async def only(url: str, since: datetime) -> None:
    """Leave the newest calls, for the workbook."""
    engine = engine_for(url)
    async with engine.begin() as connection:
        await connection.execute(CallRecord.__table__.delete().where(CallRecord.started_at < since))
    await engine.dispose()


if __name__ == "__main__":
    main()
