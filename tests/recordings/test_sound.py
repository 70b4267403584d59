"""Where nothing was recorded, and that it costs no memory to find out."""

import tracemalloc
from pathlib import Path

import pytest

from callcenter.recordings.sound import gaps, sound_of
from callcenter.recordings.wav import read_wav
from tests.recordings.sounds import mute, tone


def test_a_pause_is_where_both_sides_are_still(tmp_path: Path) -> None:
    customer = tone(tmp_path / "c-in.wav", 440, 12)
    agent = tone(tmp_path / "c-out.wav", 1000, 12)
    for side in (customer, agent):
        mute(side, 3, 5)
    mute(customer, 7, 9)  # who is silent alone is not paused

    found = sound_of(read_wav(customer), read_wav(agent))

    assert found.gaps == ((3.0, 5.0),)
    assert found.silent == ""


def test_a_pause_may_last_to_the_end_and_begin_at_the_start() -> None:
    steps = [False] * 20 + [True] * 5 + [False] * 12

    assert gaps(steps, 3.65) == ((0.0, 2.0), (2.5, 3.6))


@pytest.mark.parametrize("steps", [[], [True] * 50, [True, False] * 20, [False] * 9 + [True]])
def test_a_breath_is_no_pause(steps: list[bool]) -> None:
    assert gaps(steps, len(steps) / 10) == ()


def test_four_hours_take_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    path = tone(tmp_path / "c-in.wav", 440, 1)
    with path.open("r+b") as file:  # a hole in the file: silence that takes no room on the disk
        file.truncate(44 + 4 * 3600 * 8000 * 2)
    wav = read_wav(path)
    assert wav.duration_s == 4 * 3600

    tracemalloc.start()
    found = sound_of(wav, wav)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found.gaps == ((1.0, 14400.0),)
    assert peak < 10_000_000
