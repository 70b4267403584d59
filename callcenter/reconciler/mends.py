"""What can be done about what was found."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.calls.call import Call, Direction, Result, State
from callcenter.db import Sessions
from callcenter.errors import N_, Conflict, Missing
from callcenter.people import audit
from callcenter.reconciler import judging, queries
from callcenter.reconciler.judging import Kind, Known, Verdict
from callcenter.reconciler.looking import Lying, size_of
from callcenter.recordings import holds
from callcenter.recordings.audio import Audio
from callcenter.recordings.disk import folder_to_disk, sha256_of
from callcenter.recordings.keeping import columns
from callcenter.recordings.library import Library
from callcenter.recordings.models import Finding, Proof, Recording
from callcenter.recordings.queries import masks, put
from callcenter.recordings.sound import sound_of
from callcenter.recordings.spool import CALL_ID
from callcenter.recordings.tags import Tags, seconds_of, tags_of
from callcenter.recordings.unpack import unpacked
from callcenter.recordings.wav import Unusable, read_wav

LONG_ID = 36  # letters of the ids that we give to the calls we place: a UUID


async def attached(sessions: Sessions, library: Library, lying: Lying) -> Verdict | None:
    """Make that file the recording of its call: the one of its name, or of its tags.

    None when that is done; otherwise what is in the way. Raises DATABASE_ERRORS, also when the file
    vanishes.
    """
    tags = await asyncio.to_thread(tags_of, lying.path)
    ids = [each for each in (lying.call_id, tags.call_id) if CALL_ID.fullmatch(each)]
    async with sessions() as session:
        calls = await queries.are_calls(session, ids)
        rows = await queries.of_calls(session, ids)
    call_id = next((each for each in ids if each in calls), None)
    if call_id is None:
        return (Kind.NO_CALL, judging.NO_ROW if ids else judging.STRANGE)
    path = str(lying.path.relative_to(library.folder))
    async with sessions() as session:
        if proof := await session.get(Proof, call_id):
            return (Kind.NO_CALL, judging.ERASED) if proof.erased_at else None
    row = rows.get(call_id)
    if row and row.path == path:
        return None
    if row and _is_there(library, row):
        return (Kind.NO_CALL, judging.SECOND)
    async with library.alone:
        try:
            audio = await _measured(lying.path, library.spool.folder)
        except Unusable as error:
            return (Kind.BROKEN, error.sentence)
        async with sessions.begin() as session:
            await holds.take_turn(session)
            if await session.get(Proof, call_id):  # deleted meanwhile
                return None
            now = await session.get(Recording, call_id, with_for_update=True)
            masked = await masks(session, call_id)
            if now and (_is_there(library, now) or (masked and now.sha256 != audio.sha256)):
                return (Kind.NO_CALL, judging.SECOND)  # or one that still says what was masked
            kind = now.kind if now else tags.kind if tags.kind == "voicemail" else "call"
            values = columns(audio, is_call=kind == "call")
            await put(session, call_id, kind=kind, path=path, **values)
    return None


def _is_there(library: Library, row: Recording | Known) -> bool:
    """Whether the call has its recording; one that is not ready may wait for a mask."""
    return row.path != "" and size_of(library.folder / row.path) is not None


async def _measured(path: Path, folder: Path) -> Audio:
    """What there is to know of a kept file. Raises Unusable."""
    async with unpacked(path, folder) as (customer, agent):
        sides = read_wav(customer), read_wav(agent)
        sound = await asyncio.to_thread(sound_of, *sides)
    return Audio(
        duration_s=round(seconds_of(path) or 0.0, 3),
        size=path.stat().st_size,
        sha256=await asyncio.to_thread(sha256_of, path),
        peaks=sound.peaks,
        silent=sound.silent,
        gaps=sound.gaps,
    )


def file_of(library: Library, key: str) -> Path | None:
    """The file that a finding is about; None when it is about a row. Raises Missing."""
    place, _, name = key.partition("/")
    if place not in ("kept", "spool"):
        return None
    folder = (library.folder if place == "kept" else library.spool.folder).resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise Missing(N_("The file is not there any more."))
    return path


async def accept(sessions: Sessions, key: str, user_id: int) -> None:
    """Somebody has looked and there is nothing to mend: it counts no longer. Raises Missing."""
    async with sessions.begin() as session:
        finding = await session.get(Finding, key)
        if finding is None:
            raise Missing(N_("That has been put right meanwhile."))
        finding.accepted_at = datetime.now(UTC)
        audit.note(session, user_id, "recording-accepted", f"{key}: {finding.reason}")


async def remove(sessions: Sessions, library: Library, key: str, user_id: int) -> None:
    """Remove a file that belongs to no call; what it was is written down first.

    Raises Missing, and Conflict when it is some call's recording after all.
    """
    async with library.alone:  # nobody else gives files to calls now
        path = file_of(library, key)
        if path is None:
            raise Missing(N_("The file is not there any more."))
        about = await asyncio.to_thread(_described, path)
        async with sessions.begin() as session:
            finding = await session.get(Finding, key)
            if finding is None:
                raise Missing(N_("That has been put right meanwhile."))
            await holds.take_turn(session)
            if await holds.held_among(session, [finding.call_id]):
                raise Conflict(holds.HELD)
            if _is_in_work(library, finding) or await queries.is_kept(session, key):
                raise Conflict(N_("The file is the recording of a call: it stays."))
            audit.note(session, user_id, "recording-file-removed", f"{key}: {about}")
            await session.delete(finding)
        await asyncio.to_thread(_unlink, path)


def _is_in_work(library: Library, finding: Finding) -> bool:
    """Whether its call is being recorded or kept just now."""
    call_id = finding.call_id
    return bool(call_id) and (
        library.is_busy(call_id)
        or (finding.key.startswith("spool/") and library.spool.sides(call_id).any)
    )


def _described(path: Path) -> str:
    """The proof of what was there: size, sum, and what it says of itself."""
    said = {name: text for name, text in asdict(tags_of(path)).items() if text}
    return f"{path.stat().st_size} bytes, sha256 {sha256_of(path)} {said or ''}".strip()


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
    folder_to_disk(path.parent)


def call_of(path: Path, call_id: str, kind: str = "") -> Call:
    """The call that a file must have come from, as far as the file says. Blocking. Raises Conflict.

    Ids of calls that we placed are ours; those of calls that came in are the exchange's. `kind` is
    that of the recording's row, where there is one: who left a message talked with nobody.
    """
    tags, seconds = tags_of(path), seconds_of(path)
    started = _started(tags, path)
    named = call_id or tags.call_id
    if seconds is None or not CALL_ID.fullmatch(named):
        raise Conflict(N_("The file does not say which call it is of."))
    ended = started + timedelta(seconds=seconds)
    if "voicemail" in (kind, tags.kind):
        return Call(
            call_id=named,
            direction=Direction.INBOUND,
            started_at=started,
            state=State.ENDED,
            number=tags.number or None,
            ended_at=ended,
            result=Result.ABANDONED,
        )
    return Call(
        call_id=named,
        direction=Direction.OUTBOUND if len(named) == LONG_ID else Direction.INBOUND,
        started_at=started,
        state=State.ENDED,
        number=tags.number or None,
        answered_at=started,
        ended_at=ended,
        result=Result.ANSWERED,
        talked_s=round(seconds, 3),
    )


def _started(tags: Tags, path: Path) -> datetime:
    try:
        started = datetime.fromisoformat(tags.started_at)
        return started.astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
