"""Notes at a second of a recording, and how much of it one has heard."""

from collections.abc import Iterable

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.api.note_types import (
    ChangedRecordingNote,
    Heard,
    NewRecordingNote,
    RecordingNoteItem,
    RecordingNoteList,
)
from callcenter.api.parties import names_of, person_ref
from callcenter.api.table import table
from callcenter.errors import Conflict, Forbidden, Invalid, Missing
from callcenter.keys import SESSIONS
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in
from callcenter.recordings import heard, notes
from callcenter.recordings.models import RecordingNote
from callcenter.recordings.queries import audible
from callcenter.recordings.spool import checked


@table.endpoint(
    "GET",
    "/recordings/{call_id}/notes",
    "What is noted at the seconds of a recording",
    RecordingNoteList,
    errors=(Missing,),
    needs=Permission.CALLS,
)
async def list_recording_notes(request: web.Request) -> RecordingNoteList:
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        await audible(session, who.scope, call_id)
        return await _all(session, call_id, who.user.id)


@table.endpoint(
    "POST",
    "/recordings/{call_id}/notes",
    "Note something at a second of a recording",
    RecordingNoteItem,
    status=201,
    body=NewRecordingNote,
    errors=(Missing, Conflict),
    needs=Permission.CALLS,
)
async def add_recording_note(request: web.Request, new: NewRecordingNote) -> RecordingNoteItem:
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        recording = await audible(session, who.scope, call_id)
        row = await notes.add(session, recording, who.user.id, new.at_s, new.text)
        await session.commit()
        [item] = await _items(session, [row], who.user.id)
    return item


@table.endpoint(
    "PUT",
    "/recordings/{call_id}/notes/{note_id}",
    "Change one's own note at a second of a recording",
    RecordingNoteItem,
    body=ChangedRecordingNote,
    errors=(Missing, Forbidden),
    needs=Permission.CALLS,
)
async def change_recording_note(
    request: web.Request, new: ChangedRecordingNote
) -> RecordingNoteItem:
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        await audible(session, who.scope, call_id)
        note_id = int(request.match_info["note_id"])
        row = await notes.change(session, call_id, note_id, who.user.id, new.text)
        await session.commit()
        [item] = await _items(session, [row], who.user.id)
    return item


@table.endpoint(
    "DELETE",
    "/recordings/{call_id}/notes/{note_id}",
    "Delete one's own note at a second of a recording; the answer are those that stay",
    RecordingNoteList,
    errors=(Missing, Forbidden),
    needs=Permission.CALLS,
)
async def delete_recording_note(request: web.Request) -> RecordingNoteList:
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        await audible(session, who.scope, call_id)
        await notes.remove(session, call_id, int(request.match_info["note_id"]), who.user.id)
        await session.commit()
        return await _all(session, call_id, who.user.id)


@table.endpoint(
    "PUT",
    "/recordings/{call_id}/heard",
    "Say how much of a recording one has heard",
    Heard,
    body=Heard,
    errors=(Missing, Invalid),
    needs=Permission.CALLS,
)
async def tell_heard(request: web.Request, new: Heard) -> Heard:
    """The answer is what is written down: at most the recording's length, and 0 of one whose sound
    was never asked for."""
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        recording = await audible(session, who.scope, call_id)
        seconds = min(new.seconds, recording.duration_s)
        kept = await heard.note_length(session, call_id, who.user.id, seconds)
        await session.commit()
    return Heard(seconds=kept)


async def _all(session: AsyncSession, call_id: str, user_id: int) -> RecordingNoteList:
    rows = (await notes.of_calls(session, [call_id])).get(call_id, ())
    return RecordingNoteList(items=await _items(session, rows, user_id))


async def _items(
    session: AsyncSession, rows: Iterable[RecordingNote], user_id: int
) -> list[RecordingNoteItem]:
    rows = list(rows)
    names = await names_of(session, [row.user_id for row in rows])
    return [
        RecordingNoteItem(
            id=row.id,
            call_id=row.call_id,
            at_s=row.at_s,
            text=row.text,
            user=person_ref(row.user_id, names),
            mine=row.user_id == user_id,
            created_at=row.created_at,
            changed_at=row.changed_at,
        )
        for row in rows
    ]
