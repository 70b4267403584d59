"""Listening to a recording: the file in pieces, as players ask for it, and its waveform."""

from pathlib import Path

import msgspec
from aiohttp import hdrs, web

from callcenter.calls.queries import note_of, one_call
from callcenter.keys import CONFIG, LIBRARY, SESSIONS
from callcenter.pages.call_lines import lines
from callcenter.pages.quick import quickly
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings import queries
from callcenter.recordings.formats import format_of
from callcenter.recordings.heard import Kind, note_listening
from callcenter.recordings.models import Recording
from callcenter.recordings.sound import unexplained
from callcenter.recordings.spool import checked

routes = web.RouteTableDef()

NOBODY_ELSE = "private, no-cache"  # the same for ever, yet asked again: rights may be taken away


def _next_piece(request: web.Request) -> web.Response | None:
    return request.app[LIBRARY].grants.answer(request)


@routes.get("/recordings/{call_id}.mp3")
@routes.get("/recordings/{call_id}.opus")
@needs(Permission.CALLS)
@quickly(_next_piece)
async def listen(request: web.Request) -> web.StreamResponse:
    """The file, whole or in the range that is asked for.

    Under either name it is what it was kept as, which its type says.
    """
    path, name = await _sound(request, "heard")
    answer = _file(path, f'inline; filename="{name}"')
    if request.method == "GET":  # a HEAD hears nothing, and nobody has written it down
        request.app[LIBRARY].grants.give(request, path, dict(answer.headers))
    return answer


@routes.get("/recordings/{call_id}/file")
@needs(Permission.DOWNLOAD)
async def keep(request: web.Request) -> web.StreamResponse:
    """The same for keeping; whoever takes it away is written down as such."""
    path, name = await _sound(request, "kept")
    return _file(path, f'attachment; filename="{name}"')


async def _sound(request: web.Request, kind: Kind) -> tuple[Path, str]:
    """Where it lies and what it is called by people; that it was asked for is on paper then."""
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        recording = await queries.audible(session, who.scope, call_id)
        path = request.app[LIBRARY].file_of(recording)
        about = await queries.about(session, call_id)
        asked = request.method == "GET"
        if asked and await note_listening(session, call_id, who.user.id, kind):
            await session.commit()
    return path, _name(request, path, about)


def _file(path: Path, disposition: str) -> web.FileResponse:
    return web.FileResponse(
        path,
        headers={
            hdrs.CONTENT_TYPE: format_of(path).content_type,
            hdrs.CACHE_CONTROL: NOBODY_ELSE,
            hdrs.CONTENT_DISPOSITION: disposition,
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
    explained = [*msgspec.json.decode(paused), *((each.from_s, each.to_s) for each in masked)]
    stretches = {
        "gaps": unexplained(msgspec.json.decode(recording.gaps), explained),
        "url": f"/recordings/{call_id}{format_of(path).suffix}",
        "pauses": msgspec.json.decode(paused),
        "masks": [(mask.from_s, mask.to_s) for mask in masked],
    }
    return web.json_response(
        waveform(recording) | stretches, headers={hdrs.CACHE_CONTROL: NOBODY_ELSE}
    )


def waveform(recording: Recording) -> dict[str, object]:
    rows = recording.peaks or b""
    half = len(rows) // 2
    return {
        "duration_s": recording.duration_s,
        "customer": list(rows[:half]),
        "agent": list(rows[half:]),
    }


@routes.get("/recordings/{call_id}/player")
@needs(Permission.CALLS)
async def player(request: web.Request) -> web.StreamResponse:
    """The player as pages show it, for one that has waited until the recording is ready."""
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        record = await one_call(session, who.scope.one_call, call_id)
        [line] = await lines(request, session, [(record, await note_of(session, call_id))])
    return render(request, "recordings/player.html", line=line)


def _name(request: web.Request, path: Path, about: queries.About | None) -> str:
    """ "2026-11-21 09-30 0912345678.mp3": what a person finds again in a folder."""
    if about is None or about.started_at is None:
        return path.name
    started = about.started_at.astimezone(request.app[CONFIG].zone)
    digits = "".join(letter for letter in about.number if letter in "+0123456789")
    return f"{started:%Y-%m-%d %H-%M} {digits or path.stem}{path.suffix}"
