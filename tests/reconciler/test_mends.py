"""What is put right: never at the cost of a recording, a mask, or a call."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.calls.call import Result
from callcenter.db import Sessions
from callcenter.errors import Conflict
from callcenter.reconciler import judging, mends, queries
from callcenter.reconciler.judging import Kind
from callcenter.reconciler.looking import Lying, kept_in
from callcenter.recordings.audio import Tags
from callcenter.recordings.models import Finding, Mask, Recording
from callcenter.recordings.tags import seconds_of, tags_of
from tests.reconciler.test_reconciler import LONG_AGO, NOW, House


@pytest.fixture
def house(sessions: Sessions, tmp_path: Path) -> House:
    return House(sessions, tmp_path)


async def finding(house: House, key: str, call_id: str = "") -> str:
    async with house.sessions.begin() as session:
        session.add(Finding(key=key, kind="no_call", call_id=call_id, reason="", found_at=NOW))
    return key


async def test_a_file_that_some_calls_row_means_is_not_removed_whatever_its_name(
    house: House,
) -> None:
    await house.call("c1")
    path = await house.file("renamed.mp3", Tags("c1"), row="c1")
    key = await finding(house, house.key("renamed.mp3"))

    with pytest.raises(Conflict):
        await mends.remove(house.sessions, house.library, key, 1)

    assert path.exists()


async def test_a_file_whose_call_is_being_kept_is_not_removed(house: House) -> None:
    path = await house.file("c1.mp3")
    key = await finding(house, house.key("c1.mp3"), "c1")
    house.library.take_up("c1")

    with pytest.raises(Conflict):
        await mends.remove(house.sessions, house.library, key, 1)

    assert path.exists()


async def masked(house: House, name: str) -> Path:
    """A call whose recording was masked, and whose file is somewhere else now."""
    await house.call("c1")
    path = await house.file("c1.mp3", row="c1")
    async with house.sessions.begin() as session:
        values = {"call_id": "c1", "from_s": 0.5, "to_s": 1.0, "sound": "tone", "user_id": 1}
        session.add(Mask(**values, reason="a card", at=NOW, done_at=NOW))
    moved = path.rename(house.day / name)
    os.utime(moved, (LONG_AGO, LONG_AGO))
    return moved


async def test_a_file_of_a_masked_call_is_its_recording_only_if_it_is_the_masked_one(
    house: House,
) -> None:
    moved = await masked(house, "moved.mp3")
    shutil.move(moved, house.folder.parent / "elsewhere.mp3")
    await house.file("c1.opus")  # what was masked may be heard in it

    found = await house.found()
    assert found[house.key("c1.opus")] == (Kind.NO_CALL, judging.SECOND)

    (house.day / "c1.opus").unlink()
    shutil.move(house.folder.parent / "elsewhere.mp3", moved)
    await house.found()
    assert await house.found() == {}
    async with house.sessions() as session:
        assert (await session.get_one(Recording, "c1")).path.endswith("/moved.mp3")


async def test_a_recording_that_comes_while_a_file_is_measured_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.call("c1")
    path = await house.file("renamed.mp3", Tags("c1"))
    measured = mends._measured

    async def kept_meanwhile(*args: Path) -> object:
        await house.file("c1.mp3", row="c1")
        return await measured(*args)

    monkeypatch.setattr(mends, "_measured", kept_meanwhile)

    verdict = await mends.attached(house.sessions, house.library, Lying(path, 1, "renamed"))

    assert verdict == (Kind.NO_CALL, judging.SECOND)
    async with house.sessions() as session:
        assert (await session.get_one(Recording, "c1")).path.endswith("/c1.mp3")


async def test_a_message_that_was_moved_is_still_a_message(house: House) -> None:
    await house.call("c1", answered_at=None, result="abandoned", talked_s=0.0)
    path = await house.file("c1.mp3", row="c1")
    async with house.sessions.begin() as session:
        (await session.get_one(Recording, "c1")).kind = "voicemail"
    path.rename(house.day / "moved.mp3")

    await house.found()
    assert await house.found() == {}

    async with house.sessions() as session:
        row = await session.get_one(Recording, "c1")
    assert (row.kind, row.silent) == ("voicemail", "") and row.path.endswith("/moved.mp3")


@pytest.mark.parametrize(("said", "known"), [("voicemail", ""), ("", "voicemail")])
async def test_a_call_that_is_made_of_a_message_was_not_answered(
    house: House, said: str, known: str
) -> None:
    path = await house.file("c1.mp3", Tags("c1", "0912345678", kind=said))

    call = mends.call_of(path, "c1", known)

    assert (call.result, call.answered_at, call.talked_s) == (Result.ABANDONED, None, 0.0)


async def test_a_sum_is_never_written_over_another(house: House) -> None:
    await house.call("c1")
    await house.file("c1.mp3", row="c1")

    async with house.sessions.begin() as session:
        before = (await session.get_one(Recording, "c1")).sha256
        await queries.summed(session, {"c1": "f" * 64}, datetime.now(UTC))

    async with house.sessions() as session:
        assert (await session.get_one(Recording, "c1")).sha256 == before


@pytest.mark.parametrize("name", ["c1.mp3", "c1.opus"])
async def test_a_file_that_is_broken_anywhere_is_a_finding_at_most(house: House, name: str) -> None:
    path = await house.file(name)
    raw = path.read_bytes()
    torn = house.folder.parent / name
    for length in range(len(raw[:400])):
        for at in (length // 2, max(0, length - 1)):
            broken = bytearray(raw[:length])
            broken[at : at + 1] = b"\xff"
            torn.write_bytes(broken)
            tags_of(torn), seconds_of(torn)


def test_a_file_that_goes_while_the_folder_is_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone.mp3", "there.mp3"):
        (tmp_path / name).write_bytes(b"?")
        os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    stat = Path.stat

    def stale(path: Path, **more: bool) -> os.stat_result:
        if path.name == "gone.mp3":
            raise OSError(116, "Stale file handle")  # as a folder of another machine says it
        return stat(path, **more)

    monkeypatch.setattr(Path, "stat", stale)

    assert [each.call_id for each in kept_in(tmp_path)] == ["there"]
