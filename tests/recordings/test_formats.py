"""Opus beside mp3: the same sound, the same tags, the same checks."""

import hashlib
from pathlib import Path

import pytest
from mutagen.oggopus import OggOpus

from callcenter.recordings.audio import encode
from callcenter.recordings.formats import format_of
from callcenter.recordings.tags import Tags, seconds_of, tags_of
from tests.recordings.sounds import both, heard, strength

TAGS = Tags("c1", "0912345678", "Mara", "Nguyễn Văn Ánh", "2026-11-21T09:30:00+07:00")


async def test_opus_keeps_both_parties_apart_and_is_smaller(tmp_path: Path) -> None:
    sides = both(tmp_path, "c1", 30)

    small = await encode(*sides, tmp_path / "c1.opus", bitrate=24, tags=TAGS)
    large = await encode(*sides, tmp_path / "c1.mp3", bitrate=32, tags=TAGS)

    left, right = heard(tmp_path / "c1.opus")
    assert strength(left, 440) > 0.2 and strength(left, 1000) < 0.02
    assert strength(right, 1000) > 0.2 and strength(right, 440) < 0.01
    assert small.duration_s == large.duration_s and small.peaks == large.peaks
    assert small.size < large.size


@pytest.mark.parametrize("name", ["c1.mp3", "c1.opus"])
async def test_what_a_file_is_about_can_be_read_back(tmp_path: Path, name: str) -> None:
    made = await encode(*both(tmp_path, "c1", 3), tmp_path / name, bitrate=32, tags=TAGS)

    assert tags_of(tmp_path / name) == TAGS
    assert seconds_of(tmp_path / name) == pytest.approx(3, abs=0.2)
    assert made.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


async def test_an_opus_file_has_a_title_that_players_show(tmp_path: Path) -> None:
    await encode(*both(tmp_path, "c1"), tmp_path / "c1.opus", bitrate=24, tags=TAGS)

    comments = OggOpus(tmp_path / "c1.opus")
    assert comments["title"] == ["0912345678 · Nguyễn Văn Ánh"]
    assert comments["artist"] == ["Mara"]


@pytest.mark.parametrize("name", ["c1.mp3", "c1.opus"])
def test_what_is_no_recording_has_neither_tags_nor_a_length(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"?" * 5000)

    assert (tags_of(tmp_path / name), seconds_of(tmp_path / name)) == (Tags(""), None)


def test_an_archive_may_hold_both() -> None:
    kinds = [format_of(name).content_type for name in ("a.mp3", "2026/b.opus", "c")]

    assert kinds == ["audio/mpeg", "audio/ogg", "audio/mpeg"]
