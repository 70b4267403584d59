"""Two wavs, one a party, become one file: customer left, agent right, tagged and checked."""

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from mutagen import MutagenError

from callcenter.errors import N_
from callcenter.recordings.disk import folder_to_disk, make_folder, sha256_of, to_disk
from callcenter.recordings.ffmpeg import ffmpeg, sentence_of
from callcenter.recordings.formats import format_of
from callcenter.recordings.sound import Silent, Stretch, sound_of
from callcenter.recordings.tags import Tags as Tags
from callcenter.recordings.tags import seconds_of, tag
from callcenter.recordings.wav import NoSound, Unusable, Wav, read_wav

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Audio:
    """A finished recording: length in seconds, size in bytes, the rest as in sound.Sound."""

    duration_s: float
    size: int
    sha256: str  # of the whole file
    peaks: bytes
    silent: Silent
    gaps: tuple[Stretch, ...]


async def encode(
    customer_wav: Path, agent_wav: Path, target: Path, *, bitrate: int, tags: Tags | None = None
) -> Audio:
    """Make `target` (.mp3 or .opus, `bitrate` kb/s) of the two sides and return what it is.

    The target appears whole and on disk (fsync) or not at all; the wavs are left alone. Raises
    Unusable with a sentence for people: a side missing, empty or broken, ffmpeg missing, failing or
    too slow, no room on the disk.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        customer, agent = await asyncio.to_thread(_sides, customer_wav, agent_wav)
        await asyncio.to_thread(make_folder, target.parent)
        seconds = max(customer.duration_s, agent.duration_s)
        await ffmpeg(_arguments(customer, agent, part, target.name, bitrate), seconds)
        return await asyncio.to_thread(_finish, customer, agent, part, target, bitrate, tags)
    except (OSError, MutagenError) as error:
        log.warning("recording %s: %s", target.name, error)
        raise Unusable(sentence_of(str(error))) from error
    finally:
        part.unlink(missing_ok=True)


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


def _arguments(customer: Wav, agent: Wav, part: Path, name: str, bitrate: int) -> list[str]:
    frames = max(customer.frames, agent.frames)  # the shorter side is filled up with silence
    sources = []
    for side in (customer, agent):
        if side.is_true:  # read in larger pieces, with a fifth less work in all
            sources += ["-f", "wav", "-c:a", "pcm_s16le"]  # whatever the sound looks like
        else:  # raw samples from where they begin: ffmpeg never sees a header that lies
            sources += ["-f", "s16le", "-ar", str(side.rate), "-ac", "1"]
            sources += ["-skip_initial_bytes", str(side.offset)]
        sources += ["-t", f"{side.duration_s:.6f}", "-i", f"file:{side.path.absolute()}"]
    join = (
        f"[0:a]apad=whole_len={frames}[c];[1:a]apad=whole_len={frames}[a];"
        "[c][a]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR[both]"
    )
    return [
        *sources,
        *("-filter_complex", join, "-map", "[both]", "-map_metadata", "-1"),
        *(*format_of(name).codec, "-b:a", f"{bitrate}k", f"file:{part.absolute()}"),
    ]


def _finish(
    customer: Wav, agent: Wav, part: Path, target: Path, bitrate: int, tags: Tags | None
) -> Audio:
    """Check, tag, put on disk, put in place. The order matters: nobody may see a half file."""
    wanted = max(customer.duration_s, agent.duration_s)
    _check(part, target.name, wanted, bitrate)
    if tags:
        tag(part, tags, target.name)
    sound = sound_of(customer, agent)
    audio = Audio(
        duration_s=round(wanted, 3),
        size=part.stat().st_size,
        sha256=sha256_of(part),
        peaks=sound.peaks,
        silent=sound.silent,
        gaps=sound.gaps,
    )
    to_disk(part)
    os.replace(part, target)
    try:
        folder_to_disk(target.parent)
    except OSError:
        target.unlink(missing_ok=True)  # no row will know of it
        raise
    return audio


def _check(path: Path, name: str, wanted: float, bitrate: int) -> None:
    """As long as the wavs: as it says itself and, where a byte is a time, by its size."""
    says = seconds_of(path, name)
    if says is None:
        raise Unusable(N_("The recording could not be converted: ffmpeg failed."))
    lengths = [says]
    if format_of(name).constant:
        lengths.append(path.stat().st_size * 8 / (bitrate * 1000))
    if any(abs(length - wanted) > max(0.5, 0.02 * wanted) for length in lengths):
        log.warning("%s is %s s, not %.2f s", path, lengths, wanted)
        raise Unusable(N_("The converted recording is not as long as the call was."))
