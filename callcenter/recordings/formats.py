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
            # Half as quick as mp3; its default would be a quarter. Less would mix the parties.
            (
                *("-c:a", "libopus", "-application", "voip", "-vbr", "on"),
                *("-compression_level", "5", "-f", "ogg"),
            ),
            constant=False,
        ),
    )
}


def format_of(path: Path | str) -> Format:
    """By the name of the file; an mp3 where it says nothing."""
    return FORMATS.get(Path(path).suffix, FORMATS[".mp3"])
