"""Disk, database and exchange compared: what does not agree is found, or mended at once."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, State
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallDay, CallRecord
from callcenter.customers.numbers import key_of
from callcenter.db import Sessions
from callcenter.errors import Conflict, Missing
from callcenter.people.models import AuditEntry
from callcenter.reconciler import judging, mends, queries
from callcenter.reconciler.judging import Kind
from callcenter.reconciler.reconciler import Reconciler
from callcenter.recordings.audio import Tags, encode
from callcenter.recordings.keeping import columns
from callcenter.recordings.library import Library
from callcenter.recordings.models import Finding, Recording
from callcenter.tasks import running
from tests.recordings.sounds import both, tone

NOW = datetime.now(UTC)
LONG_AGO = NOW.timestamp() - 7200
TALKS = Call(
    call_id="live",
    direction=Direction.INBOUND,
    started_at=NOW - timedelta(minutes=2),
    state=State.TALKING,
    number="0912345678",
    agents=("201",),
    answered_at=NOW - timedelta(minutes=1),
    recordings=("live.wav",),
)


class House:
    def __init__(self, sessions: Sessions, folder: Path) -> None:
        self.sessions, self.folder, self.spool = sessions, folder / "kept", folder / "spool"
        self.spool.mkdir()
        self.day = self.folder / f"{NOW:%Y/%m/%d}"
        self.day.mkdir(parents=True)
        self.library = Library(sessions, self.spool, self.folder, 32, _nobody)
        self.calls: list[Call] = []
        self.reconciler = Reconciler(sessions, self.library, lambda: self.calls, UTC)

    async def call(self, call_id: str, **more: object) -> None:
        values = {"direction": "inbound", "state": "ended", "result": "answered", "talked_s": 2.0}
        values |= {"started_at": NOW, "answered_at": NOW, "ended_at": NOW} | more
        async with self.sessions.begin() as session:
            session.add(CallRecord(call_id=call_id, **values))

    async def file(self, name: str, tags: Tags | None = None, row: str = "") -> Path:
        """A recording on the disk that nobody has touched for long; with the row of a call."""
        path = self.day / name
        sides = both(self.folder.parent / "studio", name, 2)
        audio = await encode(*sides, path, bitrate=32, tags=tags or Tags(path.stem))
        os.utime(path, (LONG_AGO, LONG_AGO))
        if row:
            where = str(path.relative_to(self.folder))
            async with self.sessions.begin() as session:
                values = {"call_id": row, "path": where, "created_at": NOW} | columns(audio)
                session.add(Recording(**values))
        return path

    async def found(self, look: Callable[[], object] | None = None) -> dict[str, tuple[str, str]]:
        await (look or self.reconciler.news)()
        async with self.sessions() as session:
            rows = await session.scalars(select(Finding).where(Finding.accepted_at.is_(None)))
            return {row.key: (row.kind, row.reason) for row in rows}

    def key(self, name: str) -> str:
        return f"kept/{NOW:%Y/%m/%d}/{name}"


async def _nobody(call_id: str) -> None:
    return None


@pytest.fixture
def house(sessions: Sessions, tmp_path: Path) -> House:
    return House(sessions, tmp_path)


async def test_all_three_lists_are_filled_and_empty_again_once_it_is_put_right(
    house: House,
) -> None:
    for call_id in ("good", "gone", "cut"):
        await house.call(call_id, talked_s=40.0 if call_id == "cut" else 2.0)
        await house.file(f"{call_id}.mp3", row=call_id)
    gone = (house.day / "gone.mp3").rename(house.folder.parent / "gone.mp3")
    await house.file("stranger.mp3")
    for name in "notes.txt", "README.md":  # the second one is ours
        (house.day / name).write_text("?")
        os.utime(house.day / name, (LONG_AGO, LONG_AGO))
    strange = os.fsencode(house.day) + b"/ghi \xe2m.mp3"  # of a system with other letters
    Path(os.fsdecode(strange)).write_bytes(b"?")
    os.utime(strange, (LONG_AGO, LONG_AGO))
    tone(house.spool / "lost.wav", 440, 1)
    os.utime(house.spool / "lost.wav", (LONG_AGO, LONG_AGO))
    house.calls = [TALKS, replace(TALKS, call_id="deaf", recordings=())]

    assert await house.found() == {
        "call/gone": (Kind.NO_FILE, judging.FILE_GONE),
        "call/cut": (Kind.BROKEN, judging.CUT),
        "call/deaf": (Kind.NO_FILE, judging.NOT_RECORDED),
        house.key("stranger.mp3"): (Kind.NO_CALL, judging.NO_ROW),
        house.key("notes.txt"): (Kind.NO_CALL, judging.STRANGE),
        house.key("ghi \ufffdm.mp3"): (Kind.NO_CALL, judging.STRANGE),
        "spool/lost.wav": (Kind.BROKEN, judging.MIX_ONLY),
    }

    gone.rename(house.day / "gone.mp3")
    await house.call("stranger")
    (house.day / "notes.txt").unlink()
    os.unlink(strange)
    (house.spool / "lost.wav").unlink()
    house.calls = []
    assert await house.found() == {"call/cut": (Kind.BROKEN, judging.CUT)}

    await mends.accept(house.sessions, "call/cut", 1)
    assert await house.found() == {}
    async with house.sessions() as session:
        assert sum((await queries.counts(session)).values()) == 0


async def test_a_file_becomes_the_recording_of_the_call_that_its_name_or_its_tags_say(
    house: House,
) -> None:
    await house.call("c1")
    await house.call("c2")
    await house.file("c1.mp3")
    await house.file("renamed.opus", Tags("c2"))

    assert await house.found() == {}

    async with house.sessions() as session:
        rows = {row.call_id: row for row in await session.scalars(select(Recording))}
    assert {call_id: row.state for call_id, row in rows.items()} == {"c1": "ready", "c2": "ready"}
    assert rows["c1"].sha256 and len(rows["c1"].peaks or b"") == 2000
    assert rows["c2"].path.endswith("/renamed.opus")
    assert rows["c2"].duration_s == pytest.approx(2, abs=0.1)


async def test_a_second_file_of_a_call_is_not_its_recording(house: House) -> None:
    await house.call("c1")
    await house.file("c1.mp3", row="c1")
    await house.file("c1.opus")

    assert await house.found() == {house.key("c1.opus"): (Kind.NO_CALL, judging.SECOND)}


async def test_one_bit_that_turns_is_found_when_everything_is_compared(house: House) -> None:
    await house.call("c1")
    path = await house.file("c1.mp3", row="c1")
    async with house.sessions.begin() as session:
        row = await session.get(Recording, "c1")
        assert row
        row.checked_at, row.created_at = NOW - timedelta(days=31), NOW - timedelta(days=90)
    raw = bytearray(path.read_bytes())
    raw[5000] ^= 1
    path.write_bytes(raw)
    os.utime(path, (LONG_AGO, LONG_AGO))

    assert await house.found() == {}
    assert await house.found(house.reconciler.everything) == {
        "call/c1": (Kind.BROKEN, judging.OTHER_SUM)
    }
    assert not house.reconciler.busy and not await house.reconciler._is_due()


async def test_recordings_of_a_time_without_sums_get_theirs(house: House) -> None:
    await house.call("c1")
    await house.file("c1.mp3", row="c1")
    async with house.sessions.begin() as session:
        row = await session.get(Recording, "c1")
        assert row
        expected, row.sha256, row.checked_at = row.sha256, "", None

    assert await house.found(house.reconciler.everything) == {}

    async with house.sessions() as session:
        row = await session.get(Recording, "c1")
    assert row and row.sha256 == expected


async def test_what_is_in_work_or_just_written_is_left_alone(house: House) -> None:
    path = await house.file("fresh.mp3")
    os.utime(path)
    await house.file("busy.mp3")
    house.library.take_up("busy")

    assert await house.found() == {}


async def test_what_is_removed_leaves_a_proof_and_a_calls_recording_is_not_removed(
    house: House,
) -> None:
    await house.call("c1")
    await house.file("c1.mp3", row="c1")
    path = await house.file("stranger.mp3", Tags("stranger", "0987654321"))
    await house.found()
    key = house.key("stranger.mp3")
    async with house.sessions.begin() as session:
        session.add(
            Finding(key=house.key("c1.mp3"), kind="no_call", call_id="c1", reason="", found_at=NOW)
        )

    await mends.remove(house.sessions, house.library, key, 1)
    with pytest.raises(Conflict):
        await mends.remove(house.sessions, house.library, house.key("c1.mp3"), 1)
    for outside in ("kept/../../etc/passwd", "spool/../kept/x", "call/c1", key):
        with pytest.raises(Missing):
            await mends.remove(house.sessions, house.library, outside, 1)

    assert not path.exists() and (house.day / "c1.mp3").exists()
    async with house.sessions() as session:
        proof = (await session.scalars(select(AuditEntry))).one()
    assert proof.action == "recording-file-removed"
    assert "sha256" in proof.detail and "0987654321" in proof.detail


async def test_a_call_that_only_its_recording_knows_comes_in_as_all_calls_do(
    house: House, engine
) -> None:
    tags = Tags("stranger", "0912345678", "Mara", "An", "2026-11-21T09:30:00+07:00")
    path = await house.file("stranger.mp3", tags)

    async def no_customers(keys: set[str]) -> dict[str, int]:
        return {}

    journal = Journal(
        engine, zone=UTC, whose=lambda call: (None, None), customers=no_customers, key_of=key_of
    )
    async with running(journal.write(), "journal"):
        journal.note(Change(before=None, after=mends.call_of(path, "stranger")))
        await journal.drain()

    assert await house.found() == {}
    async with house.sessions() as session:
        record = await session.get(CallRecord, "stranger")
        day = (await session.scalars(select(CallDay))).one()
        assert await session.get(Recording, "stranger")
    assert record and record.started_at == datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
    assert (record.number, record.result, round(record.talked_s)) == ("0912345678", "answered", 2)
    assert (day.calls, day.direction) == (1, "inbound")
