"""A stretch of a recording that nobody hears again."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from callcenter.calls.models import CallRecord
from callcenter.db import Sessions
from callcenter.errors import Conflict, Invalid
from callcenter.keys import LIBRARY, SESSIONS
from callcenter.people.models import AuditEntry, User
from callcenter.recordings import holds, keeping, masking, queries
from callcenter.recordings.audio import Audio, Tags, encode
from callcenter.recordings.disk import sha256_of
from callcenter.recordings.keeping import columns
from callcenter.recordings.library import Library
from callcenter.recordings.masking import Wish, seconds_typed, wished
from callcenter.recordings.models import Mask, Recording
from callcenter.recordings.tags import tags_of
from callcenter.tasks import running
from tests.pages.site import CAST, IDS, Site
from tests.recordings.sounds import both, heard, strength

AT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
CARD = {"from": "0:02", "to": "3,5", "sound": "tone", "reason": "The number of a card"}


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        *[("83", 83), ("1:23", 83), ("01:01:23.5", 3683.5), ("0,25", 0.25), (" 7 ", 7)],
        *[
            (text, None)
            for text in ("", "x", "1:60", "-3", "1.5:20", "1:2:3:4", "1e9", "9" * 9, ":")
        ],
    ],
)
def test_times_are_typed_as_people_say_them(typed: str, seconds: float | None) -> None:
    assert seconds_typed(typed) == seconds


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("from", "soon"),
        ("to", ""),
        ("to", "1"),
        ("from", "10"),
        ("reason", " "),
        ("reason", "x" * 301),
    ],
)
def test_what_is_typed_wrong_is_said_beside_its_field(field: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        wished(CARD | {field: text}, 10.0)

    assert refused.value.field == field


def test_a_mask_beyond_the_end_goes_to_the_end() -> None:
    assert wished(CARD | {"to": "99"}, 10.0) == Wish(
        from_s=2.0, to_s=10.0, sound="tone", reason="The number of a card"
    )


async def kept(sessions: Sessions, folder: Path, name: str = "c1.mp3") -> Library:
    library = Library(sessions, folder / "spool", folder / "recordings", 32, _nobody)
    path = library.folder / name
    audio = await encode(*both(folder, "c1", 6), path, bitrate=32, tags=Tags("c1"))
    async with sessions.begin() as session:
        session.add(User(id=7, username="lea", name="Lea", password="!", role="team_lead"))
        session.add(Recording(call_id="c1", path=name, created_at=AT, **columns(audio)))
    return library


async def _nobody(call_id: str) -> None:
    return None


async def wishes(sessions: Sessions, **texts: str) -> None:
    async with sessions.begin() as session:
        row, lea = await session.get_one(Recording, "c1"), await session.get_one(User, 7)
        await masking.wish(session, row, wished(CARD | texts, row.duration_s), lea)


async def through(library: Library) -> Recording:
    """Once it has taken up whatever an earlier life left."""
    async with running(library.run(), "library", vital=False):
        library.take_up("c1")
        await library.through_with("c1")
    async with library.keeper.sessions() as session:
        return await session.get_one(Recording, "c1")


@pytest.mark.parametrize("name", ["c1.mp3", "c1.opus"])
async def test_what_was_said_is_gone_from_both_sides_and_the_rest_is_as_it_was(
    sessions: Sessions, tmp_path: Path, name: str
) -> None:
    library = await kept(sessions, tmp_path, name)
    async with sessions() as session:
        before = await session.get_one(Recording, "c1")
    await wishes(sessions)

    row = await through(library)

    path = library.folder / name
    for side, hertz in zip(heard(path), (440, 1000), strict=True):
        assert strength(side[:15000], hertz) > 0.2 and strength(side[29500:47000], hertz) > 0.2
        hidden = side[16400:27600]
        assert strength(hidden, 440) < 0.005
        assert strength(hidden, 1000) == pytest.approx(0.06, abs=0.03)  # the tone instead
    assert (row.state, row.problem) == ("ready", "")
    assert row.duration_s == pytest.approx(before.duration_s, abs=0.05)
    assert row.sha256 == sha256_of(path) != before.sha256
    assert row.peaks != before.peaks
    assert tags_of(path).call_id == "c1"
    async with sessions() as session:
        mask = (await session.scalars(select(Mask))).one()
        entry = (await session.scalars(select(AuditEntry))).one()
    assert mask.done_at and (mask.from_s, mask.to_s, mask.user_id) == (2.0, 3.5, 7)
    assert (entry.action, "card" in entry.detail) == ("recording-masked", True)


async def test_silence_is_nothing_at_all(sessions: Sessions, tmp_path: Path) -> None:
    library = await kept(sessions, tmp_path)
    await wishes(sessions, sound="silence")

    await through(library)

    assert np.abs(heard(library.folder / "c1.mp3")[:, 16400:27600]).max() < 0.003


async def test_nobody_hears_it_while_it_is_wanted_and_a_fault_is_overcome(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = await kept(sessions, tmp_path)
    await wishes(sessions)
    with pytest.raises(Conflict):
        await wishes(sessions)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        row = await through(library)
        assert (row.state, "ffmpeg is not installed" in row.problem) == ("failed", True)

    again = Library(sessions, library.spool.folder, library.folder, 32, _nobody)
    row = await through(again)

    assert row.state == "ready"
    assert strength(heard(library.folder / "c1.mp3")[0][16400:27600], 440) < 0.005


async def test_a_mask_that_is_wanted_while_the_recording_is_made_anew_is_in_it(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = await kept(sessions, tmp_path)
    both(library.spool.folder, "c1", 6)  # newer than the file: it is made again
    encoding, made = keeping.encode, []

    async def wanted_meanwhile(*sides: Path, **more: object) -> Audio:
        audio = await encoding(*sides, **more)  # type: ignore[arg-type]
        if not made:
            await wishes(sessions)
        made.append(audio)
        return audio

    monkeypatch.setattr(keeping, "encode", wanted_meanwhile)

    row = await through(library)

    assert (row.state, len(made)) == ("ready", 2)
    assert strength(heard(library.folder / row.path)[0][16400:27600], 440) < 0.005
    async with sessions() as session:
        assert (await session.scalars(select(Mask))).one().done_at


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_mask_that_was_wanted_before_a_hold_waits_for_its_end(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    library = await kept(sessions, tmp_path)
    before = (library.folder / "c1.mp3").read_bytes()
    await wishes(sessions)

    async def held_now() -> None:
        async with sessions.begin() as session:
            await holds.set_hold(session, 7, "Lawsuit", None, call_id="c1")

    with monkeypatch.context() as patch:
        if is_late:  # while the masked file is made
            encoding = keeping.encode

            async def meanwhile(*sides: Path, **more: object) -> Audio:
                audio = await encoding(*sides, **more)  # type: ignore[arg-type]
                await held_now()
                return audio

            patch.setattr(keeping, "encode", meanwhile)
        else:
            await held_now()
        row = await through(library)

    assert (row.state, row.problem) == ("failed", keeping.MASK_WAITS)
    assert [each.read_bytes() for each in library.folder.rglob("*.mp3")] == [before]
    async with sessions.begin() as session:
        await holds.lift(session, 7, 1)
    again = Library(sessions, library.spool.folder, library.folder, 32, _nobody)
    row = await through(again)
    assert row.state == "ready"
    assert row.sha256 == sha256_of(library.folder / "c1.mp3")


async def test_what_is_still_to_be_masked_is_not_ready_whoever_says_so(
    sessions: Sessions, tmp_path: Path
) -> None:
    await kept(sessions, tmp_path)
    await wishes(sessions)

    async with sessions.begin() as session:
        row = await queries.put(session, "c1", state="ready")

    assert row.state == "waiting"


async def test_a_masked_recording_is_never_made_again_from_what_still_says_it(
    sessions: Sessions, tmp_path: Path
) -> None:
    library = await kept(sessions, tmp_path)
    await wishes(sessions)
    row = await through(library)
    (library.folder / row.path).unlink()
    both(library.spool.folder, "c1", 6)

    row = await through(library)

    assert (row.state, row.problem) == ("failed", keeping.MASKED_GONE)
    assert not (library.folder / row.path).exists()


@pytest.mark.parametrize("away", ["recordings", "recordings/c1.mp3"])
async def test_a_masked_recording_whose_folder_was_not_there_is_ready_once_it_is(
    sessions: Sessions, tmp_path: Path, away: str
) -> None:
    library = await kept(sessions, tmp_path)
    await wishes(sessions)
    before = await through(library)
    both(library.spool.folder, "c1", 6)
    (tmp_path / away).rename(tmp_path / "elsewhere")
    row = await through(library)
    is_root = away == "recordings"  # nothing is known of a single file
    assert (row.state, row.problem) == (
        ("ready", "") if is_root else ("failed", keeping.MASKED_GONE)
    )
    assert library.spool.sides("c1").any

    (tmp_path / "elsewhere").rename(tmp_path / away)
    row = await through(library)

    assert (row.state, row.problem, row.sha256) == ("ready", "", before.sha256)
    assert not library.spool.sides("c1").any


async def test_two_who_want_a_mask_at_once_are_told_one_after_the_other(
    sessions: Sessions, tmp_path: Path
) -> None:
    await kept(sessions, tmp_path)
    async with sessions() as early:
        row, lea = await early.get_one(Recording, "c1"), await early.get_one(User, 7)
        await early.rollback()
        await wishes(sessions)

        with pytest.raises(Conflict):
            await masking.wish(early, row, wished(CARD, 6.0), lea)


async def test_a_lead_masks_a_call_of_hers_and_others_may_not(site: Site, tmp_path: Path) -> None:
    library = site.app[LIBRARY]
    audio = await encode(*both(tmp_path, "c1", 6), library.folder / "c1.mp3", bitrate=32)
    async with site.app[SESSIONS].begin() as session:
        for call_id, who in (("c1", "mara"), ("kims", "kim")):
            session.add(
                CallRecord(
                    **{"call_id": call_id, "direction": "inbound", "state": "ended"},
                    **{"started_at": AT, "answered_at": AT, "ended_at": AT, "result": "answered"},
                    **{"user_id": IDS[who], "department_id": CAST[who][2]},
                )
            )
            session.add(Recording(call_id=call_id, path="c1.mp3", created_at=AT, **columns(audio)))
    lea, mara = await site.signed_in("lea"), await site.signed_in("mara")
    where = "/recordings/c1/mask"

    statuses = [
        (await mara.get(where)).status,
        (await mara.post(where, CARD)).status,
        (await lea.get("/recordings/kims/mask")).status,
        (await lea.post("/recordings/kims/mask", CARD)).status,
    ]
    wrong = await lea.post(where, CARD | {"to": "1"})
    async with running(library.run(), "library", vital=False):
        done = await lea.post(where, CARD)
        await library.through_with("c1")
    page = (await lea.get(where)).text

    assert statuses == [403, 403, 404, 404]
    assert (
        wrong.status == 400 and "after the beginning" in wrong.text and 'value="0:02"' in wrong.text
    )
    assert done.status == 303
    assert "The number of a card" in page and "Masked until now" in page
    async with lea.session.get("/recordings/c1/peaks") as answer:
        assert (await answer.json())["masks"] == [[2.0, 3.5]]
