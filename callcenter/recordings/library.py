"""Every recording from the exchange's files to a file with a row, one after the other.

What is on the disk is the truth: a wav is removed only when its recording is on disk and its row
committed, so whatever interrupts us, the files are there to be taken up again, at the start and
every few minutes. What we remember is bounded, the disk is the queue.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from callcenter.calls.call import Call, State
from callcenter.db import DATABASE_ERRORS, Sessions
from callcenter.errors import N_, Missing
from callcenter.recordings import queries
from callcenter.recordings.grants import Grants
from callcenter.recordings.keeping import Describe, Keeper
from callcenter.recordings.models import Proof, Recording
from callcenter.recordings.pieces import sweep
from callcenter.recordings.spool import CALL_ID, Spool
from callcenter.tasks import Group, running

if TYPE_CHECKING:
    from callcenter.calls.board import Change

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds for the exchange to close its files after the call's end
AGAIN = 300.0  # seconds between two looks at what was left behind
FORGOTTEN = 3600.0  # files that nobody has written for so long, and no row knows their call
MOST = 1000  # calls remembered; of those beyond, the files are found on the disk


class Library:
    """The arguments are those of a Keeper."""

    def __init__(
        self,
        sessions: Sessions,
        spool: Path,
        folder: Path,
        bitrate: int,
        describe: Describe,
        *,
        format: str = "mp3",
        zone: tzinfo = UTC,
        ready: Callable[[str], None] | None = None,
    ) -> None:
        self.spool, self.folder = Spool(spool), folder
        self.keeper = Keeper(
            sessions=sessions,
            spool=self.spool,
            folder=folder,
            format=format,
            bitrate=bitrate,
            describe=describe,
            zone=zone,
            ready=ready,
        )
        self.grants = Grants()
        self.alone = asyncio.Lock()  # whoever has it may keep a core busy
        self._sessions = sessions
        self._queue: asyncio.Queue[str] = asyncio.Queue()  # of some in _pending, which is bounded
        self._pending: dict[str, Call | None] = {}  # waited for, queued or in work
        self._refused = False  # something was not remembered
        self._through = asyncio.Condition()  # with a recording
        self._look = asyncio.Event()  # there may be more on the disk
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
            if self._is_full():
                return
            self._pending[call.call_id] = call
            self._waiters.start(self._wait(call), name=f"recording {call.call_id}")

    def take_up(self, call_id: str) -> None:
        """Try again what there is of a call, soon."""
        if call_id not in self._pending and not self._is_full():
            self._pending[call_id] = None
            self._queue.put_nowait(call_id)

    async def through_with(self, call_id: str) -> None:
        """Return once nothing of that call is waited for, queued or in work."""
        async with self._through:
            await self._through.wait_for(lambda: call_id not in self._pending)

    def is_busy(self, call_id: str) -> bool:
        """Whether the recording of that call is waited for, queued or in work."""
        return call_id in self._pending

    def last_written(self, call_id: str) -> datetime | None:
        """When the exchange last wrote to the recording of that call; None: there is no file."""
        written = self.spool.sides(call_id).changed_at if CALL_ID.fullmatch(call_id) else 0.0
        return datetime.fromtimestamp(written, UTC) if written else None

    def file_of(self, recording: Recording) -> Path:
        """The file of a row; raises Missing when there is none to be played."""
        path = (self.folder / recording.path).resolve()
        inside = path.is_relative_to(self.folder.resolve())
        if recording.state != "ready" or not (inside and path.is_file()):
            raise Missing(N_("The recording cannot be played."))
        return path

    async def run(self) -> None:
        """Keep recordings until cancelled."""
        await asyncio.to_thread(sweep, self.spool.folder)
        try:
            async with running(self._take_up(), "recordings left behind"):
                while True:
                    call_id = await self._queue.get()
                    try:
                        async with self.alone:
                            await self.keeper.keep(call_id, self._pending.get(call_id))
                    except DATABASE_ERRORS:  # the files are still there: the next look
                        log.exception("recording %s could not be kept for now", call_id)
                    finally:
                        self._pending.pop(call_id, None)
                        self._look_for_refused()
                        async with self._through:
                            self._through.notify_all()
        finally:
            await self._waiters.close()

    def _is_full(self) -> bool:
        """What is refused now is found on the disk, when there is room again."""
        self._refused = self._refused or self.waiting >= MOST
        return self.waiting >= MOST

    def _look_for_refused(self) -> None:
        if self._refused and self.waiting <= MOST // 2:
            self._refused = False
            self._look.set()

    async def _wait(self, call: Call) -> None:
        """Until the files are closed, or will not be any more."""
        call_id, pause, until = call.call_id, 0.05, time.monotonic() + PATIENCE
        try:
            if call.recordings and call.answered_at:
                await self._promise(call_id)
            while not await self._is_closed(call_id) and time.monotonic() < until:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 1.0)
        except DATABASE_ERRORS:
            log.exception("recording %s: waiting for it went wrong", call_id)
        self._queue.put_nowait(call_id)

    async def _is_closed(self, call_id: str) -> bool:
        return await asyncio.to_thread(lambda: self.spool.sides(call_id).closed)

    async def _take_up(self) -> None:
        """What an earlier life, a dead exchange or a full disk left behind."""
        while True:
            self._look.clear()
            try:
                for call_id in await self._left_behind():
                    self.take_up(call_id)
            except DATABASE_ERRORS:
                log.exception("could not look for recordings left behind")
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await self._look.wait()

    async def _left_behind(self) -> list[str]:
        there = await asyncio.to_thread(self.spool.call_ids)
        async with self._sessions() as session:
            over, lasting = await queries.over_and_lasting(session, there)
            rows = await queries.unfinished(session)
            failed = await queries.failed(session, there)
        old = time.time() - FORGOTTEN

        def is_over(call_id: str) -> bool:
            """One that goes on may have closed pieces, so a call without a row must have all."""
            if call_id in over or call_id in lasting:
                return call_id in over
            sides = self.spool.sides(call_id)
            return sides.closed or sides.changed_at < old

        over_now = await asyncio.to_thread(lambda: [*filter(is_over, there)])
        found = dict.fromkeys((*over_now, *rows))
        return sorted(found, key=failed.__contains__)  # what may fail again holds up nothing new

    async def _promise(self, call_id: str) -> None:
        """What there is already stays: of a call that was heard of late, the recording is kept."""
        async with self._sessions() as session:
            known = [await session.get(each, call_id) for each in (Recording, Proof)]
            if not any(known):
                await queries.put(session, call_id, state="waiting", problem="")
                await session.commit()
