"""Pieces for players, without a question to the database: only for whoever was let in just now."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.keys import LIBRARY
from callcenter.recordings import queries
from callcenter.recordings.audio import encode
from callcenter.recordings.grants import LASTS_S, Grants, piece_of
from callcenter.recordings.models import Recording
from tests.api.house import AT, House
from tests.pages.site import IDS, Site, Visitor
from tests.recordings.sounds import both
from tests.recordings.test_views import listenings, recorded

SOUND = "/recordings/c1.mp3"


@given(st.integers(0, 4000), st.integers(0, 4000), st.integers(1, 3000))
def test_a_piece_is_what_is_there_of_what_is_wanted(first: int, last: int, size: int) -> None:
    whole = bytes(size)

    piece = piece_of(f"bytes={first}-{last}", size)

    expected = len(whole[first : last + 1])
    assert piece == ((first, expected) if expected else None)


@pytest.mark.parametrize(
    "wanted",
    ["", "bytes", "bytes=", "bytes=-5", "bytes=1-2,4-5", "bytes=a-b", "bytes=-", "bits=1-2"],
)
def test_what_is_no_plain_piece_goes_the_usual_way(wanted: str) -> None:
    assert piece_of(wanted, 1000) is None
    assert piece_of("bytes=0-", 2**21) is None  # too much at once


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """On a disk, as recordings are: what lies in memory cannot be read without waiting."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.fixture
async def asked(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A recording whose grants have a clock of their own, and each question to the database."""
    await recorded(house, tmp_path)
    questions: list[str] = []
    audible = queries.audible

    async def counted(session, scope, call_id):  # type: ignore[no-untyped-def]
        questions.append(call_id)
        return await audible(session, scope, call_id)

    monkeypatch.setattr(queries, "audible", counted)
    house.app[LIBRARY].grants = Grants(lambda: house.now)  # type: ignore[attr-defined]
    house.now = 0.0  # type: ignore[attr-defined]
    return questions


async def piece(house: House, who: str, wanted: str = "bytes=1000-1999") -> tuple[int, bytes]:
    answer = await house.raw(who, "GET", SOUND, headers={"Range": wanted})
    return answer.status, await answer.read()


async def test_the_next_pieces_are_the_same_bytes_without_a_question(
    house: House, asked: list[str]
) -> None:
    path = house.app[LIBRARY].folder / "2026/c1.mp3"
    usual = await house.raw("mara", "GET", SOUND, headers={"Range": "bytes=1000-1999"})
    await usual.read()

    quick = await house.raw("mara", "GET", SOUND, headers={"Range": "bytes=1000-1999"})

    assert (quick.status, await quick.read()) == (206, path.read_bytes()[1000:2000])
    assert asked == ["c1"]
    for name in ("Content-Range", "ETag", "Content-Type", "Content-Length", "Cache-Control"):
        assert quick.headers[name] == usual.headers[name], name
    assert quick.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_grant_is_nobody_elses_and_does_not_last(house: House, asked: list[str]) -> None:
    await piece(house, "mara")

    assert (await piece(house, "jon"))[0] == 404  # a call of mara's
    assert (await piece(house, "lead"))[0] == 206
    house.now = LASTS_S + 1  # type: ignore[attr-defined]
    await piece(house, "mara")

    assert asked == ["c1"] * 4


async def test_a_file_that_is_another_now_is_asked_for_again(
    house: House, asked: list[str]
) -> None:
    await piece(house, "mara")
    path = house.app[LIBRARY].folder / "2026/c1.mp3"
    path.write_bytes(b"x" * 5000)
    os.utime(path, (1, 1))

    assert await piece(house, "mara") == (206, b"x" * 1000)
    assert asked == ["c1", "c1"]


async def test_what_nobody_may_hear_for_now_is_forgotten(house: House, asked: list[str]) -> None:
    await piece(house, "mara")
    house.app[LIBRARY].grants.forget("c1")

    await piece(house, "mara")

    assert asked == ["c1", "c1"]


async def test_who_loses_the_right_while_it_is_looked_up_is_granted_nothing(
    house: House, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    audible = queries.audible

    async def meanwhile(session, scope, call_id):  # type: ignore[no-untyped-def]
        found = await audible(session, scope, call_id)
        if len(asked) == 1:
            house.app[LIBRARY].grants.forget_all()
        return found

    monkeypatch.setattr(queries, "audible", meanwhile)
    await piece(house, "mara")
    await piece(house, "mara")
    await piece(house, "mara")

    assert asked == ["c1", "c1"]  # the second is asked for again, and granted


async def test_a_head_lets_nobody_hear_the_rest_without_being_written_down(
    house: House, asked: list[str]
) -> None:
    await house.raw("mara", "HEAD", SOUND, headers={"Range": "bytes=1000-1999"})
    assert await listenings(house) == []

    await piece(house, "mara")

    assert asked == ["c1", "c1"] and await listenings(house) == [("c1", 3)]


async def test_what_a_proxy_adds_to_every_request_lets_nobody_in(
    site: Site, tmp_path: Path
) -> None:
    path = site.app[LIBRARY].folder / "c1.mp3"
    await encode(*both(tmp_path, "c1", 4), path, bitrate=32)
    await site.call("mara", call_id="c1")
    await site.add(Recording(call_id="c1", state="ready", path="c1.mp3", created_at=AT))
    mara, kim = await site.signed_in("mara"), await site.signed_in("kim")
    headers = {"Authorization": "Basic cHJveHk6cHJveHk=", "Range": "bytes=1000-1999"}

    async def status(of: Visitor) -> int:
        async with of.session.get(SOUND, headers=headers, allow_redirects=False) as answer:
            return answer.status

    asked = [await status(each) for each in (mara, mara, kim, await site.visitor())]

    assert asked == [206, 206, 404, 401]


@pytest.mark.parametrize("what", ["signs out", "is signed out", "leaves"])
async def test_whoever_is_out_hears_no_more(site: Site, tmp_path: Path, what: str) -> None:
    grants = site.app[LIBRARY].grants
    mara, root = await site.signed_in("mara"), await site.signed_in("root")
    grants._of[((False, "mara"), "c1")] = None  # type: ignore[assignment]

    if what == "signs out":
        await mara.post("/sign-out")
    elif what == "is signed out":
        await root.post(f"/team/{IDS['mara']}/sign-out")
    else:
        await root.post(f"/team/{IDS['mara']}/leave", {"successor": "nobody"})

    assert grants._of == {}
