"""A kept recording as two wavs again, for whoever has to look into it or change it."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from callcenter.errors import N_
from callcenter.recordings.ffmpeg import ffmpeg, sentence_of
from callcenter.recordings.pieces import JOINED
from callcenter.recordings.tags import rate_of, seconds_of
from callcenter.recordings.wav import Unusable


@asynccontextmanager
async def unpacked(path: Path, folder: Path) -> AsyncIterator[tuple[Path, Path]]:
    """The customer's and the agent's side of the file, below `folder` for as long as the block
    lasts. Raises Unusable in words, also when `folder` has no room."""
    try:
        seconds = seconds_of(path)
        if not seconds:
            raise Unusable(N_("The file is not a recording that can be played."))
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=JOINED, dir=folder) as name:
            sides = Path(name, "in.wav"), Path(name, "out.wav")
            rate = str(rate_of(path))
            # Not channelsplit: a side of its own would be "front left", and no plain mono wav.
            split = (
                "[0:a]aformat=channel_layouts=stereo,asplit[c][a];"
                "[c]pan=mono|c0=FL[l];[a]pan=mono|c0=FR[r]"
            )
            outputs = []
            for label, side in zip(("[l]", "[r]"), sides, strict=True):
                outputs += ["-map", label, "-ar", rate, "-map_metadata", "-1"]
                outputs += ["-c:a", "pcm_s16le", "-f", "wav", f"file:{side}"]
            await ffmpeg(
                ["-i", f"file:{path.absolute()}", "-filter_complex", split, *outputs], seconds
            )
            yield sides
    except OSError as error:
        raise Unusable(sentence_of(str(error))) from error
