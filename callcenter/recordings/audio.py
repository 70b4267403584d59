"""Two wavs, one a party, become one mp3: customer left, agent right, tagged and checked.

ffmpeg does the work in a process of its own, so that a crash, a hang or a broken file costs one
recording and nothing else. CBR, because then a byte is a time and a player can seek in any browser.
"""

import asyncio
import logging
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from mutagen import MutagenError
from mutagen.id3 import ID3, TDRC, TIT2, TPE1, TXXX
from mutagen.mp3 import MP3
from numpy.typing import NDArray
from pydub import AudioSegment

from callcenter.errors import N_
from callcenter.priority import give_way
from callcenter.recordings.wav import SAMPLE, NoSound, Unusable, Wav, read_wav

log = logging.getLogger(__name__)

BUCKETS = 1000
HEARD = -50.0  # dBFS in the loudest second: an idle line is below -70, a whisper above -45
PATIENCE = 30.0  # seconds for ffmpeg, plus a tenth of the recording's length; a 400th is usual
FULL = re.compile("No space left|Disk quota exceeded")

Silent = Literal["", "customer", "agent", "both"]


@dataclass(frozen=True, slots=True)
class Tags:
    """What is written into the file itself, so that it can be known when it lies somewhere else."""

    call_id: str
    number: str = ""
    agent: str = ""
    customer: str = ""
    started_at: str = ""  # ISO, with its zone


@dataclass(frozen=True, slots=True)
class Audio:
    """A finished recording: length in seconds, size in bytes, peaks as `peaks` makes them."""

    duration_s: float
    size: int
    peaks: bytes
    silent: Silent


async def encode(
    customer_wav: Path, agent_wav: Path, target: Path, *, bitrate: int, tags: Tags | None = None
) -> Audio:
    """Make `target` (mp3, `bitrate` kb/s) of the two sides and return what it is.

    The target appears whole and on disk (fsync) or not at all; the wavs are left alone. Raises
    Unusable with a sentence for people: a side missing, empty or broken, ffmpeg missing, failing or
    too slow, no room on the disk.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        customer, agent = await asyncio.to_thread(_sides, customer_wav, agent_wav)
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        await _ffmpeg(_command(customer, agent, part, bitrate), customer, agent)
        return await asyncio.to_thread(_finish, customer, agent, part, target, bitrate, tags)
    except (OSError, MutagenError) as error:
        log.warning("recording %s: %s", target.name, error)
        raise Unusable(_sentence(str(error))) from error
    finally:
        part.unlink(missing_ok=True)


def peaks(customer_wav: Path, agent_wav: Path, buckets: int = BUCKETS) -> bytes:
    """The loudest moment of each slice of time, 0..255: a row for the customer, one for the agent.

    Both rows have `buckets` bytes (fewer when the recording has fewer samples). Blocking: call it
    in a thread. Raises as read_wav does.
    """
    return _peaks(read_wav(customer_wav), read_wav(agent_wav), buckets)


def silent(customer_wav: Path, agent_wav: Path) -> Silent:
    """Which party was never heard. Blocking. Raises as read_wav does."""
    return _silent(read_wav(customer_wav), read_wav(agent_wav))


def tag(path: Path, tags: Tags) -> None:
    """Write what we know of the call into an mp3's ID3 tags. Blocking."""
    title = " · ".join(filter(None, (tags.number, tags.customer)))
    id3 = ID3()
    id3.add(TIT2(encoding=3, text=title or tags.call_id))
    if tags.agent:
        id3.add(TPE1(encoding=3, text=tags.agent))
    if tags.started_at:
        id3.add(TDRC(encoding=3, text=tags.started_at[:19]))
    for name in ("call_id", "number", "agent", "customer", "started_at"):
        if value := getattr(tags, name):
            id3.add(TXXX(encoding=3, desc=name, text=value))
    id3.save(path)


def _sides(customer_wav: Path, agent_wav: Path) -> tuple[Wav, Wav]:
    missing = [not customer_wav.is_file(), not agent_wav.is_file()]
    if all(missing):
        raise Unusable(N_("The exchange left no recording of this call."))
    if any(missing):
        raise Unusable(
            N_("The customer's side of the recording is missing.")
            if missing[0]
            else N_("The agent's side of the recording is missing.")
        )
    customer, agent = read_wav(customer_wav), read_wav(agent_wav)
    if customer.frames == agent.frames == 0:
        raise NoSound(N_("The recording holds no sound."))
    if customer.rate != agent.rate:
        raise Unusable(N_("The two sides of the recording do not belong together."))
    return customer, agent


def _command(customer: Wav, agent: Wav, part: Path, bitrate: int) -> list[str]:
    program = shutil.which("ffmpeg")
    if not program:
        raise Unusable(N_("The recording could not be converted: ffmpeg is not installed."))
    frames = max(customer.frames, agent.frames)  # the shorter side is filled up with silence
    sources = []
    for side in (customer, agent):
        # Raw samples from where they begin: ffmpeg never sees a header that may lie.
        sources += ["-f", "s16le", "-ar", str(side.rate), "-ac", "1"]
        sources += ["-skip_initial_bytes", str(side.offset), "-t", f"{side.duration_s:.6f}"]
        sources += ["-i", f"file:{side.path.absolute()}"]
    join = (
        f"[0:a]apad=whole_len={frames}[c];[1:a]apad=whole_len={frames}[a];"
        "[c][a]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR[both]"
    )
    return [
        *(program, "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
        *("-threads", "1", "-protocol_whitelist", "file,pipe"),
        *sources,
        *("-filter_complex", join, "-map", "[both]", "-map_metadata", "-1"),
        *("-c:a", "libmp3lame", "-b:a", f"{bitrate}k", "-f", "mp3", f"file:{part.absolute()}"),
    ]


async def _ffmpeg(command: list[str], customer: Wav, agent: Wav) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        give_way(process.pid)
        async with asyncio.timeout(PATIENCE + max(customer.duration_s, agent.duration_s) / 10):
            _, said = await process.communicate()
    except TimeoutError:
        raise Unusable(N_("The recording could not be converted: ffmpeg took too long.")) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if text := said.decode(errors="replace").strip():
        log.warning("ffmpeg ended with %s: %s", process.returncode, text[-500:])
    if process.returncode or FULL.search(text):  # on a full disk it may end with 0
        raise Unusable(_sentence(text, process.returncode or 0))


def _sentence(text: str, status: int = 0) -> str:
    """Why it failed, from what ffmpeg or the system said."""
    if FULL.search(text):
        return N_("The recording could not be kept: the disk is full.")
    if "File too large" in text or status == -25:  # SIGXFSZ
        return N_("The recording could not be kept: this machine does not allow a file so large.")
    if "Permission denied" in text or "Read-only" in text:
        return N_("The recording could not be kept: its folder or files may not be used.")
    if status < 0:
        return N_("The recording could not be converted: ffmpeg was killed.")
    return N_("The recording could not be converted: ffmpeg failed.")


def _finish(
    customer: Wav, agent: Wav, part: Path, target: Path, bitrate: int, tags: Tags | None
) -> Audio:
    """Check, tag, put on disk, put in place. The order matters: nobody may see a half file."""
    wanted = max(customer.duration_s, agent.duration_s)
    _check(part, wanted, bitrate)
    if tags:
        tag(part, tags)
    audio = Audio(
        duration_s=round(wanted, 3),
        size=part.stat().st_size,
        peaks=_peaks(customer, agent, BUCKETS),
        silent=_silent(customer, agent),
    )
    _to_disk(part, os.O_RDONLY)
    os.replace(part, target)
    _to_disk(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    return audio


def _check(path: Path, wanted: float, bitrate: int) -> None:
    """The mp3 must be as long as the wavs, by its own header and by its size."""
    try:
        info = MP3(path).info
    except MutagenError:
        info = None
    if info is None:
        raise Unusable(N_("The recording could not be converted: ffmpeg failed."))
    by_size = path.stat().st_size * 8 / (bitrate * 1000)
    if any(abs(length - wanted) > max(0.5, 0.02 * wanted) for length in (info.length, by_size)):
        log.warning("%s is %.2f s (%.2f by size), not %.2f s", path, info.length, by_size, wanted)
        raise Unusable(N_("The converted recording is not as long as the call was."))


def _to_disk(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _peaks(customer: Wav, agent: Wav, buckets: int) -> bytes:
    frames = max(customer.frames, agent.frames)
    buckets = min(buckets, frames)
    if not buckets:
        return b""
    edges = [round(number * frames / buckets) for number in range(buckets)]
    return b"".join(
        bytes(_peak(samples) for samples in side.slices(edges)) for side in (customer, agent)
    )


def _peak(samples: NDArray[np.int16]) -> int:
    if not len(samples):
        return 0
    loudest = max(int(samples.max()), -int(samples.min()))  # one sample may be -32768
    return (loudest * 255 + 32767) // 32768


def _silent(customer: Wav, agent: Wav) -> Silent:
    match _is_heard(customer), _is_heard(agent):
        case True, True:
            return ""
        case True, False:
            return "agent"
        case False, True:
            return "customer"
        case _:
            return "both"


def _is_heard(side: Wav) -> bool:
    def level(block: bytes) -> float:
        segment = AudioSegment(data=block, sample_width=SAMPLE, frame_rate=side.rate, channels=1)
        return float(segment.dBFS)

    return any(level(block) > HEARD for block in side.blocks() if block)
