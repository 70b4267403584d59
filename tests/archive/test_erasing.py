"""A deleted recording leaves a proof and no sound, whatever happens on the way, on both databases;
what is held stays, whoever wants it gone."""

import hashlib

import msgspec
import pytest
from sqlalchemy import delete, select

from callcenter.archive import erasing
from callcenter.archive.erasing import BUSY, NOT_READY, STAYS, Why
from callcenter.archive.zips import LIST, ZIP
from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.errors import Conflict, Invalid, Missing
from callcenter.people.models import AuditEntry, User
from callcenter.profiles import bin
from callcenter.reconciler import judging, mends
from callcenter.reconciler.looking import Lying
from callcenter.recordings import holds, masking
from callcenter.recordings.masking import Wish
from callcenter.recordings.models import Finding, Proof, Recording, RecordingNote
from tests.archive.shelf import AT, a_call, a_recording, eraser_in, library_in
from tests.recordings.sounds import both

BY_ROOT = Why(user_id=1, reason="The customer asked for it")


@pytest.fixture
async def archive(sessions, tmp_path):
    """An eraser; c1, c2 are recorded calls of customer 7, c3 of a stranger."""
    async with sessions.begin() as session:
        times = {"created_at": AT, "updated_at": AT}
        session.add(User(id=1, username="root", name="Root", password="!", role="superadmin"))
        session.add(Customer(id=7, code="K7", name="Lan", search_key="lan", **times))
        await session.flush()
        for call_id, of in (("c1", 7), ("c2", 7), ("c3", None)):
            session.add(a_call(call_id, customer_id=of))
            session.add(a_recording(tmp_path / "recordings", call_id))
    eraser = eraser_in(sessions, tmp_path)
    yield eraser
    eraser.close()


async def left(sessions, folder):
    """What there is of recordings: files, rows, and proofs with whether they are closed."""
    async with sessions() as session:
        rows = set(await session.scalars(select(Recording.call_id)))
        proofs = {p.call_id: bool(p.erased_at) for p in await session.scalars(select(Proof))}
    files = {path.stem for path in (folder / "recordings").rglob("*.mp3")}
    return files, rows, proofs


async def hold(sessions, **what):
    async with sessions.begin() as session:
        await holds.set_hold(session, 1, "Lawsuit", None, **what)


async def test_the_sound_is_gone_and_what_it_was_is_written_down(archive, sessions, tmp_path):
    async with sessions.begin() as session:
        session.add(RecordingNote(call_id="c1", user_id=1, at_s=1, text="x", created_at=AT))
        session.add(Finding(key="call/c1", kind="broken", call_id="c1", reason="x", found_at=AT))
    (tmp_path / "spool").mkdir()
    both(tmp_path / "spool", "c1", 1)
    (tmp_path / "recordings/2026/11/20/.c1.mp3.part").write_bytes(b"half")

    outcome = await archive.erase(["c1"], BY_ROOT)

    assert (outcome.erased, outcome.stay) == (["c1"], {})
    assert await left(sessions, tmp_path) == ({"c2", "c3"}, {"c2", "c3"}, {"c1": True})
    assert list((tmp_path / "spool").iterdir()) == []
    assert {p.name for p in tmp_path.rglob("*.part")} == set()
    async with sessions() as session:
        proof = await session.get_one(Proof, "c1")
        assert not (await session.scalars(select(RecordingNote))).all()
        assert not (await session.scalars(select(Finding))).all()
    sound = b"the sound of c1"
    assert (proof.sha256, proof.size) == (hashlib.sha256(sound).hexdigest(), len(sound))
    assert (proof.user_id, proof.reason, proof.made_at) == (1, BY_ROOT.reason, AT)


async def test_of_a_changed_file_the_proof_says_what_went(archive, sessions, tmp_path):
    (tmp_path / "recordings/2026/11/20/c1.mp3").write_bytes(b"something else")

    await archive.erase(["c1"], BY_ROOT)

    async with sessions() as session:
        proof = await session.get_one(Proof, "c1")
    assert (proof.sha256, proof.size) == (hashlib.sha256(b"something else").hexdigest(), 14)


@pytest.mark.parametrize("what", [{"call_id": "c1"}, {"customer_id": 7}])
async def test_what_is_held_stays(archive, sessions, tmp_path, what):
    await hold(sessions, **what)

    outcome = await archive.erase(["c1", "c3"], BY_ROOT)

    assert (outcome.erased, outcome.stay) == (["c3"], {"c1": holds.HELD})
    assert (await left(sessions, tmp_path))[0] == {"c1", "c2"}


async def test_a_customer_who_is_held_holds_the_calls_of_before_they_were_one(
    archive, sessions, tmp_path
):
    number = {"number_key": "+84912345678", "raw": "0912345678", "reversed_digits": "1"}
    async with sessions.begin() as session:
        session.add(CustomerPhone(customer_id=7, position=0, **number))
    await hold(sessions, customer_id=7)

    outcome = await archive.erase(["c1", "c2", "c3"], BY_ROOT)

    assert outcome.stay == dict.fromkeys(("c1", "c2", "c3"), holds.HELD)


async def test_a_customer_who_is_held_holds_the_calls_of_numbers_they_had(archive, sessions):
    number = {"number_key": "+84912345678", "raw": "0912345678", "reversed_digits": "1"}
    async with sessions.begin() as session:
        session.add(CustomerPhone(customer_id=7, position=0, **number))
    await hold(sessions, customer_id=7)
    async with sessions.begin() as session:
        await session.execute(delete(CustomerPhone))  # edited

    outcome = await archive.erase(["c3"], BY_ROOT)

    assert outcome.stay == {"c3": holds.HELD}
    async with sessions.begin() as session:
        call = await session.get_one(CallRecord, "c3")
        [shown] = await holds.of_call(session, call)
        await holds.lift(session, 1, shown.id)
    assert (await archive.erase(["c3"], BY_ROOT)).erased == ["c3"]


async def test_nobody_holds_a_customer_who_is_gone(archive, sessions):
    with pytest.raises(Missing):
        await hold(sessions, customer_id=99)


async def test_a_hold_that_was_lifted_or_is_over_holds_nothing(archive, sessions):
    await hold(sessions, call_id="c1")
    await hold(sessions, call_id="c2")
    async with sessions.begin() as session:
        await holds.lift(session, 1, 1)
        (await session.get_one(holds.Hold, 2)).until = AT

    assert (await archive.erase(["c1", "c2"], BY_ROOT)).erased == ["c1", "c2"]


async def test_what_is_being_worked_on_or_not_there_stays(archive, sessions, tmp_path):
    archive._library.take_up("c1")
    async with sessions.begin() as session:
        (await session.get_one(Recording, "c2")).state = "waiting"

    outcome = await archive.erase(["c1", "c2", "c9"], BY_ROOT)

    assert outcome.stay == {"c1": BUSY, "c2": NOT_READY, "c9": NOT_READY}
    assert (await left(sessions, tmp_path))[0] == {"c1", "c2", "c3"}


class PowerCut(BaseException):
    pass


def cut():
    raise PowerCut


async def test_a_crash_before_the_proof_leaves_the_recording(archive, sessions, tmp_path):
    archive._measure = lambda paths: cut()

    with pytest.raises(PowerCut):
        await archive.erase(["c1"], BY_ROOT)

    assert await left(sessions, tmp_path) == ({"c1", "c2", "c3"}, {"c1", "c2", "c3"}, {})


@pytest.mark.parametrize("after", ["proof", "file"])
async def test_a_crash_after_the_proof_is_ended_by_the_next_start(
    archive, sessions, tmp_path, monkeypatch, after
):
    if after == "proof":
        archive._unlink = lambda wanted: cut()
    else:
        monkeypatch.setattr(erasing, "forget_zips", lambda *_: cut())
    with pytest.raises(PowerCut):
        await archive.erase(["c1"], BY_ROOT)
    monkeypatch.undo()
    files, rows, proofs = await left(sessions, tmp_path)
    assert (rows, proofs) == ({"c2", "c3"}, {"c1": False})
    assert ("c1" in files) is (after == "proof")

    again = eraser_in(sessions, tmp_path)
    await again.finish()
    again.close()

    assert await left(sessions, tmp_path) == ({"c2", "c3"}, {"c2", "c3"}, {"c1": True})


async def test_a_file_that_cannot_be_removed_is_tried_again(archive, sessions, tmp_path):
    path = tmp_path / "recordings/2026/11/20/c1.mp3"
    path.unlink()
    path.mkdir()  # nobody can unlink a folder

    outcome = await archive.erase(["c1", "c3"], BY_ROOT)

    assert (outcome.erased, outcome.stay) == (["c3"], {"c1": STAYS})
    path.rmdir()
    assert (await archive.finish()).erased == ["c1"]


async def test_a_proof_by_hand_of_a_missing_file_says_that_there_was_none(
    archive, sessions, tmp_path
):
    (tmp_path / "recordings/2026/11/20/c1.mp3").unlink()

    assert (await archive.erase(["c1", "c2"], BY_ROOT)).erased == ["c1", "c2"]

    async with sessions() as session:
        files = {p.call_id: p.file for p in await session.scalars(select(Proof))}
    assert files == {"c1": "missing", "c2": "read"}


async def test_a_disk_that_is_away_closes_no_proof(archive, sessions, tmp_path):
    recordings, elsewhere = tmp_path / "recordings", tmp_path / "elsewhere"
    archive._unlink = lambda wanted: cut()
    with pytest.raises(PowerCut):
        await archive.erase(["c1"], BY_ROOT)
    del archive._unlink
    recordings.rename(elsewhere)
    recordings.mkdir()

    assert (await archive.finish()).stay == {"c1": STAYS}

    recordings.rmdir()
    elsewhere.rename(recordings)
    assert (await archive.finish()).erased == ["c1"]
    assert (await left(sessions, tmp_path))[0] == {"c2", "c3"}


async def test_a_zip_does_not_outlive_what_is_in_it(archive, tmp_path):
    for job, ids in (("1", ["c1", "c3"]), ("2", ["c2"])):
        folder = tmp_path / "jobs" / job
        folder.mkdir(parents=True)
        (folder / ZIP).write_bytes(b"zip")
        (folder / LIST).write_bytes(msgspec.json.encode(dict.fromkeys(ids, "")))

    await archive.erase(["c3"], BY_ROOT)

    assert [path.parent.name for path in (tmp_path / "jobs").glob(f"*/{ZIP}")] == ["2"]


async def test_what_was_deleted_does_not_come_back(archive, sessions, tmp_path):
    await archive.erase(["c1"], BY_ROOT)
    library = library_in(sessions, tmp_path)
    (tmp_path / "spool").mkdir()
    both(tmp_path / "spool", "c1", 1)
    backup = tmp_path / "recordings/2026/11/20/c1.mp3"
    backup.write_bytes(b"from a backup")

    await library.keeper.keep("c1", None)
    verdict = await mends.attached(sessions, library, Lying(backup, 13, "c1"))

    assert verdict == (judging.Kind.NO_CALL, judging.ERASED)
    assert list((tmp_path / "spool").iterdir()) == []
    assert (await left(sessions, tmp_path))[1:] == ({"c2", "c3"}, {"c1": True})


async def test_nobody_masks_what_is_held(archive, sessions, tmp_path):
    await hold(sessions, call_id="c1")
    wish = Wish(from_s=1, to_s=2, sound="tone", reason="A card")

    async with sessions.begin() as session:
        row, root = await session.get_one(Recording, "c1"), type("Root", (), {"id": 1})
        with pytest.raises(Conflict) as refused:
            await masking.wish(session, row, wish, root)

    assert refused.value.sentence == holds.HELD


async def test_a_customer_who_is_held_outlives_the_bin(archive, sessions):
    await hold(sessions, customer_id=7)
    async with sessions.begin() as session:
        (await session.get_one(Customer, 7)).deleted_at = AT

    await bin.purge_bin(sessions)

    async with sessions() as session:
        assert await session.get(Customer, 7) is not None
        with pytest.raises(Conflict):
            await bin.destroy(session, [7], 1)


async def test_nothing_is_held_that_is_gone_nor_without_a_reason_nor_for_the_past(
    archive, sessions
):
    await archive.erase(["c1"], BY_ROOT)
    async with sessions() as session:
        with pytest.raises(Conflict):
            await holds.set_hold(session, 1, "Lawsuit", None, call_id="c1")
        with pytest.raises(Invalid):
            await holds.set_hold(session, 1, " \0", None, call_id="c2")
        with pytest.raises(Invalid):
            await holds.set_hold(session, 1, "Lawsuit", AT, call_id="c2")


async def test_who_takes_the_place_of_a_customer_on_hold_is_held(archive, sessions):
    await hold(sessions, customer_id=7)
    times = {"created_at": AT, "updated_at": AT}
    async with sessions.begin() as session:
        session.add(Customer(id=8, code="K8", name="Lan", search_key="lan", **times))
        await session.flush()
        (await session.get_one(Customer, 7)).merged_into = 8
        call = await session.get_one(CallRecord, "c1")
        call.customer_id = 8

    assert (await archive.erase(["c1"], BY_ROOT)).stay == {"c1": holds.HELD}

    async with sessions() as session:
        assert len(await holds.of_call(session, call)) == 1
        assert await holds.held_customers(session, [7, 8]) == {7, 8}


async def test_a_crash_after_the_proof_has_left_a_line_in_the_log(archive, sessions):
    archive._unlink = lambda wanted: cut()

    with pytest.raises(PowerCut):
        await archive.erase(["c1"], BY_ROOT)

    async with sessions() as session:
        entry = await session.scalar(select(AuditEntry))
    assert (entry.action, entry.detail) == ("recordings-erased", f"1: c1: {BY_ROOT.reason}")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"c1": 1}'])
async def test_a_zip_of_which_nobody_knows_what_is_in_it_goes(archive, tmp_path, content):
    folder = tmp_path / "jobs" / "1"
    folder.mkdir(parents=True)
    (folder / ZIP).write_bytes(b"zip")
    (folder / LIST).write_bytes(content)

    assert (await archive.erase(["c3"], BY_ROOT)).erased == ["c3"]

    assert list(folder.iterdir()) == []
