"""Which tones are in a wav, and when."""

import wave
from pathlib import Path
from typing import Any

import numpy as np


def samples(path: Path) -> tuple[Any, int]:
    """Of a mono wav: an array from -1 to 1, and the rate."""
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 1
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return raw.astype(float) / 32768, file.getframerate()


def seconds(path: Path) -> float:
    found, rate = samples(path)
    return float(len(found) / rate)


def strength(path: Path, hertz: float, start: float = 0.0, end: float | None = None) -> float:
    """How loud that tone is between two seconds (amplitude, 1 is all there is)."""
    found, rate = samples(path)
    part = found[int(start * rate) : None if end is None else int(end * rate)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)))) / len(part) * 4
    at = round(hertz * len(part) / rate)
    return float(spectrum[max(0, at - 3) : at + 4].max())


def loudest(path: Path, floor: float = 0.01, start: float = 0.0) -> list[int]:
    """The tones above `floor`, loudest first, in Hz."""
    found, rate = samples(path)
    part = found[int(start * rate) :]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)))) / len(part) * 4
    tones = []
    width = int(30 * len(part) / rate)
    while (at := int(spectrum.argmax())) is not None and spectrum[at] >= floor:
        tones.append(round(at * rate / len(part)))
        spectrum[max(0, at - width) : at + width] = 0
    return tones


def first_sound(path: Path, hertz: float, step: float = 0.02) -> float:
    """The second at which that tone is first heard."""
    end = seconds(path)
    at = 0.0
    while at + 0.1 < end:
        if strength(path, hertz, at, at + 0.1) > 0.05:
            return at
        at += step
    raise AssertionError(f"{path.name} never has {hertz} Hz")
