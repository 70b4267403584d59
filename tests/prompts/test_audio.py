"""Whatever has sound becomes what a telephone carries; whatever has none is refused in words."""

import wave

import numpy as np
import pytest
from pydub import AudioSegment

from callcenter.errors import Invalid
from callcenter.prompts.audio import LOUDNESS, convert
from tests.prompts.sounds import SINE, made
from tests.recordings.sounds import strength, tone


def segment(path):
    with path.open("rb") as file:
        return AudioSegment.from_wav(file)


def samples(path):
    return np.array(segment(path).get_array_of_samples()) / 32768


async def refusal(path, tmp_path):
    with pytest.raises(Invalid) as refused:
        await convert(path, tmp_path / "out.wav")
    return str(refused.value)


@pytest.mark.parametrize("kind", ["mp3", "m4a", "ogg", "opus", "flac", "webm", "wma", "aiff"])
async def test_any_kind_of_sound_becomes_a_telephones(tmp_path, kind):
    source = made(tmp_path / f"tone.{kind}", *SINE)

    seconds = await convert(source, tmp_path / "out.wav")

    with wave.open(str(tmp_path / "out.wav")) as file:
        form = file.getnchannels(), file.getsampwidth(), file.getframerate()
    assert form == (1, 2, 8000)
    assert seconds == pytest.approx(2, abs=0.1)
    assert strength(samples(tmp_path / "out.wav"), 440) > 0.1


async def test_of_a_film_its_sound_is_taken_however_short(tmp_path):
    film = ("-f", "lavfi", "-i", "testsrc=duration=4:size=32x32:rate=5")

    seconds = await convert(made(tmp_path / "film.mp4", *film, *SINE), tmp_path / "out.wav")

    assert seconds == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("level", [0.01, 0.9])
async def test_the_quiet_and_the_loud_are_equally_loud_afterwards(tmp_path, level):
    await convert(tone(tmp_path / "tone.wav", 440, 2, level), tmp_path / "out.wav")

    assert segment(tmp_path / "out.wav").dBFS == pytest.approx(LOUDNESS, abs=0.5)


async def test_pauses_make_nobody_louder(tmp_path):
    pause = AudioSegment.silent(6000, frame_rate=8000)
    voice = segment(tone(tmp_path / "tone.wav", 440, 2))
    (voice + pause).export(tmp_path / "slow.wav", format="wav").close()

    await convert(tmp_path / "slow.wav", tmp_path / "out.wav")

    assert segment(tmp_path / "out.wav")[:2000].dBFS == pytest.approx(LOUDNESS, abs=0.5)


@pytest.mark.parametrize(
    "name, content",
    [
        ("letter.mp3", b"This is a letter, and no sound.\n" * 50),
        ("nothing.mp3", b""),
        ("headless.wav", b"RIFF\x24\x00\x00\x00WAVEfmt "),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile:///etc/passwd\n"),
        ("list.txt", b"ffconcat version 1.0\nfile tone.wav\n"),
    ],
)
async def test_what_is_no_sound_is_refused(tmp_path, name, content):
    tone(tmp_path / "tone.wav", 440, 1)
    (tmp_path / name).write_bytes(content)

    assert "no sound that can be read" in await refusal(tmp_path / name, tmp_path)


async def test_a_damaged_file_is_refused(tmp_path):
    whole = made(tmp_path / "tone.mp3", *SINE).read_bytes()
    third = len(whole) // 3
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(whole[:third] + b"\x55" * third + whole[2 * third :])
    cut = tmp_path / "cut.mp3"
    cut.write_bytes(whole[:third])

    assert "damaged" in await refusal(broken, tmp_path)
    assert "damaged" in await refusal(cut, tmp_path)


async def test_a_film_without_sound_is_refused(tmp_path):
    film = made(tmp_path / "film.mp4", "-f", "lavfi", "-i", "testsrc=duration=1:size=32x32:rate=5")

    assert await refusal(film, tmp_path) == "There is no sound in this file."


async def test_silence_and_what_is_too_short_or_too_long_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("callcenter.prompts.audio.LONGEST_S", 60)
    long = made(tmp_path / "long.mp3", "-f", "lavfi", "-i", "sine=440:duration=62", "-b:a", "8k")

    assert "Nothing" in await refusal(tone(tmp_path / "silent.wav", 440, 2, 0.0), tmp_path)
    assert "too short" in await refusal(tone(tmp_path / "short.wav", 440, 0.1), tmp_path)
    assert "longer than 1 minutes" in await refusal(long, tmp_path)
