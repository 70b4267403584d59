"""Masking a stretch of a recording: whoever may, why, and that it cannot be undone."""

import asyncio
from contextlib import suppress

from aiohttp import web
from sqlalchemy import select

from callcenter.archive.zips import forget_zips
from callcenter.calls.queries import note_of, one_call
from callcenter.errors import Invalid
from callcenter.keys import JOBS, LIBRARY, SESSIONS
from callcenter.pages.call_lines import lines
from callcenter.pages.templates import render, see_other
from callcenter.people.models import User
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings import masking, queries
from callcenter.recordings.spool import checked

routes = web.RouteTableDef()

SOON_S = 5.0  # for a call of half an hour; longer ones are done when they are done
FIELDS = ("from", "to", "sound", "reason")


@routes.get("/recordings/{call_id}/mask")
@needs(Permission.MASK)
async def show(request: web.Request) -> web.StreamResponse:
    """?from=, ?to= (seconds, or minutes and seconds) are filled in."""
    texts = {name: request.query.get(name, "")[:1000] for name in FIELDS}
    return await _page(request, texts)


@routes.post("/recordings/{call_id}/mask")
@needs(Permission.MASK)
async def mask(request: web.Request) -> web.StreamResponse:
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    given = await request.post()
    texts = {name: str(given.get(name, ""))[:1000] for name in FIELDS}
    async with request.app[SESSIONS].begin() as session:
        recording = await queries.audible(session, who.scope, call_id)
        try:
            wish = masking.wished(texts, recording.duration_s)
        except Invalid as problem:
            return await _page(request, texts, problem)
        await masking.wish(session, recording, wish, who.user)
    library = request.app[LIBRARY]
    library.grants.forget(call_id)
    jobs = request.app[JOBS].folder(0).parent
    await asyncio.to_thread(forget_zips, jobs, {call_id})  # what was said lies in them as well
    library.take_up(call_id)
    with suppress(TimeoutError):
        async with asyncio.timeout(SOON_S):
            await library.through_with(call_id)
    return see_other(f"/recordings/{call_id}/mask", done="recording-masked")


async def _page(
    request: web.Request, texts: dict[str, str], problem: Invalid | None = None
) -> web.Response:
    who, call_id = signed_in(request), checked(request.match_info["call_id"])
    async with request.app[SESSIONS]() as session:
        recording = await queries.audible(session, who.scope, call_id)
        record = await one_call(session, who.scope.one_call, call_id)
        [line] = await lines(request, session, [(record, await note_of(session, call_id))])
        masks = await queries.masks(session, call_id)
        names = select(User.id, User.name).where(User.id.in_({each.user_id for each in masks}))
        people = {id: name for id, name in await session.execute(names)}
    return render(
        request,
        "recordings/mask.html",
        status=Invalid.status if problem else 200,
        line=line,
        ready=recording.state == "ready",
        texts=texts,
        problems={problem.field: problem} if problem else {},
        longest=masking.LONGEST_REASON,
        masks=[(each, people.get(each.user_id, "")) for each in masks],
    )
