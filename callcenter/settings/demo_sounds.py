"""What the demo company's callers hear, and what one of them has left: Vietnamese of a computer's.

Spoken by espeak-ng where it is installed, else there is none of it. Each name says that it is a
machine's voice, to be replaced by somebody's.
"""

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from pydub import AudioSegment

from callcenter.calls.rows import Row
from callcenter.errors import CallcenterError
from callcenter.prompts.audio import RATE, convert
from callcenter.recordings.audio import encode
from callcenter.recordings.tags import Tags
from callcenter.settings.demo_voices import BITRATE, recording_of

log = logging.getLogger(__name__)

PROGRAM: Final = "espeak-ng"
# Words a minute (a person says about 170), how high from 0 to 99, which Vietnamese.
COMPANY: Final = ("-v", "vi", "-s", "140", "-p", "45", "-g", "2")
CALLER: Final = ("-v", "vi-vn-x-south", "-s", "150", "-p", "62", "-g", "1")
PATIENCE_S = 20.0
MARK: Final = "(giọng máy, hãy thay · computer voice, replace it)"
WELCOME, CLOSED, ABOUT = "chao", "ngoai_gio", "gioi_thieu"
PROMPTS: Final[Mapping[str, tuple[str, str]]] = {  # name -> title, words
    WELCOME: (
        "Lời chào",
        "Cảm ơn quý khách đã gọi đến công ty An Phát. Để mua hàng, xin bấm phím một. Để được chăm"
        " sóc khách hàng, xin bấm phím hai. Để nghe giờ làm việc, xin bấm phím ba. Để gặp nhân"
        " viên, xin bấm phím không.",
    ),
    CLOSED: (
        "Ngoài giờ làm việc",
        "Cảm ơn quý khách đã gọi đến công ty An Phát. Hiện nay chúng tôi ngoài giờ làm việc. Xin"
        " quý khách để lại lời nhắn sau tiếng bíp, chúng tôi sẽ gọi lại.",
    ),
    ABOUT: (
        "Giờ làm việc",
        "Công ty An Phát làm việc từ thứ hai đến thứ sáu, từ tám giờ đến mười bảy giờ ba mươi,"
        " nghỉ trưa từ mười hai giờ đến mười ba giờ, và sáng thứ bảy. Xin cảm ơn quý khách.",
    ),
}
MESSAGE: Final = (
    "A lô, chào công ty. Máy lọc nước nhà tôi chảy hơi yếu, tôi muốn hỏi lịch bảo trì. Nhờ công ty"
    " gọi lại cho tôi số này nhé. Xin cảm ơn."
)


async def prompts(
    folder: Path, now: datetime, tell: Callable[[str], None]
) -> list[dict[str, object]]:
    """Rows of prompts, their sounds lying in `folder` as the shelf keeps them; none, with a word
    why, where nobody speaks."""
    try:
        return [await _prompt(folder, now, name) for name in PROMPTS]
    except FileNotFoundError:
        tell("espeak-ng is not installed: the demo's announcements are silent")
    except (CallcenterError, OSError) as error:
        tell(f"the demo's announcements are silent: {error}")
    return []


async def _prompt(folder: Path, now: datetime, name: str) -> dict[str, object]:
    title, words = PROMPTS[name]
    with tempfile.TemporaryDirectory(prefix="callcenter-prompts-") as place:
        spoken, made = Path(place, "spoken.wav"), Path(place, "made.wav")
        await say(words, spoken, COMPANY)
        seconds = await convert(spoken, made)
        sound = await asyncio.to_thread(made.read_bytes)
    sha256 = hashlib.sha256(sound).hexdigest()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    await asyncio.to_thread((folder / f"{sha256}.wav").write_bytes, sound)
    about = {"name": name, "title": f"{title} {MARK}", "seconds": seconds, "sha256": sha256}
    return about | {"source": "", "made_at": now, "made_by": None}


async def say(words: str, target: Path, voice: Sequence[str]) -> None:
    """Let `words` be heard in `target` (wav). Raises FileNotFoundError without espeak-ng, OSError
    when it fails."""
    command = (PROGRAM, *voice, "-w", os.fspath(target), words)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            status = await process.wait()
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise OSError("espeak-ng takes too long") from error
    if status:
        raise OSError(f"espeak-ng has failed with {status}")


async def message(rows: Sequence[Row], folder: Path, zone: tzinfo) -> list[dict[str, object]]:
    """The row of a recording, its mp3 below `folder`: what the caller of the newest of these calls
    that nobody answered has left; none where nobody speaks."""
    lost = [each for each in rows if each.result == "abandoned" and each.number_key]
    if not lost:
        return []
    call = lost[-1]
    name = f"{call.started_at.astimezone(zone):%Y/%m/%d}/{call.call_id}.mp3"
    tags = Tags(call_id=call.call_id, number=call.number or "")
    try:
        with tempfile.TemporaryDirectory(prefix="callcenter-message-") as place:
            spoken, made = Path(place, "spoken.wav"), Path(place, "made.wav")
            await say(MESSAGE, spoken, CALLER)
            await convert(spoken, made)
            nobody = Path(place, "agent.wav")
            AudioSegment.silent(0, frame_rate=RATE).export(nobody, format="wav").close()
            audio = await encode(made, nobody, folder / name, bitrate=BITRATE, tags=tags)
    except (CallcenterError, OSError) as error:
        log.info("nobody has left a message: %s", error)
        return []
    return [recording_of(call, name, audio) | {"kind": "voicemail", "silent": "", "gaps": "[]"}]
