"""A stretch of a kept recording becomes silence or a tone, for ever: a card number was spoken.

The wish is written down first and the recording withdrawn with it, in one transaction: nobody hears
it any more from then on, and whatever interrupts the work, it is taken up again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

from pydub import AudioSegment
from pydub.generators import Sine
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Conflict, Invalid
from callcenter.people import audit
from callcenter.people.models import User
from callcenter.recordings import holds
from callcenter.recordings.models import Mask, Recording
from callcenter.recordings.wav import SAMPLE, read_wav

Sound = Literal["silence", "tone"]
SOUNDS: Final[tuple[Sound, ...]] = ("silence", "tone")
HERTZ, QUIETER_DB = 1000, -24.0  # of the tone, in both ears
SHORTEST_S = 0.1
LONGEST_REASON = 300
STEP_S = 10  # written at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """From second to second of a recording; the reason is for whoever wonders later."""

    from_s: float
    to_s: float
    sound: Sound
    reason: str


def wished(texts: dict[str, str], duration_s: float) -> Wish:
    """What was typed: seconds, or minutes and seconds (83, 1:23, 1:23.5). Raises Invalid, with the
    field that is wrong."""
    start = seconds_typed(texts.get("from", ""))
    end = seconds_typed(texts.get("to", ""))
    for field, given in (("from", start), ("to", end)):
        if given is None:
            raise Invalid(N_("A time like 1:23 or 83 seconds, please."), field=field)
    assert start is not None and end is not None
    if start >= duration_s:
        raise Invalid(N_("The recording ends before that."), field="from")
    end = min(end, duration_s)
    if end - start < SHORTEST_S:
        raise Invalid(N_("The end has to be after the beginning."), field="to")
    sound: Sound = "tone" if texts.get("sound") == "tone" else "silence"
    reason = " ".join(texts.get("reason", "").replace("\0", "").split())
    if not reason:
        raise Invalid(N_("Why, please: somebody will wonder later."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(N_("At most {n} letters."), field="reason", n=LONGEST_REASON)
    return Wish(from_s=start, to_s=end, sound=sound, reason=reason)


def seconds_typed(text: str) -> float | None:
    """ "83", "1:23", "0:01:23,5" as seconds; None for anything else."""
    parts = text.strip().replace(",", ".").split(":")
    if not 1 <= len(parts) <= 3 or not all(part.replace(".", "", 1).isdecimal() for part in parts):
        return None
    if any("." in part for part in parts[:-1]) or any(len(part) > 8 for part in parts):
        return None
    total = 0.0
    for place, part in enumerate(parts):
        value = float(part)
        if place and value >= 60:
            return None
        total = total * 60 + value
    return round(total, 3)


async def wish(session: AsyncSession, recording: Recording, wish: Wish, user: User) -> Mask:
    """Write it down and withdraw the recording. The caller commits, then has the library take it
    up. Raises Conflict when there is nothing to be masked now."""
    await holds.take_turn(session)
    await session.refresh(recording, with_for_update=True)  # another may have wished meanwhile
    if await holds.held_among(session, [recording.call_id]):
        raise Conflict(holds.HELD)
    if recording.state != "ready":
        raise Conflict(N_("The recording is being prepared: try again in a minute."))
    mask = Mask(
        call_id=recording.call_id,
        from_s=wish.from_s,
        to_s=wish.to_s,
        sound=wish.sound,
        reason=wish.reason,
        user_id=user.id,
        at=datetime.now(UTC),
    )
    session.add(mask)
    recording.state, recording.problem = "waiting", ""
    detail = f"{recording.call_id} {wish.from_s:g}–{wish.to_s:g} s: {wish.reason}"
    audit.note(session, user.id, "recording-masked", detail)
    return mask


def cover(sides: tuple[Path, Path], masks: Sequence[Mask]) -> None:
    """Overwrite the stretches in both wavs. Blocking. Raises OSError, Unusable."""
    for path in sides:
        wav = read_wav(path)
        with path.open("r+b") as file:
            for mask in masks:
                first = min(wav.frames, int(mask.from_s * wav.rate))
                last = min(wav.frames, -int(-mask.to_s * wav.rate // 1))
                file.seek(wav.offset + first * SAMPLE)
                _write(file, mask.sound, last - first, wav.rate)


def _write(file: BinaryIO, sound: str, frames: int, rate: int) -> None:
    block = _block(sound, rate)
    while frames > 0:
        part = min(frames, len(block) // SAMPLE)
        file.write(block[: part * SAMPLE])
        frames -= part


def _block(sound: str, rate: int) -> bytes:
    """STEP_S seconds of it: whole periods of the tone, so that blocks join without a click."""
    length = STEP_S * 1000
    if sound == "tone":
        made = Sine(HERTZ, sample_rate=rate).to_audio_segment(length, volume=QUIETER_DB)
    else:
        made = AudioSegment.silent(length, frame_rate=rate)
    return bytes(made.set_sample_width(SAMPLE).set_channels(1).raw_data)
