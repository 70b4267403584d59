"""ffmpeg in a process of its own: a crash, a hang or a broken file costs one recording, no more."""

import asyncio
import logging
import re
import shutil
from collections.abc import Sequence
from subprocess import DEVNULL, PIPE, TimeoutExpired

from callcenter.errors import N_
from callcenter.priority import start
from callcenter.recordings.wav import Unusable

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds, plus a tenth of the recording's length; a 400th is usual
FULL = re.compile("No space left|Disk quota exceeded|disk is full")


async def ffmpeg(arguments: Sequence[str], seconds: float) -> None:
    """Run it, on one core at most, giving way to all else, for a recording of that length.

    Files are named `file:/…`: nothing else is opened. Raises Unusable in words.
    """
    program = shutil.which("ffmpeg")
    if not program:
        raise Unusable(N_("The recording could not be converted: ffmpeg is not installed."))
    process = await start(
        *(program, "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
        *("-threads", "1", "-filter_threads", "1", "-protocol_whitelist", "file,pipe"),
        *arguments,
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
    )
    patience = PATIENCE + seconds / 10
    # Never left alone: it closes what was opened, also when nobody waits for it any more.
    said_at_end = asyncio.ensure_future(asyncio.to_thread(process.communicate, timeout=patience))
    try:
        _, said = await asyncio.shield(said_at_end)
    except TimeoutExpired:
        process.kill()
        await asyncio.to_thread(process.communicate)
        raise Unusable(N_("The recording could not be converted: ffmpeg took too long.")) from None
    except asyncio.CancelledError:
        process.kill()
        await said_at_end
        raise
    if text := said.decode(errors="replace").strip():
        log.warning("ffmpeg ended with %s: %s", process.returncode, text[-500:])
    if process.returncode or FULL.search(text):  # on a full disk it may end with 0
        raise Unusable(sentence_of(text, process.returncode or 0))


def sentence_of(text: str, status: int = 0) -> str:
    """Why it failed, a message id, from what ffmpeg or the system said."""
    if FULL.search(text):
        return N_("The recording could not be kept: the disk is full.")
    if "File too large" in text or status == -25:  # SIGXFSZ
        return N_("The recording could not be kept: this machine does not allow a file so large.")
    if "Permission denied" in text or "Read-only" in text:
        return N_("The recording could not be kept: its folder or files may not be used.")
    if status < 0:
        return N_("The recording could not be converted: ffmpeg was killed.")
    return N_("The recording could not be converted: ffmpeg failed.")
