"""Any file with sound becomes what a telephone carries: 8 kHz, one channel, as loud as all others.

ffmpeg reads it, in a process of its own and without looking at any other file, because what comes
from outside may be anything. How loud it is, is told by pydub.
"""

import asyncio
import logging
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydub import AudioSegment

from callcenter.errors import N_, CallcenterError, Invalid, StorageFull
from callcenter.priority import give_way

log = logging.getLogger(__name__)

RATE = 8000  # samples a second
LONGEST_S = 600.0
SHORTEST_S = 0.3
LOUDNESS = -20.0  # dBFS while somebody speaks: what a telephone's voice has
PEAK = -1.0  # dBFS, nothing is louder
SLICE_MS = 400
HEARD = -50.0  # dBFS: what is below is silence between words
PATIENCE_S = 60.0
# What may be in a file. Without the list a file could be a list of other files, of this machine's.
FORMATS: Final = (
    *("aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dts"),
    *("eac3", "flac", "flv", "gsm", "m4a", "matroska", "mov", "mp3", "mp4", "mpc", "mpc8", "mpeg"),
    *("mpegts", "oga", "ogg", "rm", "tta", "voc", "w64", "wav", "webm", "wv", "xwma"),
)
FULL = re.compile("No space left|Disk quota exceeded")
STATED = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")
NO_STREAM = re.compile("does not contain any stream|matches no streams")
WHOLE = 0.9  # a file with faults is taken when so much of its length could be read

NO_AUDIO = N_("This is no sound that can be read. Choose an audio file, such as mp3, m4a or wav.")
NO_SOUND_IN_IT = N_("There is no sound in this file.")
DAMAGED = N_("This file is damaged: not all of it can be read. Make it anew and try again.")
NOTHING_HEARD = N_("Nothing is to be heard in it.")


class NoConverter(CallcenterError):
    """ffmpeg is missing, killed or too slow."""

    status, code = 500, "no-converter"


async def convert(source: Path, target: Path) -> float:
    """Make `target` (wav, 16 bits) of the sound in `source`, also of a film's; its seconds.

    `target` may be there in part when this raises: Invalid with what is wrong with the file,
    StorageFull, NoConverter.
    """
    said = await _ffmpeg(source, target)
    try:
        return await asyncio.to_thread(_finish, target, said)
    except OSError as error:
        raise _full() from error


def _finish(target: Path, said: str) -> float:
    with target.open("rb") as file:
        sound = AudioSegment.from_wav(file)
    seconds = len(sound) / 1000
    if seconds < WHOLE * min(_stated(said), LONGEST_S):
        raise Invalid(DAMAGED)
    if seconds > LONGEST_S:
        raise Invalid(N_("It is longer than {n} minutes."), n=int(LONGEST_S / 60))
    if seconds < SHORTEST_S:
        raise Invalid(N_("It is too short to be heard."))
    levelled(sound).export(target, format="wav").close()
    return round(seconds, 2)


def _stated(said: str) -> float:
    """How long the file says that it is; 0 when it does not say, or means the film."""
    stated = STATED.search(said)
    if stated is None or "Video:" in said:
        return 0.0
    if "Estimating duration" in said and "Error" not in said:
        return 0.0
    return int(stated[1]) * 3600 + int(stated[2]) * 60 + float(stated[3])


def levelled(sound: AudioSegment) -> AudioSegment:
    """As loud as all others while somebody speaks, whatever the pauses. Raises Invalid for
    silence."""
    slices = [sound[at : at + SLICE_MS].dBFS for at in range(0, len(sound), SLICE_MS)]
    heard = [each for each in slices if each > HEARD]
    if not heard:
        raise Invalid(NOTHING_HEARD)
    return sound.apply_gain(min(LOUDNESS - _mean(heard), PEAK - sound.max_dBFS))


def _mean(levels: Sequence[float]) -> float:
    """Of the louder ones: the half-heard between words would make all of it too loud."""
    loud = [each for each in levels if each > max(levels) - 15]
    return sum(loud) / len(loud)


async def _ffmpeg(source: Path, target: Path) -> str:
    """What it said."""
    program = shutil.which("ffmpeg")
    if not program:
        raise NoConverter(N_("Sounds cannot be converted: ffmpeg is not installed."))
    process = await asyncio.create_subprocess_exec(
        *(program, "-hide_banner", "-nostats", "-nostdin", "-y", "-threads", "1"),
        *("-protocol_whitelist", "file", "-format_whitelist", ",".join(FORMATS)),
        *("-i", f"file:{source.absolute()}", "-map", "0:a:0", "-t", f"{LONGEST_S + 1}"),
        *("-map_metadata", "-1", "-ac", "1", "-ar", str(RATE), "-c:a", "pcm_s16le"),
        *("-f", "wav", f"file:{target.absolute()}"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        give_way(process.pid)
        async with asyncio.timeout(PATIENCE_S):
            _, answer = await process.communicate()
    except TimeoutError:
        raise NoConverter(N_("The sound could not be converted: it took too long.")) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    said = answer.decode("utf-8", "replace")
    if process.returncode or FULL.search(said):
        log.info("ffmpeg ended with %s: %s", process.returncode, said[-500:])
        raise _refusal(said, process.returncode or 0)
    return said


def _refusal(said: str, status: int) -> CallcenterError:
    if FULL.search(said):
        return _full()
    if status < 0:
        return NoConverter(N_("The sound could not be converted: ffmpeg was killed."))
    return Invalid(NO_SOUND_IN_IT if NO_STREAM.search(said) else NO_AUDIO)


def _full() -> StorageFull:
    return StorageFull(N_("There is no room left on the disk."))
