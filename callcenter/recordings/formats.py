"""The kinds of files that recordings are kept as: mp3, or opus at half the size.

An archive may hold both: a file's name says what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Name = Literal["mp3", "opus"]


@dataclass(frozen=True, slots=True)
class Format:
    """`codec` are ffmpeg's words for it. Where `constant`, a byte is a time: the size says how long
    a file is."""

    name: Name
    content_type: str
    codec: tuple[str, ...]
    constant: bool

    @property
    def suffix(self) -> str:
        return f".{self.name}"


FORMATS: Final[Mapping[str, Format]] = {
    each.suffix: each
    for each in (
        # CBR: a player can seek in any browser.
        Format("mp3", "audio/mpeg", ("-c:a", "libmp3lame", "-f", "mp3"), constant=True),
        Format(
            "opus",
            "audio/ogg",
            # Little effort, for a recording that can be heard soon. PESQ of two who take turns, at
            # 24 kb/s: 4.19, at effort 5 4.22, mp3 at 32 3.63; of two who talk at once all the time
            # 2.55, 2.73, 3.49. Not "audio": that is quicker still, and mixes the parties.
            (
                *("-c:a", "libopus", "-application", "voip", "-vbr", "on"),
                *("-compression_level", "1", "-frame_duration", "60", "-f", "ogg"),
            ),
            constant=False,
        ),
    )
}


def format_of(path: Path | str) -> Format:
    """By the name of the file; an mp3 where it says nothing."""
    return FORMATS.get(Path(path).suffix, FORMATS[".mp3"])
