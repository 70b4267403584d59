"""The encoder, with the real ffmpeg."""

import asyncio
import gc
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from mutagen.id3 import ID3
from mutagen.mp3 import MP3, BitrateMode

from callcenter.recordings import ffmpeg
from callcenter.recordings.audio import Tags, encode
from callcenter.recordings.sound import peaks, silent
from callcenter.recordings.wav import Unusable, read_wav
from tests.recordings.sounds import both, heard, killed, like_ac3, strength, tone


async def test_the_customer_is_on_the_left_and_the_agent_on_the_right(tmp_path: Path) -> None:
    customer, agent = both(tmp_path, "c1", 3)

    made = await encode(customer, agent, tmp_path / "out" / "c1.mp3", bitrate=32)

    left, right = heard(tmp_path / "out" / "c1.mp3")
    assert strength(left, 440) > 0.25 and strength(left, 1000) < 0.003
    assert strength(right, 1000) > 0.25 and strength(right, 440) < 0.003
    assert made.duration_s == pytest.approx(3, abs=0.001)
    assert made.size == (tmp_path / "out" / "c1.mp3").stat().st_size


async def test_it_is_a_stereo_mp3_of_constant_bitrate_and_tells_its_length(tmp_path: Path) -> None:
    await encode(*both(tmp_path, "c1", 5), tmp_path / "c1.mp3", bitrate=24)

    info = MP3(tmp_path / "c1.mp3").info
    assert info is not None
    assert (info.channels, info.bitrate, info.bitrate_mode) == (2, 24000, BitrateMode.CBR)
    assert info.length == pytest.approx(5, abs=0.5)


async def test_the_file_says_itself_which_call_it_is(tmp_path: Path) -> None:
    tags = Tags("c1", "0912345678", "Mara", "Nguyễn Văn Ánh", "2026-11-21T09:30:00+07:00")

    await encode(*both(tmp_path, "c1"), tmp_path / "c1.mp3", bitrate=32, tags=tags)

    id3 = ID3(tmp_path / "c1.mp3")
    assert {name: str(id3[f"TXXX:{name}"]) for name in ("call_id", "number", "agent")} == {
        "call_id": "c1",
        "number": "0912345678",
        "agent": "Mara",
    }
    assert str(id3["TXXX:customer"]) == "Nguyễn Văn Ánh"
    assert str(id3["TIT2"]) == "0912345678 · Nguyễn Văn Ánh"
    assert str(id3["TDRC"]) == "2026-11-21 09:30:00"
    assert MP3(tmp_path / "c1.mp3").info is not None  # still plays


async def test_the_shorter_side_is_filled_up_with_silence(tmp_path: Path) -> None:
    customer = tone(tmp_path / "c-in.wav", 440, 4)
    agent = tone(tmp_path / "c-out.wav", 1000, 1)

    made = await encode(customer, agent, tmp_path / "c.mp3", bitrate=32)

    left, right = heard(tmp_path / "c.mp3")
    assert made.duration_s == pytest.approx(4)
    assert strength(left[-16000:-4000], 440) > 0.25
    assert np.abs(right[-16000:-4000]).max() < 0.01


async def test_a_side_with_a_header_and_no_sound_is_a_silent_party(tmp_path: Path) -> None:
    customer = tone(tmp_path / "c-in.wav", 440, 2)
    agent = tone(tmp_path / "c-out.wav", 1000, 0)

    made = await encode(customer, agent, tmp_path / "c.mp3", bitrate=32)

    assert (made.silent, made.duration_s) == ("agent", 2.0)
    assert made.peaks[:1000].count(0) < 10 and made.peaks[1000:] == bytes(1000)


async def test_a_killed_exchange_leaves_a_header_of_0_bytes_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    customer, agent = both(tmp_path, "c1", 3)

    made = await encode(killed(customer), killed(agent), tmp_path / "c1.mp3", bitrate=32)

    assert made.duration_s == pytest.approx(3)
    assert strength(heard(tmp_path / "c1.mp3")[0], 440) > 0.25


async def test_a_file_cut_in_the_middle_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    customer, agent = both(tmp_path, "c1", 3)
    os.truncate(customer, 44 + 8000 * 2 + 1)  # an odd byte, too

    made = await encode(customer, agent, tmp_path / "c1.mp3", bitrate=32)

    assert made.duration_s == pytest.approx(3)
    assert read_wav(customer).duration_s == pytest.approx(1)


async def test_a_header_that_lies_costs_nothing_of_the_sound(tmp_path: Path) -> None:
    customer, agent = both(tmp_path, "c1", 3)
    await encode(customer, agent, tmp_path / "true.mp3", bitrate=32)

    await encode(killed(customer), killed(agent), tmp_path / "lies.mp3", bitrate=32)

    assert (tmp_path / "lies.mp3").read_bytes() == (tmp_path / "true.mp3").read_bytes()


async def test_sound_that_looks_like_another_format_is_kept_as_it_sounds(tmp_path: Path) -> None:
    customer, agent = both(tmp_path, "c1", 20)

    await encode(like_ac3(customer), agent, tmp_path / "c1.mp3", bitrate=32)

    assert np.abs(heard(tmp_path / "c1.mp3")[0]).mean() > 0.2


def test_what_stands_behind_the_sound_is_not_sound(tmp_path: Path) -> None:
    path = tone(tmp_path / "c.wav", 440, 1)
    raw = bytearray(path.read_bytes() + b"LIST\x04\x00\x00\x00abcd")
    raw[4:8] = (len(raw) - 8).to_bytes(4, "little")
    path.write_bytes(raw)

    assert read_wav(path).frames == 8000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "0 bytes"),
        (b"RIFF", "not a recording"),
        (b"\xff" * 5000, "not a recording"),
        (b"RIFF\x00\x00\x00\x00WAVE", "breaks off"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff" + b"\x01" * 99, "not a recording"),
        (b"RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff" + b"\x01" * 99, "breaks off"),
        (b"ID3 mp3 " * 100, "not a recording"),
    ],
)
async def test_garbage_is_refused_in_words(tmp_path: Path, content: bytes, sentence: str) -> None:
    customer, agent = both(tmp_path, "c1")
    agent.write_bytes(content)

    with pytest.raises(Unusable, match=sentence):
        await encode(customer, agent, tmp_path / "out" / "c1.mp3", bitrate=32)

    assert not (tmp_path / "out").exists()


async def test_a_missing_side_is_named(tmp_path: Path) -> None:
    customer, agent = both(tmp_path, "c1")
    nowhere, target = tmp_path / "nowhere.wav", tmp_path / "c1.mp3"

    with pytest.raises(Unusable, match="The customer's side"):
        await encode(nowhere, agent, target, bitrate=32)
    with pytest.raises(Unusable, match="The agent's side"):
        await encode(customer, nowhere, target, bitrate=32)
    with pytest.raises(Unusable, match="no recording"):
        await encode(nowhere, nowhere, target, bitrate=32)


async def test_a_recording_without_any_sound_is_none(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no sound"):
        await encode(*both(tmp_path, "c1", 0), tmp_path / "c1.mp3", bitrate=32)


async def test_without_ffmpeg_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unusable, match="ffmpeg is not installed"):
        await encode(*both(tmp_path, "c1"), tmp_path / "c1.mp3", bitrate=32)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process and its children may grow beyond 16 KiB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16384, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_without_room_for_it_there_is_no_mp3_and_no_half_one(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sides = both(tmp_path, "c1", 20)
    request.getfixturevalue("small_disk")

    with pytest.raises(Unusable, match="could not be kept"):
        await encode(*sides, tmp_path / "out" / "c1.mp3", bitrate=32)

    assert list((tmp_path / "out").iterdir()) == []
    assert all(side.exists() for side in sides)


async def test_a_full_disk_is_called_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = both(tmp_path, "c1")
    to_a_full_device = '"$REAL" -loglevel error -y -f lavfi -i sine=d=9 -f mp3 /dev/full'
    _ffmpeg_that(tmp_path, monkeypatch, f"{to_a_full_device}; exit 0")

    with pytest.raises(Unusable, match="the disk is full"):
        await encode(*sides, tmp_path / "c1.mp3", bitrate=32)


async def test_a_killed_ffmpeg_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = both(tmp_path, "c1")
    _ffmpeg_that(tmp_path, monkeypatch, f"kill -{signal.SIGKILL} $$")

    with pytest.raises(Unusable, match="killed"):
        await encode(*sides, tmp_path / "out" / "c1.mp3", bitrate=32)

    assert list((tmp_path / "out").iterdir()) == []


async def test_an_ffmpeg_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = both(tmp_path, "c1")
    _ffmpeg_that(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid; exec sleep 1000")
    monkeypatch.setattr(ffmpeg, "PATIENCE", 0.5)

    with pytest.raises(Unusable, match="too long"):
        await encode(*sides, tmp_path / "c1.mp3", bitrate=32)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_an_mp3_shorter_than_the_call_is_not_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = both(tmp_path, "c1", 5)
    _ffmpeg_that(
        tmp_path,
        monkeypatch,
        'for last; do :; done; exec "$REAL" -y -f lavfi -i sine=d=2 -b:a 32k -f mp3 "$last"',
    )

    with pytest.raises(Unusable, match="not as long"):
        await encode(*sides, tmp_path / "c1.mp3", bitrate=32)

    assert not (tmp_path / "c1.mp3").exists()


async def test_a_name_that_looks_like_an_option_or_a_protocol_is_a_name(tmp_path: Path) -> None:
    customer, agent = both(tmp_path, "-i http:;$(touch x)")

    await encode(customer, agent, tmp_path / "-y concat:a.mp3", bitrate=32)

    assert (tmp_path / "-y concat:a.mp3").exists()
    assert not Path("x").exists()


async def test_a_cancelled_recording_ends_its_ffmpeg_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = both(tmp_path, "c1")
    os.mkfifo(tmp_path / "begun")
    _ffmpeg_that(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/begun; exec sleep 1000")

    task = asyncio.ensure_future(encode(*sides, tmp_path / "out" / "c1.mp3", bitrate=32))
    pid = int(await asyncio.to_thread((tmp_path / "begun").read_text))
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list((tmp_path / "out").iterdir()) == []


async def test_who_is_cancelled_before_anybody_listens_to_ffmpeg_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "begun")
    _ffmpeg_that(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/begun; exec sleep 1000")
    loop, hand, other = asyncio.get_running_loop(), ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    loop.set_default_executor(hand)
    let_go = threading.Event()
    hand.submit(let_go.wait)

    task = asyncio.ensure_future(ffmpeg.ffmpeg([], 1))
    pid = int(await loop.run_in_executor(other, (tmp_path / "begun").read_text))
    task.cancel()
    await asyncio.sleep(0)
    let_go.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    gc.collect()  # what was left open complains now


def test_peaks_are_the_loudest_moment_of_each_slice(tmp_path: Path) -> None:
    customer = tone(tmp_path / "a.wav", 440, 2, level=0.5)
    agent = tone(tmp_path / "b.wav", 440, 1, level=1.0)

    rows = np.frombuffer(peaks(read_wav(customer), read_wav(agent), 100), "u1").reshape(2, 100)

    assert rows[0].min() >= 125 and rows[0].max() == 128
    assert rows[1][:50].min() >= 250 and rows[1][51:].max() == 0


def test_the_quietest_sound_is_seen_and_the_loudest_fits(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 440, 1)
    raw = bytearray(path.read_bytes())
    raw[44:] = bytes(len(raw) - 44)
    raw[44:46], raw[-2:] = (-32768).to_bytes(2, "little", signed=True), b"\x01\x00"
    path.write_bytes(raw)

    row = peaks(read_wav(path), read_wav(path), 10)

    assert (row[0], row[5], row[9]) == (255, 0, 1)


def test_a_recording_of_five_samples_has_five_peaks(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 440, 5 / 8000)

    assert len(peaks(read_wav(path), read_wav(path))) == 10


@pytest.mark.parametrize(
    ("customer", "agent", "who"),
    [(0.3, 0.3, ""), (0.3, 0.0, "agent"), (0.0, 0.3, "customer"), (0.0003, 0.0003, "both")],
)
def test_a_party_who_is_never_heard_is_noticed(
    tmp_path: Path, customer: float, agent: float, who: str
) -> None:
    sides = tone(tmp_path / "a.wav", 440, 3, customer), tone(tmp_path / "b.wav", 440, 3, agent)

    assert silent(*map(read_wav, sides)) == who


def test_one_short_word_is_enough_to_be_heard(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 440, 10, 0)
    raw = bytearray(path.read_bytes())
    word = tone(tmp_path / "w.wav", 300, 0.2, 0.05).read_bytes()[44:]
    raw[60000 : 60000 + len(word)] = word
    path.write_bytes(raw)

    assert silent(read_wav(path), read_wav(path)) == ""


def _ffmpeg_that(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """A program called ffmpeg that does something else."""
    real = subprocess.run(
        ["which", "ffmpeg"], check=True, capture_output=True, text=True
    ).stdout.strip()
    program = folder / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nREAL={real}\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
