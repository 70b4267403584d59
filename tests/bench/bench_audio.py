"""Recordings from the exchange's wavs to a kept file: python -m tests.bench.bench_audio

Five minutes of two people who take turns. `ours` is how many seconds of a call a second of one core
makes: checked, encoded, tagged, measured, summed, on the disk; `reference` plain ffmpeg making the
same mp3 of the same wavs and nothing else. Then the time from hanging up to a recording that can be
played, by the whole library, and how much an hour adds to the memory of the service.
"""

import asyncio
import resource
import statistics
import subprocess
import time
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.db import database
from callcenter.migrations import migrate
from callcenter.recordings.audio import Tags, encode
from callcenter.recordings.library import Library
from callcenter.tasks import running
from tests.bench.report import found_by, judged, keep

RATE, MINUTES, TIMES, BITRATE = 8000, 5, 5, 32
GOALS = {
    "slower_than_250_times": 0,
    "playable_after_s": 1.5,
    "opus_playable_after_s": 1.5,
    "hour_adds_mb": 30,
}
AT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
TAGS = Tags("c1", "0912345678", "Mara", "Nguyễn Văn Ánh", AT.isoformat())


def speech(path: Path, minutes: float, turn: int) -> Path:
    """Syllables and a little noise, in every other stretch of four seconds."""
    chance = np.random.default_rng(turn)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for stretch in range(int(minutes * 15)):
            time_ = np.arange(4 * RATE) / RATE
            noise = chance.normal(0, 30, 4 * RATE)
            pitch = 120 + 60 * turn + 20 * np.sin(2 * np.pi * 0.4 * time_)
            phase = 2 * np.pi * np.cumsum(pitch) / RATE
            voice = sum(np.sin(n * phase) / n for n in range(1, 12)) * 4000
            talks = (stretch + turn) % 2 * np.clip(np.sin(2 * np.pi * 2.2 * time_), 0, 1)
            file.writeframes((voice * talks + noise).astype("<i2").tobytes())
    return path


def sides(folder: Path, call_id: str, minutes: float) -> tuple[Path, Path]:
    return (
        speech(folder / f"{call_id}-in.wav", minutes, 0),
        speech(folder / f"{call_id}-out.wav", minutes, 1),
    )


def plain(customer: Path, agent: Path, target: Path) -> None:
    join = "[0:a][1:a]join=inputs=2:channel_layout=stereo[b]"
    subprocess.run(
        [
            *("ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-threads", "1"),
            *("-i", str(customer), "-i", str(agent), "-filter_complex", join, "-map", "[b]"),
            *("-c:a", "libmp3lame", "-b:a", f"{BITRATE}k", str(target)),
        ],
        check=True,
    )


def cpu() -> float:
    """Seconds of this process and its children."""
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(each.ru_utime + each.ru_stime for each in both)


async def playable(folder: Path, format: str = "mp3") -> float:
    """Seconds from hanging up until the pages are told."""
    heard = asyncio.Event()
    async with database(f"sqlite+aiosqlite:///{folder}/{format}.db") as (engine, sessions):
        await migrate(engine)

        async def nobody(call_id: str) -> None:
            return None

        library = Library(
            sessions,
            folder / "spool",
            folder / "recordings",
            BITRATE,
            nobody,
            format=format,
            ready=lambda call_id: heard.set(),
        )
        call = Call(
            call_id="c1",
            direction=Direction.INBOUND,
            started_at=AT,
            state=State.TALKING,
            number="0912345678",
            answered_at=AT,
            recordings=("c1.wav",),
        )
        ended = Call(**{**_fields(call), "state": State.ENDED, "result": Result.ANSWERED})
        took = []
        async with running(library.run(), "library"):
            for _ in range(3):
                sides(folder / "spool", "c1", MINUTES)
                heard.clear()
                began = time.monotonic()
                library.call_ended(Change(before=call, after=ended))
                await heard.wait()
                took.append(time.monotonic() - began)
                while library.waiting:
                    await asyncio.sleep(0.01)
    return statistics.median(took)


def _fields(call: Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in call.__dataclass_fields__}


async def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU, in seconds."""
    wall, spent = time.monotonic(), cpu()
    await work()
    return time.monotonic() - wall, cpu() - spent


async def measured(folder: Path) -> dict[str, Any]:
    wavs = sides(folder, "c0", MINUTES)
    ours, theirs = [], []
    for _ in range(TIMES):
        target = folder / "kept" / "c0.mp3"
        ours.append(await timed(lambda: encode(*wavs, target, bitrate=BITRATE, tags=TAGS)))  # noqa: B023 - awaited at once
        theirs.append(await timed(lambda: asyncio.to_thread(plain, *wavs, folder / "plain.mp3")))
    long = MINUTES * 60
    times = long / statistics.median(spent for _, spent in ours)
    reference = long / statistics.median(spent for _, spent in theirs)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hour = sides(folder, "hour", 60)
    before = max(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    await encode(*hour, folder / "kept" / "hour.mp3", bitrate=BITRATE, tags=TAGS)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reached = {
        "slower_than_250_times": max(0, round(250 - times, 1)),
        "playable_after_s": round(await playable(folder), 2),
        "opus_playable_after_s": round(await playable(folder, "opus"), 2),
        "hour_adds_mb": round((after - before) / 1024, 1),
    }
    return {
        "name": "audio",
        "unit": "seconds of a call made by one second of one core, median",
        "ours": round(times),
        "reference": round(reference),
        "reference_is": "plain ffmpeg, the same mp3 of the same wavs",
        "ratio": round(times / reference, 2),
        "by_the_clock": round(long / statistics.median(wall for wall, _ in ours)),
        "opus": await opus(wavs, folder),
        **judged(reached, GOALS),
    }


async def opus(wavs: tuple[Path, Path], folder: Path) -> dict[str, float]:
    _, spent = await timed(
        lambda: encode(*wavs, folder / "kept" / "c0.opus", bitrate=24, tags=TAGS)
    )
    sizes = [(folder / "kept" / f"c0.{name}").stat().st_size for name in ("opus", "mp3")]
    return {"times": round(MINUTES * 60 / spent), "of_the_mp3s_size": round(sizes[0] / sizes[1], 2)}


if __name__ == "__main__":
    keep(found_by(measured))
