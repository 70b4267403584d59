"""A zip of recordings: whose, what is in it and what it is called, on both databases; and that
nothing half made or forbidden is left behind."""

import asyncio
import csv
import io
import os
import subprocess
import zipfile
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import delete

from callcenter.archive import zip_work
from callcenter.archive.zip_work import CHANGED, ZipWish, file_name, is_current, scope_of
from callcenter.archive.zips import LIST, ZIP, contents
from callcenter.customers.models import Customer
from callcenter.errors import Conflict, Forbidden
from callcenter.jobs.work import Cancelled, Order, Work
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.recordings.models import Recording
from tests.archive.shelf import AT, a_call, a_recording

ROOT, LEA, MARA = 1, 2, 3


@pytest.fixture
async def archive(sessions, tmp_path):
    """Root, Lea who leads department 1, Mara who may not; c1 and c2 are Sales', c3 is nobody's."""
    (tmp_path / "job").mkdir()
    async with sessions.begin() as session:
        session.add(Department(id=1, name="Sales"))
        await session.flush()
        for user_id, name, role in (
            (ROOT, "Root", "superadmin"),
            (LEA, "Lê Thị Ánh/Đào", "team_lead"),
            (MARA, "Mara", "agent"),
        ):
            login = {"username": f"u{user_id}", "password": "!", "role": role}
            session.add(User(id=user_id, name=name, department_id=1, **login))
        times = {"created_at": AT, "updated_at": AT}
        session.add(Customer(id=7, code="K7", name="=Nguyễn Văn Ánh", search_key="x", **times))
        sales = {"department_id": 1, "user_id": LEA}
        session.add(a_call("c1", AT, customer_id=7, **sales))
        session.add(a_call("c2", AT, **sales))  # in the same second, with the same number
        session.add(a_call("c3", AT + timedelta(hours=1), number=None, number_key=None))
        for call_id in ("c1", "c2", "c3"):
            session.add(a_recording(tmp_path / "recordings", call_id))


def work_of(engine, folder, user_id=ROOT, ids=(), of=""):
    wish = ZipWish(
        ids=list(ids),
        of=of,
        user_id=user_id,
        language="en",
        zone="Asia/Ho_Chi_Minh",
        folder=str(folder / "recordings"),
    )
    order = Order(
        job_id=1,
        run="",
        params=msgspec.to_builtins(wish),
        attempt=1,
        database_url="",
        folder=str(folder / "job"),
        memory_mb=0,
    )
    return Work(order, engine, os.open(os.devnull, os.O_WRONLY))


def left(folder):
    return {path.name for path in (folder / "job").iterdir()}


async def test_a_zip_holds_the_files_as_they_are_and_tells_what_they_are(archive, engine, tmp_path):
    result = await zip_work.run(work_of(engine, tmp_path))

    path = tmp_path / "job" / ZIP
    assert result == {"rows": 3, "size": path.stat().st_size}
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        names = [each.filename for each in packed.infolist()]
        assert {each.compress_type for each in packed.infolist()} == {zipfile.ZIP_STORED}
        assert packed.read(names[0]) == b"the sound of c1"
        rows = list(
            csv.DictReader(
                io.StringIO(packed.read("contents.csv").decode("utf-8-sig")), delimiter=";"
            )
        )
    assert names == [
        "2026-11-20 10-00-00 0912345678 Lê Thị Ánh-Đào.mp3",
        "2026-11-20 10-00-00 0912345678 Lê Thị Ánh-Đào (2).mp3",
        "2026-11-20 11-00-00.mp3",
        "contents.csv",
    ]
    assert [row["File"] for row in rows] == names[:3]
    assert rows[0]["Customer"] == "'=Nguyễn Văn Ánh"
    assert [row["Call’s code"] for row in rows] == ["c1", "c2", "c3"]
    assert left(tmp_path) == {ZIP, LIST}
    assert set(contents(tmp_path / "job")) == {"c1", "c2", "c3"}


async def test_others_can_open_it_with_its_letters(archive, engine, tmp_path):
    await zip_work.run(work_of(engine, tmp_path, ids=["c1"]))

    path = str(tmp_path / "job" / ZIP)
    listed = await asyncio.to_thread(
        subprocess.run, ["python3", "-m", "zipfile", "-l", path], capture_output=True, text=True
    )

    assert "Lê Thị Ánh-Đào.mp3" in listed.stdout
    with zipfile.ZipFile(path) as packed:
        assert packed.infolist()[0].flag_bits & 0x800  # the names are UTF-8


async def test_a_lead_takes_their_departments_and_an_agent_none(archive, engine, tmp_path):
    await zip_work.run(work_of(engine, tmp_path, LEA))
    assert set(contents(tmp_path / "job")) == {"c1", "c2"}

    with pytest.raises(Forbidden):
        await zip_work.run(work_of(engine, tmp_path, MARA))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"ids": ["c1", "c3", "none"]}, {"c1", "c3"}),
        ({"of": "number=0912"}, {"c1", "c2"}),
        ({"of": "department=1&since=2026-11-20"}, {"c1", "c2"}),
    ],
)
async def test_the_ticked_or_the_filtered_are_taken(archive, engine, tmp_path, asked, found):
    await zip_work.run(work_of(engine, tmp_path, **asked))

    assert set(contents(tmp_path / "job")) == found


@pytest.mark.parametrize("limit", ["MOST", "LARGEST", "SPARE"])
async def test_too_much_is_said_before_anything_is_written(
    archive, engine, tmp_path, monkeypatch, limit
):
    monkeypatch.setattr(zip_work, limit, 10**18 if limit == "SPARE" else 2)

    with pytest.raises(Conflict):
        await zip_work.run(work_of(engine, tmp_path))

    assert left(tmp_path) == set()


async def test_nothing_to_take_is_said(archive, engine, tmp_path):
    with pytest.raises(Conflict, match="no recording"):
        await zip_work.run(work_of(engine, tmp_path, ids=["none"]))


async def test_cancelled_it_leaves_nothing(archive, engine, tmp_path):
    work = work_of(engine, tmp_path)
    progress = work.progress

    def stop_after_the_first(done, total=0, **counts):
        progress(done, total, **counts)
        if done == 1:
            work.stop()

    work.progress = stop_after_the_first
    with pytest.raises(Cancelled):
        await zip_work.run(work)

    assert left(tmp_path) == set()


async def test_what_is_deleted_while_it_is_made_is_not_in_it(
    archive, engine, sessions, tmp_path, monkeypatch
):
    whole = zip_work._write

    async def then_deleted(*arguments):
        found = await whole(*arguments)
        async with sessions.begin() as session:
            await session.execute(delete(Recording).where(Recording.call_id == "c2"))
        return found

    monkeypatch.setattr(zip_work, "_write", then_deleted)
    with pytest.raises(Conflict) as refused:
        await zip_work.run(work_of(engine, tmp_path))

    assert refused.value.sentence == CHANGED
    assert left(tmp_path) == set()


async def test_a_zip_is_no_longer_good_when_something_in_it_is_masked_or_hidden(
    archive, engine, sessions, tmp_path
):
    await zip_work.run(work_of(engine, tmp_path))
    held, directory = contents(tmp_path / "job"), Directory()
    await directory.load(sessions)

    async with sessions() as session:
        assert await is_current(session, scope_of(directory, ROOT), held)
        assert not await is_current(session, scope_of(directory, LEA), held)  # c3 is not hers
        (await session.get_one(Recording, "c1")).sha256 = "masked"
        await session.flush()
        assert not await is_current(session, scope_of(directory, ROOT), held)


async def test_a_file_that_is_gone_is_left_out_and_counted(archive, engine, tmp_path):
    (tmp_path / "recordings/2026/11/20/c2.mp3").unlink()

    result = await zip_work.run(work_of(engine, tmp_path))

    assert (result["rows"], result["missing"]) == (2, 1)


@pytest.mark.parametrize(
    ("number", "agent", "name"),
    [
        ("+84 912", 'A<b>:"/\\|?*c', "2026-11-20 03-00-00 +84912 A-b--------c.mp3"),
        (None, "", "2026-11-20 03-00-00.mp3"),
        ("1", "x\u202e\x00y", "2026-11-20 03-00-00 1 xy.mp3"),
        ("1", "Đ" * 300, "2026-11-20 03-00-00 1 " + "Đ" * 89 + ".mp3"),
    ],
)
def test_names_are_harmless_on_any_machine(number, agent, name):
    assert file_name(AT, number, agent, ".mp3") == name
