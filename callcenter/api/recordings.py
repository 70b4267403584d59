"""What there is of a recording, and where its sound is."""

import msgspec
from aiohttp import web

from callcenter.api.table import table
from callcenter.api.types import RecordingInfo
from callcenter.errors import Missing
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in
from callcenter.recordings.formats import format_of
from callcenter.recordings.queries import audible
from callcenter.recordings.spool import checked


@table.endpoint(
    "GET",
    "/recordings/{call_id}",
    "A call's recording",
    RecordingInfo,
    errors=(Missing,),
    needs=Permission.CALLS,
)
async def show_recording(request: web.Request) -> RecordingInfo:
    scope, call_id = signed_in(request).scope, checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        row = await audible(session, scope, call_id)
    ready = row.state == "ready"
    problem = request.app[TEMPLATES].words.say(row.problem) if row.problem else ""
    answer = {
        "call_id": call_id,
        "state": row.state,
        "problem": problem,
        "duration_s": row.duration_s,
        "size": row.size,
        "silent": row.silent,
        "url": f"/recordings/{call_id}{format_of(row.path).suffix}" if ready else None,
        "peaks_url": f"/recordings/{call_id}/peaks" if ready else None,
        "created_at": row.created_at,
    }
    return msgspec.convert(answer, RecordingInfo)
