"""Wav files as an exchange leaves them, and ears for the mp3 that is made of them."""

import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000


def tone(path: Path, hertz: float, seconds: float, level: float = 0.3) -> Path:
    """A wav with a sine; `level` 0 is a party who says nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(RATE * seconds)) / RATE
    samples = (np.sin(2 * np.pi * hertz * time) * level * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def mute(path: Path, start: float, end: float) -> Path:
    """As the exchange pauses a recording: nothing but zeros from second to second."""
    raw = bytearray(path.read_bytes())
    here, there = (44 + 2 * int(second * RATE) for second in (start, end))
    raw[here:there] = bytes(there - here)
    path.write_bytes(raw)
    return path


def both(
    folder: Path, call_id: str, seconds: float = 2.0, *, customer: float = 440, agent: float = 1000
) -> tuple[Path, Path]:
    """The two sides of a call, and the mix beside them."""
    tone(folder / f"{call_id}.wav", 440, seconds)
    return (
        tone(folder / f"{call_id}-in.wav", customer, seconds),
        tone(folder / f"{call_id}-out.wav", agent, seconds),
    )


def killed(path: Path) -> Path:
    """The header as a killed exchange leaves it: 0 bytes of sound."""
    raw = bytearray(path.read_bytes())
    raw[4:8] = bytes(4)
    raw[40:44] = bytes(4)
    path.write_bytes(raw)
    return path


def like_ac3(path: Path) -> Path:
    """As loud a noise as there is, whose bytes another format could have as well."""
    raw = path.read_bytes()
    coded = subprocess.run(
        [
            *("ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(path)),
            *("-c:a", "ac3", "-b:a", "192k", "-f", "ac3", "-"),
        ],
        check=True,
        capture_output=True,
    ).stdout
    path.write_bytes(raw[:44] + coded[: len(raw) - 44])
    return path


def heard(path: Path) -> NDArray[np.float64]:
    """The sound of a file, decoded: a row left, a row right, -1..1."""
    raw = subprocess.run(
        [
            *("ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(path)),
            *("-ar", str(RATE), "-f", "s16le", "-"),
        ],
        check=True,
        capture_output=True,
    ).stdout
    return np.frombuffer(raw, "<i2").reshape(-1, 2).T / 32768


def strength(samples: NDArray[np.float64], hertz: float) -> float:
    """How much of a tone is in it: 0 none, 0.3 a tone of level 0.3."""
    spectrum = np.abs(np.fft.rfft(samples)) * 2 / len(samples)
    at = round(hertz * len(samples) / RATE)
    return float(np.sqrt((spectrum[at - 3 : at + 4] ** 2).sum()))
