"""Listening to a recording: the file in pieces, as players ask for it, and its waveform."""

from pathlib import Path

import msgspec
from aiohttp import hdrs, web

from callcenter.keys import CONFIG, LIBRARY, SESSIONS
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings import queries
from callcenter.recordings.formats import format_of
from callcenter.recordings.models import Recording
from callcenter.recordings.spool import checked

routes = web.RouteTableDef()


@routes.get("/recordings/{call_id}.mp3")
@routes.get("/recordings/{call_id}.opus")
@needs(Permission.CALLS)
async def listen(request: web.Request) -> web.StreamResponse:
    """The file, whole or in the range that is asked for; ?download=1 offers it for keeping.

    Under either name it is what it was kept as, which its type says.
    """
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        recording = await queries.audible(session, who.scope, call_id)
        path = request.app[LIBRARY].file_of(recording)
        about = await queries.about(session, call_id)
        heard = request.method == "GET"
        if heard and await queries.note_listening(session, call_id, who.user.id):
            await session.commit()
    kept = "attachment" if request.query.get("download") == "1" else "inline"
    return web.FileResponse(
        path,
        headers={
            hdrs.CONTENT_TYPE: format_of(path).content_type,
            # The same for ever, yet asked again each time: rights may be taken away.
            hdrs.CACHE_CONTROL: "private, no-cache",
            hdrs.CONTENT_DISPOSITION: f'{kept}; filename="{_name(request, path, about)}"',
        },
    )


@routes.get("/recordings/{call_id}/peaks")
@needs(Permission.CALLS)
async def peaks(request: web.Request) -> web.Response:
    """{duration_s, url, customer: [0..255…], agent: [0..255…], pauses, masks, gaps: [[from, to]…]}

    The loudest moment of each slice, and seconds in which nothing is to be heard: the recording was
    paused, a stretch of it was masked, or nobody knows why.
    """
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        recording = await queries.audible(session, who.scope, call_id)
        paused = await queries.pauses(session, call_id)
        masked = await queries.masks(session, call_id)
    path = request.app[LIBRARY].file_of(recording)
    stretches = {
        "url": f"/recordings/{call_id}{format_of(path).suffix}",
        "pauses": msgspec.json.decode(paused),
        "masks": [(mask.from_s, mask.to_s) for mask in masked],
    }
    return web.json_response(
        waveform(recording) | stretches, headers={hdrs.CACHE_CONTROL: "private, no-cache"}
    )


def waveform(recording: Recording) -> dict[str, object]:
    rows = recording.peaks or b""
    half = len(rows) // 2
    return {
        "duration_s": recording.duration_s,
        "customer": list(rows[:half]),
        "agent": list(rows[half:]),
        "gaps": msgspec.json.decode(recording.gaps),
    }


def _name(request: web.Request, path: Path, about: queries.About | None) -> str:
    """ "2026-11-21 09-30 0912345678.mp3": what a person finds again in a folder."""
    if about is None or about.started_at is None:
        return path.name
    started = about.started_at.astimezone(request.app[CONFIG].zone)
    digits = "".join(letter for letter in about.number if letter in "+0123456789")
    return f"{started:%Y-%m-%d %H-%M} {digits or path.stem}{path.suffix}"
