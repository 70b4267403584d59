"""Deleting recordings for good: the proof is written down, the file goes, the proof is closed."""

import asyncio
import logging
import os
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.archive.zips import forget_zips
from callcenter.calls.models import CallRecord
from callcenter.db import DATABASE_ERRORS, Sessions
from callcenter.errors import N_
from callcenter.people import audit
from callcenter.priority import NICE
from callcenter.recordings import holds
from callcenter.recordings.disk import folder_to_disk, sha256_of
from callcenter.recordings.keeping import HALF
from callcenter.recordings.library import Library
from callcenter.recordings.models import Finding, Proof, Recording, RecordingNote

log = logging.getLogger(__name__)

AGAIN_S: Final = 3600.0
AT_ONCE: Final = 50  # recordings of one transaction

BUSY = N_("The recording is being worked on: try again in a minute.")
NOT_READY = N_("There is no recording that could be deleted.")
LOST = N_("The file cannot be found or read: the retention leaves it.")
TOLD: Final = 20  # codes of calls in the log's line

STAYS = N_("The file could not be removed now; it is tried again until it is gone.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A person with a reason, or the retention and the days of its term."""

    user_id: int | None = None
    reason: str = ""
    days: int | None = None

    @property
    def is_rule(self) -> bool:
        return self.user_id is None


@dataclass(slots=True)
class Outcome:
    """What became of the recordings that were to go: message ids say why some stay."""

    erased: list[str] = field(default_factory=list)
    stay: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Measured:
    """`file` as in Proof; size (bytes) and sha256 only of one that was read."""

    file: str
    size: int = 0
    sha256: str = ""


class Eraser:
    """`jobs` is the folder of long work, where zips of recordings lie."""

    def __init__(self, sessions: Sessions, library: Library, jobs: Path) -> None:
        self._sessions, self._library, self._jobs = sessions, library, jobs
        # A thread of its own, that gives way: nobody waits for a file to go.
        self._hand = ThreadPoolExecutor(1, "erasing", initializer=_give_way)

    def close(self) -> None:
        self._hand.shutdown(wait=True)

    async def run(self) -> None:
        """Go on with what was left, at the start and every hour."""
        while True:
            try:
                await self.finish()
            except DATABASE_ERRORS:
                log.exception("recordings that are to go stay for now")
            await asyncio.sleep(AGAIN_S)

    async def erase(self, call_ids: Sequence[str], why: Why) -> Outcome:
        """Delete these calls' recordings, but for those that are held, in work or not there; by
        the retention only those whose file was found and read: a disk that is away is no proof.

        The caller has checked the rights. Raises DATABASE_ERRORS: then what was written down goes
        with the next `finish`, and all others stay.
        """
        outcome = Outcome()
        for start in range(0, len(call_ids), AT_ONCE):
            part = call_ids[start : start + AT_ONCE]
            await self._remove(await self._write_down(part, why, outcome), outcome)
        return outcome

    async def finish(self) -> Outcome:
        """Go on with what an earlier life, or a disk that refused, has left. Raises
        DATABASE_ERRORS."""
        async with self._sessions() as session:
            asked = select(Proof).where(Proof.erased_at.is_(None)).order_by(Proof.wanted_at)
            left = (await session.scalars(asked)).all()
        outcome = Outcome()
        for start in range(0, len(left), AT_ONCE):
            await self._remove(left[start : start + AT_ONCE], outcome)
        return outcome

    async def _write_down(
        self, call_ids: Sequence[str], why: Why, outcome: Outcome
    ) -> Sequence[Proof]:
        """The proofs of those that may go, committed: nobody finds their recordings any more."""
        async with self._sessions() as session:
            asked = select(Recording.call_id, Recording.path).where(
                Recording.call_id.in_(call_ids), Recording.state == "ready"
            )
            paths = {call_id: path for call_id, path in await session.execute(asked)}
        measured = await self._by_hand(self._measure, paths)
        proofs, now = [], datetime.now(UTC)
        async with self._sessions.begin() as session:
            await holds.take_turn(session)
            held = await holds.held_among(session, call_ids)
            rows = await _rows(session, call_ids)
            for call_id in call_ids:
                problem = self._problem(call_id, held, rows, paths)
                if not problem and why.is_rule and measured[call_id].file != "read":
                    problem = LOST
                if problem:
                    outcome.stay[call_id] = problem
                    continue
                row, department_id = rows[call_id]
                proofs.append(_proof(row, department_id, measured[call_id], why, now))
            gone = [each.call_id for each in proofs]
            session.add_all(proofs)
            if gone and why.user_id is not None:
                told = ", ".join(gone[:TOLD]) + (" …" if len(gone) > TOLD else "")
                detail = f"{len(gone)}: {told}: {why.reason}"
                audit.note(session, why.user_id, "recordings-erased", detail)
            for table in (Recording, RecordingNote, Finding):
                await session.execute(delete(table).where(table.call_id.in_(gone)))
        for call_id in gone:
            self._library.grants.forget(call_id)
        return proofs

    def _problem(
        self,
        call_id: str,
        held: Collection[str],
        rows: Mapping[str, tuple[Recording, int | None]],
        paths: Mapping[str, str],
    ) -> str:
        if call_id in held:
            return holds.HELD
        if call_id not in rows or call_id not in paths:
            return NOT_READY
        if self._library.is_busy(call_id) or rows[call_id][0].path != paths[call_id]:
            return BUSY
        return ""

    async def _remove(self, proofs: Sequence[Proof], outcome: Outcome) -> None:
        if not proofs:
            return
        gone = await self._by_hand(self._unlink, proofs)
        async with self._sessions.begin() as session:
            await session.execute(
                update(Proof)
                .where(Proof.call_id.in_(gone))
                .values(erased_at=datetime.now(UTC))
                .execution_options(synchronize_session=False)
            )
        outcome.erased += gone
        outcome.stay |= {each.call_id: STAYS for each in proofs if each.call_id not in gone}

    async def _by_hand(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._hand, function, *arguments)

    def _measure(self, paths: Mapping[str, str]) -> dict[str, _Measured]:
        """What the disk gives back of these. Blocking."""
        found = {}
        for call_id, name in paths.items():
            path = self._library.folder / name
            try:
                found[call_id] = _Measured("read", path.stat().st_size, sha256_of(path))
            except OSError as error:
                is_missing = isinstance(error, FileNotFoundError | NotADirectoryError)
                found[call_id] = _Measured("missing" if is_missing else "unread")
                log.warning("the recording %s could not be read: %s", call_id, error)
        return found

    def _unlink(self, wanted: Iterable[Proof]) -> list[str]:
        """Whose sound is gone from the disk, with all that was made of it on the way. Blocking."""
        gone, folders = [], set[Path]()
        for proof in wanted:
            call_id, path = proof.call_id, (self._library.folder / proof.path).resolve()
            if not path.is_relative_to(self._library.folder.resolve()):
                continue  # no name that we gave
            if proof.file != "missing" and not path.parent.is_dir():
                log.error("the recording %s stays open: its folder is away", call_id)
                continue  # a disk that was unplugged would come back with it
            masked = self._library.folder / HALF / path.name
            try:
                for each in (path, path.with_name(f".{path.name}.part"), masked):
                    each.unlink(missing_ok=True)
                self._library.spool.sides(call_id).remove()
            except OSError:
                log.exception("the recording %s cannot be removed", call_id)
                continue
            gone.append(call_id)
            folders.add(path.parent)
        for folder in folders:
            if folder.is_dir():
                folder_to_disk(folder)
        forget_zips(self._jobs, set(gone))
        return gone


async def _rows(
    session: AsyncSession, call_ids: Sequence[str]
) -> dict[str, tuple[Recording, int | None]]:
    """Those that are there to be deleted, with the departments of their calls, which are over."""
    asked = (
        select(Recording, CallRecord.department_id)
        .join(CallRecord, CallRecord.call_id == Recording.call_id)
        .where(Recording.call_id.in_(call_ids), Recording.state == "ready")
        .where(CallRecord.ended_at.is_not(None))
    )
    return {row.call_id: (row, department) for row, department in await session.execute(asked)}


def _proof(
    row: Recording, department_id: int | None, file: _Measured, why: Why, now: datetime
) -> Proof:
    """Of a file that could not be read, what it was when it was kept, and that it was not."""
    was_read = file.file == "read"
    return Proof(
        call_id=row.call_id,
        path=row.path,
        sha256=file.sha256 if was_read else row.sha256,
        size=file.size if was_read else row.size,
        file=file.file,
        duration_s=row.duration_s,
        department_id=department_id,
        made_at=row.created_at,
        wanted_at=now,
        erased_at=None,
        user_id=why.user_id,
        days=why.days,
        reason=why.reason,
    )


def _give_way() -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
