"""One recording, from the exchange's wavs to a file with a row; then the wavs go."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from callcenter.calls.call import Call
from callcenter.db import Sessions
from callcenter.errors import N_
from callcenter.recordings import holds, queries
from callcenter.recordings.audio import Audio, Tags, encode
from callcenter.recordings.disk import folder_to_disk, sha256_of
from callcenter.recordings.ffmpeg import sentence_of
from callcenter.recordings.masking import cover
from callcenter.recordings.models import Mask, Proof, Recording
from callcenter.recordings.pieces import whole
from callcenter.recordings.queries import About
from callcenter.recordings.sound import as_text
from callcenter.recordings.spool import Sides, Spool
from callcenter.recordings.unpack import unpacked
from callcenter.recordings.wav import NoSound, Unusable

log = logging.getLogger(__name__)

SHORTEST_MESSAGE = 1.0  # seconds; a shorter one says nothing
MASKED_GONE = N_(
    "The masked file is gone. It is not made again from what the exchange recorded: what was masked"
    " would be heard."
)
MASK_WAITS = N_("On legal hold: what is to be masked in it is masked when the hold is over.")
HALF = ".masked"  # below the recordings folder: masked files that nobody has put in place yet

Describe = Callable[[str], Awaitable[About | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """`spool` is where the exchange writes, `folder` where the files go (YYYY/MM/DD/<call_id>.mp3,
    by the day of `zone`), `format` is "mp3" or "opus", `bitrate` is kb/s, `describe` says what
    stands in the tags, `ready` is called with the call_id when a recording can be played."""

    sessions: Sessions
    spool: Spool
    folder: Path
    format: str
    bitrate: int
    describe: Describe
    zone: tzinfo
    ready: Callable[[str], None] | None

    async def keep(self, call_id: str, call: Call | None) -> None:
        """Whatever there is of that call. Raises DATABASE_ERRORS; then all files are still there.

        `call` is None when nobody remembers it: the database is asked.
        """
        async with self.sessions() as session:
            row = await session.get(Recording, call_id)
            masks = await queries.masks(session, call_id) if row else []
            is_erased = row is None and await session.get(Proof, call_id) is not None
        sides = await asyncio.to_thread(self.spool.sides, call_id)
        if is_erased:
            await asyncio.to_thread(sides.remove)  # what was deleted does not come back
            return
        if row is None and not sides.any:
            return  # answered, and not recorded: nobody promised one
        if row and row.state == "ready" and not sides.any:
            return  # whatever its file is, there is nothing to make a better one from
        if row and masks:
            await self._keep_masked(row, masks, sides)
            return
        if row and row.state == "ready" and await asyncio.to_thread(self._is_kept, row, sides):
            # We were interrupted between the row and the removal.
            await asyncio.to_thread(sides.remove)
            return
        try:
            await self._make(call_id, call, row, sides)
        except Unusable as error:
            if isinstance(error, NoSound) and not await self._was_answered(call_id, call):
                await self._forget(row)
                await asyncio.to_thread(sides.remove)
                return
            await self._failed(call_id, row, error.sentence)

    async def _keep_masked(self, row: Recording, masks: Sequence[Mask], sides: Sides) -> None:
        """Never from the exchange's files: they still say what was masked."""
        path, left = self.folder / row.path, [mask for mask in masks if mask.done_at is None]
        if not await asyncio.to_thread(path.is_file):
            if self.folder.is_dir():
                await self._failed(row.call_id, row, MASKED_GONE)
            else:  # the next look
                log.warning("recording %s: the recordings' folder is not there", row.call_id)
        elif left:
            await asyncio.to_thread(sides.remove)
            await self._mask(row, left)
        elif row.sha256 in ("", await asyncio.to_thread(sha256_of, path)):
            await asyncio.to_thread(sides.remove)
            await self._found_again(row)

    async def _found_again(self, row: Recording) -> None:
        """Its file was away for a while: the folder was not there yet."""
        if row.state == "ready":
            return
        async with self.sessions.begin() as session:
            await queries.put(session, row.call_id, state="ready", problem="")
        if self.ready:
            self.ready(row.call_id)

    async def _mask(self, row: Recording, masks: Sequence[Mask]) -> None:
        """Make the file again without these stretches, and put it in its place, unless it is on
        legal hold by then. Raises DATABASE_ERRORS."""
        if not masks:
            return
        async with self.sessions() as session:
            is_held = bool(await holds.held_among(session, [row.call_id]))
        if is_held:
            await self._failed(row.call_id, row, MASK_WAITS)
            return
        path = self.folder / row.path
        made = self.folder / HALF / path.name
        about = await self.describe(row.call_id) or About()
        try:
            async with unpacked(path, self.spool.folder) as both:
                await asyncio.to_thread(cover, both, masks)
                tags = tags_for(row.call_id, about, self.zone, row.kind)
                audio = await encode(*both, made, bitrate=self.bitrate, tags=tags)
            is_done = await self._put_in_place(row, masks, made, audio)
        except Unusable as error:  # it stays withdrawn, and is tried again
            await self._failed(row.call_id, row, error.sentence)
            return
        finally:
            made.unlink(missing_ok=True)
        if not is_done:
            await self._failed(row.call_id, row, MASK_WAITS)
        elif self.ready:
            self.ready(row.call_id)

    async def _put_in_place(
        self, row: Recording, masks: Sequence[Mask], made: Path, audio: Audio
    ) -> bool:
        """False: somebody holds the recording, and it is as it was. Raises Unusable."""
        # Who was heard before was heard, also when the mask is all there is to hear now.
        values = columns(audio, is_call=row.kind == "call") | {"silent": row.silent}
        async with self.sessions.begin() as session:
            await holds.take_turn(session)
            if await holds.held_among(session, [row.call_id]):
                return False
            try:
                await asyncio.to_thread(_replace, made, self.folder / row.path)
            except OSError as error:
                raise Unusable(sentence_of(str(error))) from error
            await queries.masked(session, [mask.id for mask in masks], datetime.now(UTC))
            await queries.put(session, row.call_id, **values)
        return True

    async def _make(
        self, call_id: str, call: Call | None, row: Recording | None, sides: Sides
    ) -> None:
        about = await self._about(call_id, call)
        name = f"{self._day(about, sides)}/{call_id}.{self.format}"
        is_voicemail = sides.message and not await self._was_answered(call_id, call)
        kind = "voicemail" if is_voicemail else "call"
        tags = tags_for(call_id, about, self.zone, kind)
        async with whole(sides.pieces, self.spool.folder) as (customer, agent):
            audio = await encode(
                customer, agent, self.folder / name, bitrate=self.bitrate, tags=tags
            )
        if is_voicemail and _says_nothing(audio):
            await self._forget(row)
            (self.folder / name).unlink(missing_ok=True)
        else:
            await self._check(self.folder / name, audio)
            await self._kept(call_id, name, audio, kind)
            if row and row.path not in ("", name):  # another day, or another format
                (self.folder / row.path).unlink(missing_ok=True)
        await asyncio.to_thread(sides.remove)

    async def _check(self, path: Path, audio: Audio) -> None:
        """The disk must give back what it was given, or the wavs stay."""
        if await asyncio.to_thread(sha256_of, path) != audio.sha256:
            path.unlink(missing_ok=True)
            raise Unusable(N_("The disk did not keep the recording as it was written."))

    def _is_kept(self, row: Recording, sides: Sides) -> bool:
        path = self.folder / row.path
        return (
            path.is_file()
            and path.stat().st_mtime >= sides.changed_at
            and row.sha256 in ("", sha256_of(path))
        )

    async def _was_answered(self, call_id: str, call: Call | None) -> bool:
        if call:
            return call.answered_at is not None
        async with self.sessions() as session:
            return await queries.was_answered(session, call_id)

    async def _forget(self, row: Recording | None) -> None:
        """Nobody talked, so nothing was promised."""
        if row:
            async with self.sessions.begin() as session:
                await session.delete(row)

    async def _kept(self, call_id: str, name: str, audio: Audio, kind: str) -> None:
        is_call = kind == "call"  # nobody else was there to be heard in a message
        async with self.sessions.begin() as session:
            values = columns(audio, is_call=is_call)
            row = await queries.put(session, call_id, kind=kind, path=name, **values)
            masks = await queries.masks(session, call_id)
        if is_call and audio.silent:
            log.warning("recording %s: never heard: %s", call_id, audio.silent)
        if masks:  # wished while we made it
            await self._mask(row, [mask for mask in masks if mask.done_at is None])
        elif self.ready:
            self.ready(call_id)

    async def _failed(self, call_id: str, row: Recording | None, sentence: str) -> None:
        if row and (row.state, row.problem) == ("failed", sentence):
            return  # as before; once in the log is enough
        log.error("recording %s: %s", call_id, sentence)
        async with self.sessions.begin() as session:
            await queries.put(session, call_id, state="failed", problem=sentence)

    async def _about(self, call_id: str, call: Call | None) -> About:
        """From the database; from the call itself where its row is not written yet."""
        known = await self.describe(call_id)
        if known is None and call:
            return About(call.number or "", ", ".join(call.agents), "", call.started_at)
        return known or About()

    def _day(self, about: About, sides: Sides) -> str:
        started = about.started_at or datetime.fromtimestamp(sides.changed_at, UTC)
        return f"{started.astimezone(self.zone):%Y/%m/%d}"


def columns(audio: Audio, *, is_call: bool = True) -> dict[str, object]:
    """Of the row of a recording that can be played and has just been compared with its file."""
    return {
        "state": "ready",
        "problem": "",
        "duration_s": audio.duration_s,
        "size": audio.size,
        "sha256": audio.sha256,
        "checked_at": datetime.now(UTC),
        "peaks": audio.peaks,
        "silent": audio.silent if is_call else "",
        "gaps": as_text(audio.gaps) if is_call else "[]",
    }


def tags_for(call_id: str, about: About, zone: tzinfo, kind: str) -> Tags:
    started = (
        about.started_at.astimezone(zone).isoformat("T", "seconds") if about.started_at else ""
    )
    said = kind if kind == "voicemail" else ""
    return Tags(call_id, about.number, about.agent, about.customer, started, said)


def _replace(made: Path, path: Path) -> None:
    """Blocking. Raises OSError."""
    os.replace(made, path)
    folder_to_disk(path.parent)


def _says_nothing(message: Audio) -> bool:
    return message.duration_s < SHORTEST_MESSAGE or message.silent in ("customer", "both")
