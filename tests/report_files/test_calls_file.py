"""The list of calls as a file [7.5]: every call that the list shows, in its order, on both
databases; who may take it out."""

import csv
import os
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from callcenter.calls.models import CallNote, CallRecord, Outcome
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.errors import Forbidden, Invalid
from callcenter.jobs.models import Job
from callcenter.jobs.work import Order, Work
from callcenter.people.models import AuditEntry, Department, User
from callcenter.report_files import calls_work
from callcenter.report_files.calls_work import CallsWish

NOW = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)  # after midnight in the company


@pytest.fixture
async def company(sessions):
    async with sessions.begin() as session:
        session.add(Department(id=1, name="Bán hàng"))
        await session.flush()
        for user_id, name, role in ((1, "Root", "superadmin"), (2, "Lea", "team_lead")):
            session.add(
                User(
                    id=user_id,
                    username=name.lower(),
                    name=name,
                    password="x",
                    role=role,
                    department_id=1,
                    language="vi",
                    theme="system",
                    active=True,
                )
            )
        session.add(Outcome(code="sold", name_vi="Đã bán", name_en="Sold", position=1))
        for number, name in ((1, "=Nguyễn Lan"), (2, "Công ty Bé")):
            times = {"created_at": NOW, "updated_at": NOW}
            session.add(Customer(id=number, code=f"K{number}", name=name, search_key=name, **times))
        await session.flush()
        session.add(
            CustomerPhone(
                customer_id=2,
                number_key="+84987654321",
                raw="0987654321",
                reversed_digits="123",
                position=0,
            )
        )
        session.add_all(
            [
                call(1, customer_id=1, user_id=2, department_id=1, talked_s=100.0, held_s=3.0),
                call(2, number="0987654321", number_key="+84987654321", result="abandoned"),
                call(3, number=None, number_key=None, direction="outbound", result="busy"),
                call(4, ended_at=None, result=None, caller_name="Chị Hoa"),
            ]
        )
        note = {"note": "Gọi\nlại", "outcome": "sold", "updated_at": NOW}
        session.add(CallNote(call_id="c1", user_id=2, **note))


def call(n, **values):
    return CallRecord(
        **{
            "call_id": f"c{n}",
            "direction": "inbound",
            "state": "ended",
            "number": "0912345678",
            "number_key": "+84912345678",
            "started_at": NOW - timedelta(minutes=n),
            "ended_at": NOW,
            "result": "answered",
            "waited_s": 5.0,
        }
        | values
    )


@pytest.fixture
def take_out(engine, company, tmp_path):
    async def do(**values):
        wish = CallsWish(
            **{
                "format": "csv",
                "of": "",
                "user_id": 1,
                "language": "vi",
                "zone": "Asia/Ho_Chi_Minh",
            }
            | values
        )
        nowhere = os.open(os.devnull, os.O_WRONLY)
        order = Order(1, "", msgspec.to_builtins(wish), 1, "", str(tmp_path), 1024)
        try:
            await calls_work.run(Work(order, engine, nowhere))
        finally:
            os.close(nowhere)
        return tmp_path / f"report.{wish.format}"

    return do


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


async def test_every_call_is_there_the_newest_first_in_words(take_out, monkeypatch):
    monkeypatch.setattr(calls_work, "PIECE", 3)

    first, second, third, fourth = rows_of(await take_out())

    assert first == {
        "Lúc": "27/11/2026 01:29",
        "Chiều": "Gọi vào",
        "Số": "0912 345 678",
        "Khách hàng": "'=Nguyễn Lan",
        "Nhân viên": "Lea",
        "Bộ phận": "Bán hàng",
        "Hàng chờ": "",
        "Đầu số của ta": "",
        "Chờ": "0:00:05",
        "Nói": "0:01:40",
        "Thời gian giữ máy": "0:00:03",
        "Kết quả": "Đã nghe máy",
        "Kết quả trao đổi": "Đã bán",
        "Ghi chú": "Gọi\nlại",
        "Mã cuộc gọi": "c1",
    }
    assert (second["Khách hàng"], second["Kết quả"]) == ("Công ty Bé", "Nhỡ")
    assert (third["Số"], third["Kết quả"]) == ("", "Máy bận")
    assert fourth["Khách hàng"] == "Chị Hoa"


async def test_the_filters_of_the_list_are_those_of_the_file_and_it_is_noted(take_out, sessions):
    [only] = rows_of(await take_out(of="result=abandoned&since=2026-11-27"))

    assert only["Mã cuộc gọi"] == "c2"
    async with sessions() as session:
        [entry] = (await session.scalars(select(AuditEntry))).all()
    assert entry.action == "report-exported"
    assert '"rows":1' in entry.detail and '"result":"abandoned"' in entry.detail


async def test_in_a_workbook_durations_are_durations(take_out):
    path = await take_out(format="xlsx")

    headings, first, *_ = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()

    row = dict(zip(headings, first, strict=True))
    assert row["Nói"] == timedelta(seconds=100)
    assert row["Lúc"] == datetime.fromisoformat("2026-11-27T01:29")


async def test_whoever_may_not_gets_nothing(take_out, tmp_path):
    with pytest.raises(Forbidden):
        await take_out(user_id=2)
    with pytest.raises(Invalid):
        await take_out(of="result=nonsense")

    assert list(tmp_path.glob("report.*")) == []


async def test_the_list_has_buttons_for_whoever_may_which_begin_long_work(site):
    await site.call("mara")
    root, lea = await site.signed_in("root"), await site.signed_in("lea")

    assert "/calls/export" not in (await lea.get("/calls")).text
    assert (await lea.post("/calls/export", {"format": "csv"})).status == 403
    assert "/calls/export" in (await root.get("/calls?agent=3")).text
    answer = await root.post("/calls/export", {"format": "csv", "of": "agent=3"})
    bad = await root.post("/calls/export", {"format": "csv", "of": "result=nonsense"})

    async with site.sessions() as session:
        [job] = (await session.scalars(select(Job))).all()
    assert answer.headers["Location"] == f"/reports/files/{job.id}"
    page = (await root.get(f"/reports/files/{job.id}")).text
    assert "job-progress" in page
    assert (bad.status, job.params["of"]) == (400, "agent=3")


async def test_all_filters_are_those_of_the_file_and_too_many_are_refused_in_words(site):
    root = await site.signed_in("root")
    many = "agent=" + ",".join(map(str, range(1, 1000))) + "&did=" + "0" * 1000 + "&result=busy"

    answer = await root.post("/calls/export", {"format": "csv", "of": many})
    refused = await root.post("/calls/export", {"format": "csv", "of": "did=" + "0" * 8000})

    async with site.sessions() as session:
        [job] = (await session.scalars(select(Job))).all()
    assert (answer.status, job.params["of"]) == (303, many)
    assert refused.status == 400
    assert "These are too many filters at once." in refused.text


async def test_two_that_are_under_way_are_told_apart_in_the_list_of_long_work(site):
    root = await site.signed_in("root")

    for form in "csv", "xlsx":
        where = (await root.post("/calls/export", {"format": form})).headers["location"]

    listed, page = (await root.get("/jobs")).text, (await root.get(where)).text
    assert "<b>Calls (CSV)</b>" in listed and "<b>Calls (Excel)</b>" in listed
    assert "<h1>Calls</h1>" in page
