"""What is written into a recording itself, so that it can be known when it lies somewhere else."""

import struct
from dataclasses import dataclass, fields
from pathlib import Path

from mutagen import MutagenError
from mutagen.id3 import ID3, TDRC, TIT2, TPE1, TXXX
from mutagen.mp3 import MP3
from mutagen.oggopus import OggOpus

from callcenter.recordings.formats import format_of

USUAL_RATE = 8000
# What mutagen raises where a file is broken: its own, and whatever it stumbles over.
UNREADABLE = (MutagenError, struct.error, EOFError, LookupError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Tags:
    call_id: str
    number: str = ""
    agent: str = ""
    customer: str = ""
    started_at: str = ""  # ISO, with its zone
    kind: str = ""  # "voicemail"; "" of a conversation

    @property
    def title(self) -> str:
        return " · ".join(filter(None, (self.number, self.customer))) or self.call_id


NAMES = tuple(each.name for each in fields(Tags))


def tag(path: Path, tags: Tags, name: str = "") -> None:
    """Write what we know of the call into the file. `name` says what kind of file it is where its
    own does not. Blocking. Raises OSError, MutagenError."""
    if format_of(name or path).name == "opus":
        _tag_opus(path, tags)
    else:
        _tag_mp3(path, tags)


def tags_of(path: Path) -> Tags:
    """What is written in the file; empty texts where nothing is. Blocking. Raises OSError."""
    try:
        if format_of(path).name == "opus":
            comments = OggOpus(path)
            texts = {name: str((comments.get(name) or [""])[0]) for name in NAMES}
        else:
            id3 = ID3(path)
            texts = {name: str(id3.get(f"TXXX:{name}", "")) for name in NAMES}
    except UNREADABLE:
        return Tags("")
    return Tags(**texts)


def seconds_of(path: Path, name: str = "") -> float | None:
    """How long the file says it is; None when it is none. `name` as for `tag`. Blocking."""
    try:
        opened = OggOpus(path) if format_of(name or path).name == "opus" else MP3(path)
    except UNREADABLE:
        return None
    return float(opened.info.length) if opened.info else None


def rate_of(path: Path) -> int:
    """Samples a second of what the file was made from; USUAL_RATE where it does not say. Blocking.
    Raises OSError."""
    try:
        if format_of(path).name == "mp3":
            info = MP3(path).info
            return int(info.sample_rate) if info else USUAL_RATE
    except UNREADABLE:
        return USUAL_RATE
    with path.open("rb") as file:
        head = file.read(200)  # an opus file is 48,000 a second whatever it was made from
    at = head.find(b"OpusHead")
    rate = int.from_bytes(head[at + 12 : at + 16], "little") if at >= 0 else 0
    return rate if 8000 <= rate <= 48000 else USUAL_RATE


def _tag_mp3(path: Path, tags: Tags) -> None:
    id3 = ID3()
    id3.add(TIT2(encoding=3, text=tags.title))
    if tags.agent:
        id3.add(TPE1(encoding=3, text=tags.agent))
    if tags.started_at:
        id3.add(TDRC(encoding=3, text=tags.started_at[:19]))
    for name in NAMES:
        if value := getattr(tags, name):
            id3.add(TXXX(encoding=3, desc=name, text=value))
    id3.save(path)


def _tag_opus(path: Path, tags: Tags) -> None:
    comments = OggOpus(path)
    comments.delete()
    comments["title"] = tags.title
    if tags.agent:
        comments["artist"] = tags.agent
    if tags.started_at:
        comments["date"] = tags.started_at[:19]
    for name in NAMES:
        if value := getattr(tags, name):
            comments[name] = value
    comments.save()
