"""Listening: who may, in which pieces, and that it is noted."""

from datetime import timedelta
from pathlib import Path

import pytest
from mutagen.mp3 import MP3
from sqlalchemy import select

from callcenter.keys import LIBRARY
from callcenter.recordings.audio import encode
from callcenter.recordings.models import Listening, Recording
from callcenter.recordings.queries import About, about
from tests.api.house import AT, House, a_call, a_customer
from tests.recordings.sounds import both


async def recorded(house: House, tmp_path: Path, call_id: str = "c1", who: str = "mara") -> bytes:
    """A call of `who` with a real recording; the bytes of its mp3."""
    target = tmp_path / "recordings" / "2026" / f"{call_id}.mp3"
    audio = await encode(*both(tmp_path, call_id, 4), target, bitrate=32)
    row = Recording(
        call_id=call_id,
        state="ready",
        path=f"2026/{call_id}.mp3",
        duration_s=audio.duration_s,
        size=audio.size,
        peaks=audio.peaks,
        created_at=AT,
    )
    await house.add(a_call(call_id, who), row)
    return target.read_bytes()


async def test_the_whole_file_is_served_as_audio_that_a_browser_may_seek(
    house: House, tmp_path: Path
) -> None:
    whole = await recorded(house, tmp_path)

    answer = await house.raw("mara", "GET", "/recordings/c1.mp3")

    assert (answer.status, await answer.read()) == (200, whole)
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"].startswith("private")
    assert (
        answer.headers["Content-Disposition"]
        == 'inline; filename="2026-11-20 10-00 0912345678.mp3"'
    )
    (tmp_path / "x.mp3").write_bytes(whole)
    assert MP3(tmp_path / "x.mp3").info is not None


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=5000-5999", 5000, 6000),
        ("bytes=5000-", 5000, None),
        ("bytes=-100", -100, None),
        ("bytes=5000-99999999", 5000, None),
    ],
)
async def test_a_piece_is_served_as_a_piece(
    house: House, tmp_path: Path, wanted: str, start: int, end: int | None
) -> None:
    whole = await recorded(house, tmp_path)
    piece = whole[start:end]

    answer = await house.raw("mara", "GET", "/recordings/c1.mp3", headers={"Range": wanted})

    first = start % len(whole)
    assert (answer.status, await answer.read()) == (206, piece)
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(piece) - 1}/{len(whole)}"


async def test_a_piece_behind_the_end_is_refused(house: House, tmp_path: Path) -> None:
    whole = await recorded(house, tmp_path)

    answer = await house.raw(
        "mara", "GET", "/recordings/c1.mp3", headers={"Range": f"bytes={len(whole)}-"}
    )

    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"


async def test_what_has_not_changed_is_not_sent_again(house: House, tmp_path: Path) -> None:
    await recorded(house, tmp_path)
    first = await house.raw("mara", "GET", "/recordings/c1.mp3")
    await first.read()

    again = await house.raw(
        "mara", "GET", "/recordings/c1.mp3", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (again.status, await again.read()) == (304, b"")


async def test_a_recording_may_be_kept(house: House, tmp_path: Path) -> None:
    await recorded(house, tmp_path)

    answer = await house.raw("lead", "GET", "/recordings/c1/file")

    assert answer.headers["Content-Disposition"].startswith("attachment; ")


async def test_a_head_tells_the_size_and_nobody_has_listened(house: House, tmp_path: Path) -> None:
    whole = await recorded(house, tmp_path)

    answer = await house.raw("mara", "HEAD", "/recordings/c1.mp3")

    assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(whole)))
    assert await listenings(house) == []


@pytest.mark.parametrize("path", ["/recordings/c1.mp3", "/recordings/c1/peaks"])
async def test_whoever_may_not_see_the_call_may_not_hear_it(
    house: House, tmp_path: Path, path: str
) -> None:
    await recorded(house, tmp_path)

    answers = {
        who: (await house.raw(who, "GET", path)).status
        for who in ("mara", "jon", "thao", "east", "lead", "admin")
    }

    expected = {"mara": 200, "lead": 200, "admin": 200}
    assert answers == {"jon": 404, "thao": 404, "east": 404, **expected}
    assert (await house.raw(None, "GET", path, allow_redirects=False)).status == 401


async def test_a_recording_is_about_a_number_an_agent_and_a_customer(house: House) -> None:
    await house.add(*a_customer(7, "Nguyễn Văn Ánh", "0912345678"), a_call("c1", customer_id=7))
    async with house.sessions() as session:
        found = await about(session, "c1")
        nothing = await about(session, "c2")

    assert found == About("0912345678", "Mara", "Nguyễn Văn Ánh", AT)
    assert nothing is None


async def test_who_listens_is_noted_once_in_ten_minutes(house: House, tmp_path: Path) -> None:
    await recorded(house, tmp_path)
    for wanted in ("bytes=0-9", "bytes=10-19", "bytes=0-9"):
        await house.raw("mara", "GET", "/recordings/c1.mp3", headers={"Range": wanted})
    await house.raw("lead", "GET", "/recordings/c1.mp3")
    await house.raw("jon", "GET", "/recordings/c1.mp3")  # not allowed
    assert await listenings(house) == [("c1", 3), ("c1", 2)]

    async with house.sessions() as session:
        for row in await session.scalars(select(Listening)):
            row.at -= timedelta(minutes=11)
        await session.commit()
    await house.raw("mara", "GET", "/recordings/c1.mp3")

    assert await listenings(house) == [("c1", 3), ("c1", 2), ("c1", 3)]


async def test_the_waveform_has_a_row_a_party(house: House, tmp_path: Path) -> None:
    await recorded(house, tmp_path)

    peaks = await (await house.raw("mara", "GET", "/recordings/c1/peaks")).json()

    assert peaks["duration_s"] == pytest.approx(4)
    assert (len(peaks["customer"]), len(peaks["agent"])) == (1000, 1000)
    assert max(peaks["customer"]) == pytest.approx(77, abs=2)  # 0.3 of 255


@pytest.mark.parametrize(
    "path",
    [
        "/recordings/none.mp3",
        "/recordings/..%2F..%2Fetc%2Fpasswd.mp3",
        "/recordings/%2e%2e.mp3",
        "/recordings/.mp3",
        "/recordings/c1%00.mp3",
        "/recordings/" + "x" * 65 + ".mp3",
        "/recordings/../config.toml",
    ],
)
async def test_no_path_comes_from_outside(house: House, tmp_path: Path, path: str) -> None:
    await recorded(house, tmp_path)

    assert (await house.raw("admin", "GET", path)).status == 404


async def test_what_is_not_ready_cannot_be_played_and_the_api_says_why(
    house: House, tmp_path: Path
) -> None:
    full = "The recording could not be kept: the disk is full."
    await house.add(
        *(a_call(call_id) for call_id in ("waiting", "failed", "gone", "never")),
        Recording(call_id="waiting", state="waiting", created_at=AT),
        Recording(call_id="failed", state="failed", problem=full, created_at=AT),
        Recording(call_id="gone", state="ready", path="2026/gone.mp3", created_at=AT),
    )

    for call_id in ("waiting", "failed", "gone", "never"):
        assert (await house.raw("mara", "GET", f"/recordings/{call_id}.mp3")).status == 404
        assert (await house.raw("mara", "GET", f"/recordings/{call_id}/peaks")).status == 404

    failed = await house.says("mara", "GET", "/recordings/failed")
    assert (failed["state"], failed["problem"], failed["url"]) == ("failed", full, None)
    assert (await house.says("mara", "GET", "/recordings/waiting"))["state"] == "waiting"
    await house.says("mara", "GET", "/recordings/never", 404)
    await house.says("thao", "GET", "/recordings/failed", 404)


async def test_the_api_says_where_the_sound_is(house: House, tmp_path: Path) -> None:
    whole = await recorded(house, tmp_path)

    info = await house.says("mara", "GET", "/recordings/c1")

    assert (info["state"], info["size"], info["silent"]) == ("ready", len(whole), "")
    assert (await house.raw("mara", "GET", info["url"])).status == 200
    assert (await house.raw("mara", "GET", info["peaks_url"])).status == 200


async def test_a_file_outside_the_folder_is_never_served(house: House, tmp_path: Path) -> None:
    (tmp_path / "secret.mp3").write_bytes(b"secret")
    (tmp_path / "recordings").mkdir()
    await house.add(
        a_call("c1"), Recording(call_id="c1", state="ready", path="../secret.mp3", created_at=AT)
    )

    assert (await house.raw("admin", "GET", "/recordings/c1.mp3")).status == 404
    assert house.app[LIBRARY].waiting == 0


async def listenings(house: House) -> list[tuple[str, int]]:
    async with house.sessions() as session:
        rows = await session.scalars(select(Listening).order_by(Listening.id))
        return [(row.call_id, row.user_id) for row in rows]
