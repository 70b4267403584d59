"""Notes at a second of a recording: whoever may hear it reads them, and changes their own."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Conflict, Forbidden, Invalid, Missing
from callcenter.recordings.models import Recording, RecordingNote

LONGEST = 2000  # letters of one note
MOST = 200  # notes of one recording


async def of_calls(
    session: AsyncSession, call_ids: Collection[str]
) -> Mapping[str, Sequence[RecordingNote]]:
    """By call, in the order of the recording; nothing of a call without any."""
    found: dict[str, list[RecordingNote]] = defaultdict(list)
    asked = select(RecordingNote).where(RecordingNote.call_id.in_(call_ids))
    for row in await session.scalars(asked.order_by(RecordingNote.at_s, RecordingNote.id)):
        found[row.call_id].append(row)
    return found


async def add(
    session: AsyncSession, recording: Recording, user_id: int, at_s: float, text: str
) -> RecordingNote:
    """Write at that second. The caller has asked whether they may hear it, and commits.

    Raises Invalid without a text or behind the end, Conflict where nothing can be heard yet.
    """
    if recording.state != "ready":
        raise Conflict(N_("The recording cannot be played."))
    if not 0 <= at_s <= recording.duration_s + 1:  # the player's length is the browser's own
        raise Invalid(N_("The recording is not that long."), field="at_s")
    there = select(func.count()).where(RecordingNote.call_id == recording.call_id)
    if (await session.scalar(there) or 0) >= MOST:
        raise Invalid(N_("There is no room for more notes on this recording."), field="text")
    row = RecordingNote(
        call_id=recording.call_id,
        user_id=user_id,
        at_s=round(min(at_s, recording.duration_s), 1),
        text=_tidy(text),
        created_at=datetime.now(UTC),
    )
    session.add(row)
    await session.flush()
    return row


async def change(
    session: AsyncSession, call_id: str, note_id: int, user_id: int, text: str
) -> RecordingNote:
    """Raises Missing, Forbidden for another's, Invalid without a text. The caller commits."""
    row = await _own(session, call_id, note_id, user_id)
    row.text, row.changed_at = _tidy(text), datetime.now(UTC)
    return row


async def remove(session: AsyncSession, call_id: str, note_id: int, user_id: int) -> None:
    """Raises Missing, Forbidden for another's. The caller commits."""
    await session.delete(await _own(session, call_id, note_id, user_id))


async def _own(session: AsyncSession, call_id: str, note_id: int, user_id: int) -> RecordingNote:
    row = await session.get(RecordingNote, note_id)
    if row is None or row.call_id != call_id:
        raise Missing(N_("This note is not there any more."))
    if row.user_id != user_id:
        raise Forbidden(N_("Only who wrote a note may change it."))
    return row


def _tidy(text: str) -> str:
    tidied = text.replace("\0", "").strip()
    if not tidied:
        raise Invalid(N_("A note needs some words."), field="text")
    if len(tidied) > LONGEST:
        raise Invalid(N_("A note has at most {most} letters."), field="text", most=LONGEST)
    return tidied
