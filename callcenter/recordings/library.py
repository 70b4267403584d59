"""Every recording from the exchange's files to an mp3 with a row, one after the other.

What is on the disk is the truth: a wav is removed only when its mp3 is on disk and its row
committed, so whatever interrupts us, the files are there to be taken up again, at the start and
every few minutes.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from callcenter.calls.call import Call, State
from callcenter.db import DATABASE_ERRORS, Sessions
from callcenter.errors import N_, Missing
from callcenter.recordings import queries
from callcenter.recordings.audio import Audio, Tags, encode
from callcenter.recordings.models import Recording
from callcenter.recordings.pieces import sweep, whole
from callcenter.recordings.queries import About
from callcenter.recordings.spool import CALL_ID, Sides, Spool
from callcenter.recordings.wav import NoSound, Unusable
from callcenter.tasks import Group, running

if TYPE_CHECKING:
    from callcenter.calls.board import Change

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds for the exchange to close its files after the call's end
AGAIN = 300.0  # seconds between two looks at what was left behind
SHORTEST_MESSAGE = 1.0  # seconds; a shorter one says nothing
FORGOTTEN = 3600.0  # files that nobody has written for so long, and no row knows their call

Describe = Callable[[str], Awaitable[About | None]]


class Library:
    """`spool` is where the exchange writes, `folder` where the mp3s go (YYYY/MM/DD/<call_id>.mp3,
    by the day of `zone`), `bitrate` is kb/s, `describe` says what stands in the tags, `ready` is
    called with the call_id when a recording can be played."""

    def __init__(
        self,
        sessions: Sessions,
        spool: Path,
        folder: Path,
        bitrate: int,
        describe: Describe,
        *,
        zone: tzinfo = UTC,
        ready: Callable[[str], None] | None = None,
    ) -> None:
        self._sessions = sessions
        self._spool = Spool(spool)
        self._folder = folder
        self._bitrate = bitrate
        self._describe = describe
        self._zone = zone
        self._ready = ready
        # Without a bound: an id a call; refusing one would cost a recording until the next look.
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._pending: dict[str, Call | None] = {}  # waited for, queued or in work
        self._waiters = Group()

    @property
    def waiting(self) -> int:
        """How many recordings are waited for, queued or in work."""
        return len(self._pending)

    def call_ended(self, change: "Change") -> None:
        """Listens to the board: a call that was answered or recorded and has ended now."""
        call = change.after
        if call.state is not State.ENDED or (change.before and change.before.state is State.ENDED):
            return
        recorded = call.recordings or call.answered_at
        if recorded and call.call_id not in self._pending and CALL_ID.fullmatch(call.call_id):
            self._pending[call.call_id] = call
            self._waiters.start(self._wait(call), name=f"recording {call.call_id}")

    def last_written(self, call_id: str) -> datetime | None:
        """When the exchange last wrote to the recording of that call; None: there is no file."""
        written = self._spool.sides(call_id).changed_at if CALL_ID.fullmatch(call_id) else 0.0
        return datetime.fromtimestamp(written, UTC) if written else None

    def file_of(self, recording: Recording) -> Path:
        """The mp3 of a row; raises Missing when there is none to be played."""
        path = (self._folder / recording.path).resolve()
        inside = path.is_relative_to(self._folder.resolve())
        if recording.state != "ready" or not (inside and path.is_file()):
            raise Missing(N_("The recording cannot be played."))
        return path

    async def run(self) -> None:
        """Keep recordings until cancelled."""
        await asyncio.to_thread(sweep, self._spool.folder)
        try:
            async with running(self._take_up(), "recordings left behind"):
                while True:
                    call_id = await self._queue.get()
                    try:
                        await self._keep(call_id, self._pending.get(call_id))
                    except DATABASE_ERRORS:  # the files are still there: the next look
                        log.exception("recording %s could not be kept for now", call_id)
                    finally:
                        self._pending.pop(call_id, None)
        finally:
            await self._waiters.close()

    async def _wait(self, call: Call) -> None:
        """Until the files are closed, or will not be any more."""
        call_id, pause, until = call.call_id, 0.05, time.monotonic() + PATIENCE
        try:
            if call.recordings and call.answered_at:
                await self._promise(call_id)
            while not self._spool.sides(call_id).closed and time.monotonic() < until:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 1.0)
        except DATABASE_ERRORS:
            log.exception("recording %s: waiting for it went wrong", call_id)
        self._queue.put_nowait(call_id)

    async def _take_up(self) -> None:
        """What an earlier life, a dead exchange or a full disk left behind."""
        while True:
            try:
                for call_id in await self._left_behind():
                    if call_id not in self._pending:
                        self._pending[call_id] = None
                        self._queue.put_nowait(call_id)
            except DATABASE_ERRORS:
                log.exception("could not look for recordings left behind")
            await asyncio.sleep(AGAIN)

    async def _left_behind(self) -> list[str]:
        there = await asyncio.to_thread(self._spool.call_ids)
        async with self._sessions() as session:
            over, lasting = await queries.over_and_lasting(session, there)
            rows = await queries.unfinished(session)
        old = time.time() - FORGOTTEN

        def is_over(call_id: str) -> bool:
            """One that goes on may have closed pieces, so a call without a row must have all."""
            if call_id in over or call_id in lasting:
                return call_id in over
            sides = self._spool.sides(call_id)
            return sides.closed or sides.changed_at < old

        return list(dict.fromkeys((*filter(is_over, there), *rows)))

    async def _keep(self, call_id: str, call: Call | None) -> None:
        """One recording from wav to row. Raises DATABASE_ERRORS."""
        async with self._sessions() as session:
            row = await session.get(Recording, call_id)
        sides = self._spool.sides(call_id)
        if row is None and not sides.any:
            return  # answered, and not recorded: nobody promised one
        if row and row.state == "ready" and self._is_kept(row, sides):
            sides.remove()  # we were interrupted between the row and the removal
            return
        about = await self._about(call_id, call)
        name = f"{self._day(about, sides)}/{call_id}.mp3"
        try:
            async with whole(sides.pieces, self._spool.folder) as (customer, agent):
                audio = await encode(
                    customer,
                    agent,
                    self._folder / name,
                    bitrate=self._bitrate,
                    tags=_tags(call_id, about, self._zone),
                )
        except Unusable as error:
            if isinstance(error, NoSound) and not await self._was_answered(call_id, call):
                await self._forget(row)
                sides.remove()
                return
            await self._failed(call_id, row, error.sentence)
            return
        is_voicemail = sides.message and not await self._was_answered(call_id, call)
        if is_voicemail and _says_nothing(audio):
            await self._forget(row)
            (self._folder / name).unlink(missing_ok=True)
        else:
            await self._kept(call_id, name, audio, "voicemail" if is_voicemail else "call")
        sides.remove()

    async def _was_answered(self, call_id: str, call: Call | None) -> bool:
        if call:
            return call.answered_at is not None
        async with self._sessions() as session:
            return await queries.was_answered(session, call_id)

    async def _forget(self, row: Recording | None) -> None:
        """Nobody talked, so nothing was promised."""
        if row:
            async with self._sessions.begin() as session:
                await session.delete(row)

    def _is_kept(self, row: Recording, sides: Sides) -> bool:
        path = self._folder / row.path
        return path.is_file() and path.stat().st_mtime >= sides.changed_at

    async def _kept(self, call_id: str, name: str, audio: Audio, kind: str) -> None:
        silent = audio.silent if kind == "call" else ""  # nobody was there to be heard
        await self._put(
            call_id,
            state="ready",
            kind=kind,
            problem="",
            path=name,
            duration_s=audio.duration_s,
            size=audio.size,
            peaks=audio.peaks,
            silent=silent,
        )
        if silent:
            log.warning("recording %s: never heard: %s", call_id, silent)
        if self._ready:
            self._ready(call_id)

    async def _failed(self, call_id: str, row: Recording | None, sentence: str) -> None:
        if row and (row.state, row.problem) == ("failed", sentence):
            return  # as before; once in the log is enough
        log.error("recording %s: %s", call_id, sentence)
        await self._put(call_id, state="failed", problem=sentence)

    async def _promise(self, call_id: str) -> None:
        """What there is already stays: of a call that was heard of late, the recording is kept."""
        async with self._sessions() as session:
            if await session.get(Recording, call_id) is None:
                await queries.put(session, call_id, state="waiting", problem="")
                await session.commit()

    async def _put(self, call_id: str, **values: object) -> None:
        async with self._sessions() as session:
            await queries.put(session, call_id, **values)
            await session.commit()

    async def _about(self, call_id: str, call: Call | None) -> About:
        """From the database; from the call itself where its row is not written yet."""
        known = await self._describe(call_id)
        if known is None and call:
            return About(call.number or "", ", ".join(call.agents), "", call.started_at)
        return known or About()

    def _day(self, about: About, sides: Sides) -> str:
        started = about.started_at or datetime.fromtimestamp(sides.changed_at, UTC)
        return f"{started.astimezone(self._zone):%Y/%m/%d}"


def _says_nothing(message: Audio) -> bool:
    return message.duration_s < SHORTEST_MESSAGE or message.silent in ("customer", "both")


def _tags(call_id: str, about: About, zone: tzinfo) -> Tags:
    started = (
        about.started_at.astimezone(zone).isoformat("T", "seconds") if about.started_at else ""
    )
    return Tags(call_id, about.number, about.agent, about.customer, started)
