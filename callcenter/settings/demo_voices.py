"""Recordings of the demo's calls: two parties taking turns, each in its own channel.

They speak the exchange's prompts where Asterisk is at hand, and hum syllables where it is not.
"""

import asyncio
import logging
import tempfile
import wave
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callcenter.calls.rows import Row
from callcenter.recordings.audio import Audio, Tags, encode
from callcenter.recordings.sound import as_text
from callcenter.recordings.wav import Unusable, read_wav

log = logging.getLogger(__name__)

RATE = 8000
LENGTHS = (10.0, 40.0)  # seconds of talk
BITRATE = 32
AT_ONCE = 2  # ffmpegs
PROMPTS = 12  # are enough of a conversation
LOWER = 0.84  # the customer speaks the same prompts more slowly, in a lower voice

Samples = NDArray[np.int16]


def fit(rows: Sequence[Row], count: int) -> list[Row]:
    """The newest calls that are good to be recorded."""
    good = [row for row in rows if LENGTHS[0] <= row.talked_s <= LENGTHS[1] and row.customer_id]
    return good[max(0, len(good) - count) :]


async def record(
    rows: Sequence[Row],
    folder: Path,
    zone: tzinfo,
    *,
    names: dict[int, str],
    agents: dict[int, str],
    sounds: Path | None,
    tell: Callable[[str], None],
) -> list[dict[str, object]]:
    """Rows of recordings, their mp3s lying below `folder`; fewer, with a word why, if it fails.

    `names` are customers', `agents` users', by id; `sounds` is a folder of prompts (wav).
    """
    reel = await asyncio.to_thread(_reel, sounds)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Row) -> dict[str, object]:
        path = f"{row.started_at.astimezone(zone):%Y/%m/%d}/{row.call_id}.mp3"
        tags = Tags(
            call_id=row.call_id,
            number=row.number or "",
            agent=agents.get(row.user_id or 0, ""),
            customer=names.get(row.customer_id or 0, ""),
            started_at=row.started_at.astimezone(zone).isoformat(),
        )
        async with gate:
            return recording_of(row, path, await _made(row, reel, folder / path, tags))

    done = await asyncio.gather(*(one(row) for row in rows), return_exceptions=True)
    if failed := [each for each in done if isinstance(each, BaseException)]:
        if not all(isinstance(error, Unusable | OSError) for error in failed):
            raise failed[0]
        tell(f"{len(failed)} recordings of the demo could not be made: {failed[0]}")
    return [each for each in done if isinstance(each, dict)]


def recording_of(call: Row, path: str, audio: Audio) -> dict[str, object]:
    """The row of a recording."""
    return {
        "call_id": call.call_id,
        "kind": "call",
        "state": "ready",
        "problem": "",
        "path": path,
        "duration_s": audio.duration_s,
        "size": audio.size,
        "peaks": audio.peaks,
        "silent": audio.silent,
        "gaps": as_text(audio.gaps),
        "sha256": audio.sha256,
        "created_at": call.ended_at,
    }


async def _made(row: Row, reel: Samples, target: Path, tags: Tags) -> Audio:
    with tempfile.TemporaryDirectory(prefix="callcenter-voices-") as name:
        sides = Path(name, "customer.wav"), Path(name, "agent.wav")
        await asyncio.to_thread(_write_sides, row, reel, *sides)
        return await encode(*sides, target, bitrate=BITRATE, tags=tags)


def _write_sides(row: Row, reel: Samples, customer: Path, agent: Path) -> None:
    """Turns of two to five seconds with a breath between them; the agent speaks first."""
    chance = np.random.default_rng(int(row.started_at.timestamp()))
    length = int((row.talked_s + row.held_s) * RATE)
    low = _stretched(reel, LOWER)
    sides = np.zeros((2, length), np.int16)
    at, turn = int(0.4 * RATE), 1
    while at < length:
        voice = reel if turn else low
        said = min(int(chance.uniform(2, 5) * RATE), length - at)
        start = int(chance.integers(0, len(voice) - said))
        sides[turn, at : at + said] = voice[start : start + said]
        at += said + int(chance.uniform(0.3, 0.9) * RATE)
        turn = 1 - turn
    for path, samples in zip((customer, agent), sides, strict=True):
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.astype("<i2").tobytes())


def _reel(sounds: Path | None) -> Samples:
    """Some prompts one after the other; at least ten seconds of sound."""
    prompts = []
    found = sorted(sounds.glob("*.wav")) if sounds and sounds.is_dir() else []
    for path in found[:PROMPTS]:
        wav = read_wav(path)
        if wav.rate == RATE:
            prompts += [np.frombuffer(block, "<i2") for block in wav.blocks()]
    spoken = np.concatenate(prompts) if prompts else np.zeros(0, np.int16)
    return spoken if len(spoken) > 10 * RATE else _hummed(30.0)


def _hummed(seconds: float) -> Samples:
    """Syllables of a voice without words: harmonics of a wandering pitch, four a second."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 190 + 25 * np.sin(2 * np.pi * 0.37 * time) + 12 * np.sin(2 * np.pi * 2.1 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = sum(np.sin(n * phase) * weight for n, weight in enumerate((1, 0.7, 0.8, 0.4, 0.2), 1))
    syllables = np.clip(np.sin(2 * np.pi * 2.0 * time) ** 2 * 1.4 - 0.2, 0, 1)
    phrases = (np.sin(2 * np.pi * 0.31 * time) > -0.6).astype(float)
    samples: Samples = (voice * syllables * phrases * 5000).astype(np.int16)
    return samples


def _stretched(samples: Samples, speed: float) -> Samples:
    places = np.arange(0, len(samples) - 1, speed)
    slower: Samples = np.interp(places, np.arange(len(samples)), samples).astype(np.int16)
    return slower
