"""From the exchange's files to a recording that can be played, whatever comes in between."""

import asyncio
import errno
import os
import resource
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mutagen.id3 import ID3
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.models import CallRecord
from callcenter.db import Sessions
from callcenter.errors import Missing
from callcenter.recordings import audio, keeping, pieces, queries, spool
from callcenter.recordings import library as library_module
from callcenter.recordings.disk import sha256_of
from callcenter.recordings.library import Library
from callcenter.recordings.models import Recording
from callcenter.recordings.queries import About, put
from callcenter.recordings.spool import Piece, Spool
from callcenter.tasks import running
from tests.recordings.sounds import both, killed, tone

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # the 22nd in Vietnam
TALK = Call(
    call_id="1790000000.1",
    direction=Direction.INBOUND,
    started_at=AT,
    state=State.TALKING,
    number="0912345678",
    agents=("201",),
    answered_at=AT,
    recordings=("1790000000.1.wav",),
)


class House:
    """A library that runs, and the folders around it."""

    def __init__(self, sessions: Sessions, folder: Path) -> None:
        self.sessions = sessions
        self.spool = folder / "spool"
        self.spool.mkdir(parents=True)
        self.folder = folder / "recordings"
        self.made: asyncio.Queue[str] = asyncio.Queue()
        self.known: dict[str, About] = {}
        self.library = self.new_library()

    def new_library(self, format: str = "mp3") -> Library:
        return Library(
            self.sessions,
            self.spool,
            self.folder,
            32,
            self.describe,
            format=format,
            zone=ZONE,
            ready=self.made.put_nowait,
        )

    async def describe(self, call_id: str) -> About | None:
        return self.known.get(call_id)

    def ends(self, call: Call = TALK) -> None:
        after = replace(call, state=State.ENDED, result=Result.ANSWERED, ended_at=AT)
        self.library.call_ended(Change(before=call, after=after))

    async def row(self, call_id: str = TALK.call_id) -> Recording | None:
        async with self.sessions() as session:
            return await session.get(Recording, call_id)

    async def row_that_is(self, state: str, call_id: str = TALK.call_id) -> Recording:
        return await self.until(lambda row: row is not None and row.state == state, call_id)

    async def until(
        self, holds: Callable[[Recording | None], bool], call_id: str = TALK.call_id
    ) -> Recording:
        async with asyncio.timeout(20):
            while not holds(row := await self.row(call_id)):
                await asyncio.sleep(0.02)
        assert row is not None
        return row

    async def nothing_pending(self) -> None:
        async with asyncio.timeout(20):
            while self.library.waiting:
                await asyncio.sleep(0.02)

    def left_in(self, folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir() if path.is_file())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "PATIENCE", 0.4)


@pytest.fixture
def house(sessions: Sessions, tmp_path: Path) -> House:
    return House(sessions, tmp_path)


Run = Callable[[], Awaitable[House]]


@pytest.fixture
async def run(house: House) -> AsyncIterator[House]:
    """The house, its library at work."""
    async with running(house.library.run(), "library", vital=False):
        yield house


async def test_an_ended_call_becomes_a_recording_and_the_wavs_go(run: House) -> None:
    run.known[TALK.call_id] = About("0912345678", "Mara", "Nguyễn Văn Ánh", AT)
    both(run.spool, TALK.call_id, 3)

    run.ends()
    call_id = await asyncio.wait_for(run.made.get(), 10)
    await run.nothing_pending()

    row = await run.row(call_id)
    assert row is not None
    assert (row.state, row.problem, row.silent) == ("ready", "", "")
    assert row.path == "2026/11/22/1790000000.1.mp3"  # the company's day
    assert row.duration_s == pytest.approx(3, abs=0.01)
    assert row.size == (run.folder / row.path).stat().st_size
    assert row.sha256 == sha256_of(run.folder / row.path) and row.checked_at is not None
    assert row.peaks is not None and len(row.peaks) == 2000
    assert run.left_in(run.spool) == []
    assert str(ID3(run.folder / row.path)["TXXX:customer"]) == "Nguyễn Văn Ánh"
    assert str(ID3(run.folder / row.path)["TXXX:started_at"]) == "2026-11-22T01:30:00+07:00"


async def test_a_call_whose_row_is_not_written_yet_is_tagged_from_the_board(run: House) -> None:
    both(run.spool, TALK.call_id)

    run.ends()
    await asyncio.wait_for(run.made.get(), 10)

    row = await run.row()
    assert row is not None and row.path.startswith("2026/11/22/")
    assert str(ID3(run.folder / row.path)["TXXX:number"]) == "0912345678"


async def test_pages_and_calls_never_wait_for_the_disk_while_files_are_looked_at_and_removed(
    run: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def noted(work: Callable[..., Any]) -> Callable[..., Any]:
        def does(*args: Any) -> Any:
            threads.add(threading.get_ident())
            return work(*args)

        return does

    monkeypatch.setattr(Piece, "remove", noted(Piece.remove))
    monkeypatch.setattr(spool, "_closed", noted(spool._closed))
    both(run.spool, TALK.call_id)

    run.ends()
    await asyncio.wait_for(run.made.get(), 10)
    await run.nothing_pending()

    assert run.left_in(run.spool) == []
    assert threads and threading.get_ident() not in threads


async def test_files_that_come_late_are_waited_for(
    run: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PATIENCE", 15)
    run.ends()
    waiting = await run.row_that_is("waiting")

    closed = [(path, path.read_bytes()) for path in both(run.spool, TALK.call_id)]
    for path, _ in closed:
        killed(path)
    assert not Spool(run.spool).sides(TALK.call_id).closed
    for path, content in closed:
        path.write_bytes(content)

    assert waiting.problem == "" and run.library.waiting == 1
    assert (await run.row_that_is("ready")).duration_s == pytest.approx(2, abs=0.01)


async def test_a_call_whose_exchange_died_is_taken_from_where_it_was_written(run: House) -> None:
    for side in both(run.spool, TALK.call_id, 3):
        killed(side)

    run.ends()

    assert (await run.row_that_is("ready")).duration_s == pytest.approx(3, abs=0.01)
    await run.nothing_pending()
    assert run.left_in(run.spool) == []


async def test_a_call_nobody_answered_has_no_recording_and_no_row(run: House) -> None:
    run.ends(replace(TALK, state=State.RINGING, answered_at=None, recordings=()))

    assert run.library.waiting == 0
    assert await run.row() is None


async def test_a_call_nobody_answered_leaves_no_failure_and_no_file(run: House) -> None:
    waited = replace(TALK, answered_at=None, agents=(), state=State.WAITING)
    for side in ("-in", "-out", ""):
        tone(run.spool / f"{TALK.call_id}{side}.wav", 440, 0)

    run.ends(waited)
    await run.nothing_pending()

    assert await run.row() is None
    assert run.left_in(run.spool) == []


async def test_an_answered_call_without_sound_says_so(run: House) -> None:
    for side in ("-in", "-out"):
        tone(run.spool / f"{TALK.call_id}{side}.wav", 440, 0)

    run.ends()

    assert (await run.row_that_is("failed")).problem == "The recording holds no sound."


async def test_an_answered_call_that_nobody_recorded_has_no_row(run: House) -> None:
    run.ends(replace(TALK, recordings=()))
    await run.nothing_pending()

    assert await run.row() is None


async def test_an_answered_call_is_kept_even_if_nobody_told_that_it_was_recorded(
    run: House,
) -> None:
    both(run.spool, TALK.call_id)

    run.ends(replace(TALK, recordings=()))

    await run.row_that_is("ready")


async def test_a_call_that_goes_on_is_left_alone(run: House) -> None:
    both(run.spool, TALK.call_id)

    run.library.call_ended(Change(before=None, after=TALK))

    assert run.library.waiting == 0


async def test_an_end_that_is_told_twice_is_one_recording(run: House) -> None:
    both(run.spool, TALK.call_id)

    run.ends()
    run.ends()
    await asyncio.wait_for(run.made.get(), 10)
    await run.nothing_pending()

    assert run.made.empty()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("-in", "The customer's side"), ("-out", "The agent's side"), ("", "left no recording")],
)
async def test_a_missing_side_fails_in_words_and_keeps_the_other(
    run: House, missing: str, sentence: str
) -> None:
    customer, agent = both(run.spool, TALK.call_id)
    if missing != "-out":
        customer.unlink()
    if missing != "-in":
        agent.unlink()

    run.ends()
    row = await run.row_that_is("failed")

    assert sentence in row.problem
    assert f"{TALK.call_id}.wav" in run.left_in(run.spool)


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000])
async def test_a_broken_file_does_not_hold_up_the_next_recording(
    run: House, content: bytes
) -> None:
    both(run.spool, TALK.call_id)[0].write_bytes(content)
    both(run.spool, "next")

    run.ends()
    run.ends(replace(TALK, call_id="next"))

    assert await asyncio.wait_for(run.made.get(), 10) == "next"
    assert "The exchange left" in (await run.row_that_is("failed")).problem
    assert f"{TALK.call_id}-in.wav" in run.left_in(run.spool)


async def test_a_recording_that_never_comes_does_not_hold_up_the_next_one(
    run: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PATIENCE", 1000)
    both(run.spool, "next")

    run.ends()
    run.ends(replace(TALK, call_id="next"))

    assert await asyncio.wait_for(run.made.get(), 10) == "next"


async def test_what_failed_is_tried_again_and_may_succeed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "AGAIN", 0.05)
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(house.folder))
    both(house.spool, TALK.call_id)
    async with running(house.library.run(), "library", vital=False):
        house.ends()
        row = await house.row_that_is("failed")
        assert "ffmpeg is not installed" in row.problem
        assert len(house.left_in(house.spool)) == 3

        monkeypatch.setenv("PATH", path)
        row = await house.row_that_is("ready")
        assert await asyncio.wait_for(house.made.get(), 20) == TALK.call_id
        await house.nothing_pending()  # the wavs are removed once it is ready

    assert row.problem == ""
    assert house.left_in(house.spool) == []


async def test_the_same_failure_stands_in_the_log_once(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(library_module, "AGAIN", 0.02)
    looks: list[int] = []
    look = Library._left_behind

    async def counted(library: Library) -> list[str]:
        looks.append(1)
        return await look(library)

    monkeypatch.setattr(Library, "_left_behind", counted)
    tone(house.spool / "c1-in.wav", 440, 1)
    os.utime(house.spool / "c1-in.wav", (1, 1))
    async with running(house.library.run(), "library", vital=False):
        await house.row_that_is("failed", "c1")
        seen = len(looks)
        async with asyncio.timeout(10):
            while len(looks) < seen + 3:
                await asyncio.sleep(0.01)

    assert sum("agent's side" in record.message for record in caplog.records) == 1


async def test_a_full_disk_fails_in_words_keeps_the_wavs_and_the_library_goes_on(
    run: House,
) -> None:
    both(run.spool, TALK.call_id, 400)
    both(run.spool, "short", 1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = 1_000_000  # the long one needs 1.6 MB; the database and the short one have room
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
        run.ends()
        run.ends(replace(TALK, call_id="short"))
        row = await run.row_that_is("failed")
        await run.row_that_is("ready", "short")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert "could not be kept" in row.problem
    assert f"{TALK.call_id}-in.wav" in run.left_in(run.spool)
    assert [path.name for path in run.folder.rglob("*") if path.is_file()] == ["short.mp3"]


async def test_a_restart_takes_up_what_was_left(house: House) -> None:
    both(house.spool, "finished")
    both(house.spool, "unfinished")
    async with house.sessions() as session:
        session.add(_record("unfinished", ended_at=AT))
        await put(session, "promised", state="waiting")
        await session.commit()

    async with running(house.new_library().run(), "library", vital=False):
        await house.row_that_is("ready", "finished")
        await house.row_that_is("ready", "unfinished")
        assert "left no recording" in (await house.row_that_is("failed", "promised")).problem


async def test_a_restart_leaves_a_call_that_goes_on_alone(house: House) -> None:
    both(house.spool, "alive")
    for name in ("alive_2", "unknown"):  # the row of the other may be on its way
        for side in both(house.spool, name):
            killed(side)
    both(house.spool, "finished")
    async with house.sessions() as session:
        session.add(_record("alive", ended_at=None))
        await session.commit()

    async with running(house.new_library().run(), "library", vital=False):
        await house.row_that_is("ready", "finished")

    assert await house.row("alive") is None and await house.row("unknown") is None
    assert len(house.left_in(house.spool)) == 9


async def test_files_that_nobody_has_written_for_an_hour_belong_to_no_living_call(
    house: House,
) -> None:
    for side in both(house.spool, "orphan"):
        os.utime(side, (AT.timestamp(), AT.timestamp()))

    async with running(house.library.run(), "library", vital=False):
        row = await house.row_that_is("ready", "orphan")

    assert row.path == "2026/11/22/orphan.mp3"  # the day the file was written


async def test_a_crash_between_the_row_and_the_removal_is_only_a_removal(house: House) -> None:
    async with running(house.library.run(), "library", vital=False):
        sides = both(house.spool, TALK.call_id)
        copies = [Path(shutil.copy2(side, house.spool.parent)) for side in sides]
        house.ends()
        first = await house.row_that_is("ready")
        await house.nothing_pending()
    for copy in copies:
        shutil.copy2(copy, house.spool)

    again = house.new_library()
    async with running(again.run(), "library", vital=False), asyncio.timeout(10):
        while house.left_in(house.spool):
            await asyncio.sleep(0.02)

    assert house.made.qsize() == 1  # nobody is told twice
    kept = await house.row()
    assert kept is not None and kept.created_at == first.created_at


async def test_a_database_that_is_away_costs_no_recording(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(library_module, "AGAIN", 0.05)
    failures = [OperationalError("insert", {}, OSError("disk I/O error"))]

    async def sometimes(session: AsyncSession, call_id: str, **values: object) -> Recording:
        if values.get("state") == "ready" and failures:
            raise failures.pop()
        return await put(session, call_id, **values)

    monkeypatch.setattr(queries, "put", sometimes)
    both(house.spool, TALK.call_id)

    async with running(house.library.run(), "library", vital=False):
        house.ends()
        await house.row_that_is("ready")

    assert "could not be kept for now" in caplog.text


def full(*arguments: object, **more: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


STEPS = [  # where the disk may be full, or the account's share of it
    (audio, "make_folder"),
    (audio, "tag"),
    (audio, "sha256_of"),
    (audio, "to_disk"),
    (audio, "folder_to_disk"),
    (pieces, "join"),
]


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
async def test_a_disk_that_is_full_at_any_step_costs_nothing_and_is_overcome(
    house: House, monkeypatch: pytest.MonkeyPatch, module: ModuleType, step: str
) -> None:
    monkeypatch.setattr(library_module, "AGAIN", 0.05)
    both(house.spool, TALK.call_id, 1)
    both(house.spool, f"{TALK.call_id}_2", 1)
    with monkeypatch.context() as patch:
        patch.setattr(module, step, full)
        async with running(house.library.run(), "library", vital=False):
            house.ends()
            row = await house.row_that_is("failed")
            assert row.problem == "The recording could not be kept: the disk is full."
            assert len(house.left_in(house.spool)) == 6
    async with running(house.new_library().run(), "library", vital=False), asyncio.timeout(20):
        row = await house.row_that_is("ready")
        while house.left_in(house.spool):
            await asyncio.sleep(0.02)

    assert row.duration_s == pytest.approx(2, abs=0.01)
    assert [path.name for path in house.folder.rglob("*.*")] == [f"{TALK.call_id}.mp3"]


async def test_wavs_stay_when_the_disk_does_not_give_back_what_it_was_given(
    run: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "sha256_of", lambda path: "0" * 64)
    both(run.spool, TALK.call_id)

    run.ends()

    assert "did not keep" in (await run.row_that_is("failed")).problem
    assert len(run.left_in(run.spool)) == 3


async def test_a_kept_file_that_is_not_what_it_was_is_made_again_from_the_wavs(
    house: House,
) -> None:
    async with running(house.library.run(), "library", vital=False):
        sides = both(house.spool, TALK.call_id)
        copies = [Path(shutil.copy2(side, house.spool.parent)) for side in sides]
        house.ends()
        row = await house.row_that_is("ready")
        await house.nothing_pending()
    (house.folder / row.path).write_bytes(b"?")
    for copy in copies:
        shutil.copy2(copy, house.spool)

    async with running(house.new_library().run(), "library", vital=False), asyncio.timeout(10):
        while house.left_in(house.spool):
            await asyncio.sleep(0.02)

    new = await house.row()
    assert new and sha256_of(house.folder / new.path) == new.sha256
    assert [path.name for path in house.folder.rglob("*.*")] == [f"{TALK.call_id}.mp3"]


async def test_what_is_kept_stays_when_it_is_tried_again_and_there_is_nothing_to_make_it_from(
    run: House,
) -> None:
    both(run.spool, TALK.call_id)
    run.ends()
    row = await run.row_that_is("ready")
    await run.library.through_with(TALK.call_id)
    (run.folder / row.path).write_bytes(b"cut")

    run.library.take_up(TALK.call_id)
    await run.library.through_with(TALK.call_id)

    kept = await run.row()
    assert kept and kept.state == "ready" and (run.folder / row.path).read_bytes() == b"cut"


async def test_calls_beyond_what_is_remembered_are_found_on_the_disk(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "MOST", 2)
    names = [f"c{number}" for number in range(7)]
    for name in names:
        both(house.spool, name, 0.5)
        house.ends(replace(TALK, call_id=name))
    assert house.library.waiting == 2

    async with running(house.library.run(), "library", vital=False):
        made = {await asyncio.wait_for(house.made.get(), 20) for _ in names}

    assert made == set(names)


async def test_opus_is_kept_beside_the_mp3s_of_earlier(house: House) -> None:
    both(house.spool, "before", 1)
    async with running(house.library.run(), "library", vital=False):
        house.ends(replace(TALK, call_id="before"))
        await house.row_that_is("ready", "before")
    both(house.spool, "after", 1)

    house.library = house.new_library("opus")
    async with running(house.library.run(), "library", vital=False):
        house.ends(replace(TALK, call_id="after"))
        await house.row_that_is("ready", "after")

    assert sorted(path.name for path in house.folder.rglob("*.*")) == ["after.opus", "before.mp3"]


async def test_what_is_no_call_id_never_becomes_a_path(run: House) -> None:
    for evil in ("../../etc/passwd", "..", ".hidden", "a/b", "a\nb", "x" * 65, ""):
        run.ends(replace(TALK, call_id=evil))

    await run.nothing_pending()
    assert await run.row() is None


async def test_strange_files_in_the_spool_are_left_alone(house: House) -> None:
    for name in ("notes.txt", "c;rm -rf-in.wav", "..-in.wav", "x" * 65 + "-in.wav"):
        (house.spool / name).write_text("?")
    (house.spool / "link-in.wav").symlink_to("/etc/passwd")
    (house.spool / "folder-in.wav").mkdir()
    both(house.spool, "good")

    async with running(house.library.run(), "library", vital=False):
        await house.row_that_is("ready", "good")
        await house.nothing_pending()

    async with house.sessions() as session:
        assert (await session.scalars(select(Recording.call_id))).all() == ["good"]
    assert len(house.left_in(house.spool)) == 5


async def test_a_spool_that_is_not_there_yet_is_no_trouble(
    sessions: Sessions, tmp_path: Path
) -> None:
    house = House(sessions, tmp_path)
    shutil.rmtree(house.spool)
    async with running(house.library.run(), "library", vital=False):
        house.ends()
        await house.row_that_is("failed")


async def test_twenty_calls_that_end_at_once_are_all_kept(run: House) -> None:
    names = [f"c{number}" for number in range(20)]
    for name in names:
        both(run.spool, name, 0.5)

    for name in names:
        run.ends(replace(TALK, call_id=name))
    made = {await asyncio.wait_for(run.made.get(), 20) for _ in names}

    assert made == set(names)
    await run.nothing_pending()
    assert run.left_in(run.spool) == []


async def test_only_what_is_ready_and_inside_the_folder_is_handed_out(house: House) -> None:
    house.folder.mkdir()
    (house.folder / "a.mp3").write_bytes(b"x")
    (house.folder.parent / "secret").write_text("x")

    def row(state: str, path: str) -> Recording:
        return Recording(call_id="a", state=state, path=path)

    assert house.library.file_of(row("ready", "a.mp3")) == (house.folder / "a.mp3").resolve()
    for state, path in [
        ("waiting", "a.mp3"),
        ("failed", ""),
        ("ready", "b.mp3"),
        ("ready", "../secret"),
        ("ready", str(house.folder.parent / "secret")),
        ("ready", ""),
    ]:
        with pytest.raises(Missing):
            house.library.file_of(row(state, path))


def _record(call_id: str, ended_at: datetime | None) -> CallRecord:
    return CallRecord(
        call_id=call_id,
        direction="inbound",
        state="ended" if ended_at else "talking",
        started_at=AT - timedelta(minutes=1),
        answered_at=AT,
        ended_at=ended_at,
    )


MISSED = replace(TALK, state=State.WAITING, agents=(), answered_at=None)


def leaves(house: House, call: Call = MISSED) -> None:
    after = replace(call, state=State.ENDED, result=Result.NO_ANSWER, ended_at=AT)
    house.library.call_ended(Change(before=call, after=after))


async def test_what_a_caller_says_whom_nobody_answers_is_a_voicemail(run: House) -> None:
    tone(run.spool / f"{TALK.call_id}-message.wav", 440, 3)
    (run.spool / f"{TALK.call_id}-message").mkdir()

    leaves(run)
    row = await run.row_that_is("ready")
    await run.nothing_pending()

    assert (row.kind, row.silent, round(row.duration_s)) == ("voicemail", "", 3)
    assert list(run.spool.iterdir()) == []


async def test_a_message_after_a_wait_in_vain_is_all_there_is(run: House) -> None:
    both(run.spool, TALK.call_id, 0)
    tone(run.spool / f"{TALK.call_id}-message.wav", 440, 2)

    leaves(run)
    row = await run.row_that_is("ready")

    assert (row.kind, round(row.duration_s)) == ("voicemail", 2)


@pytest.mark.parametrize("seconds, level", [(0.5, 0.3), (3, 0.0), (0, 0.3)])
async def test_a_message_that_says_nothing_is_none(run: House, seconds, level) -> None:
    tone(run.spool / f"{TALK.call_id}-message.wav", 440, seconds, level)

    leaves(run)
    await run.nothing_pending()

    assert await run.row() is None
    assert list(run.spool.iterdir()) == []
    assert not list(run.folder.rglob("*.mp3"))


async def test_a_message_after_a_conversation_is_its_last_piece(run: House) -> None:
    both(run.spool, TALK.call_id, 2)
    tone(run.spool / f"{TALK.call_id}-message.wav", 440, 3)

    run.ends()
    row = await run.row_that_is("ready")

    assert (row.kind, round(row.duration_s)) == ("call", 5)


async def test_messages_left_while_nobody_was_there_are_found(house: House) -> None:
    tone(house.spool / f"{TALK.call_id}-message.wav", 440, 3)
    async with house.sessions.begin() as session:
        session.add(
            CallRecord(
                **{"call_id": TALK.call_id, "direction": "inbound", "state": "ended"},
                **{"started_at": AT, "ended_at": AT, "result": "no_answer"},
            )
        )

    async with running(house.library.run(), "library", vital=False):
        row = await house.row_that_is("ready")

    assert row.kind == "voicemail"
