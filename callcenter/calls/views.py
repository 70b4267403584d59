"""One call as a page, and the note that is written about it."""

import re
from typing import Any

from aiohttp import web
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from callcenter.calls import queries
from callcenter.calls.quality import grade, quality_of
from callcenter.errors import N_, Conflict, Invalid
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.listening.log import of_call
from callcenter.listening.visits import WAYS
from callcenter.pages.call_lines import lines
from callcenter.pages.templates import render, see_other
from callcenter.people.models import Role
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings import heard as recordings_heard
from callcenter.wrap_up.outcomes import catalogue, choices
from callcenter.wrap_up.unfinished import finish

routes = web.RouteTableDef()


@routes.get(r"/calls/{call_id:[A-Za-z0-9.-]{1,64}}")
@needs(Permission.CALLS)
async def one_call(request: web.Request) -> web.StreamResponse:
    return await _page(request, "calls/call.html")


@routes.get(r"/calls/{call_id:[A-Za-z0-9.-]{1,64}}/detail")
@needs(Permission.CALLS)
async def detail(request: web.Request) -> web.StreamResponse:
    """The same without a page around it, to unfold below its line in the list."""
    return await _page(request, "calls/detail.html")


@routes.post(r"/calls/{call_id:[A-Za-z0-9.-]{1,64}}/note")
@needs(Permission.CALLS)
async def note(request: web.Request) -> web.StreamResponse:
    who, call_id, form = signed_in(request), request.match_info["call_id"], await request.post()
    async with request.app[SESSIONS]() as session:
        await queries.one_call(session, who.scope.one_call, call_id)
        text, outcome = str(form.get("note", "")), str(form.get("outcome", ""))
        seen = str(form.get("version", ""))
        version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None
        try:
            row = await queries.save_note(
                session, call_id, who.user.id, text, outcome, version=version
            )
            await finish(session, row)
            await session.commit()
        except Invalid as error:
            return await _page(request, "calls/call.html", error=error, typed=text)
        except (Conflict, StaleDataError, IntegrityError):
            changed = Conflict(N_("This note has been changed in another window meanwhile."))
            return await _page(request, "calls/call.html", error=changed, typed=text)
    return see_other(f"/calls/{call_id}", done="note-saved")


async def _page(
    request: web.Request,
    name: str,
    error: Invalid | Conflict | None = None,
    typed: str | None = None,
) -> web.Response:
    who, call_id = signed_in(request), request.match_info["call_id"]
    directory = request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        record = await queries.one_call(session, who.scope.one_call, call_id)
        written = await queries.note_of(session, call_id)
        [line] = await lines(request, session, [(record, written)])
        chosen = written.outcome if written else None
        heard = [
            (directory.known(each.user_id), each, *grade(each.mos))
            for each in await quality_of(session, call_id)
        ]
        outcomes = choices(await catalogue(session), record.queue, chosen)
        watched = await _watched(request, session, call_id)
    author = directory.known(written.user_id) if written else None
    return render(
        request,
        name,
        status=error.status if error else 200,
        line=line,
        outcomes=outcomes,
        author=author,
        heard=heard,
        ways=WAYS,
        error=error,
        typed=typed,
        at=_second(request.query.get("t", "")),
        **watched,
    )


async def _watched(request: web.Request, session: AsyncSession, call_id: str) -> dict[str, Any]:
    """For superadmins: which leads were in the call, and who has heard its recording since."""
    if signed_in(request).user.role != Role.SUPERADMIN:
        return {"leads": [], "listeners": []}
    known = request.app[DIRECTORY].known
    return {
        "leads": [
            (each, known(each.user_id), known(each.agent_id or 0))
            for each in await of_call(session, call_id)
        ],
        "listeners": [
            (each, known(each.user_id)) for each in await recordings_heard.of_call(session, call_id)
        ],
    }


def _second(text: str) -> float:
    """Of the recording, where the page begins: ?t=83; 0 for what is none."""
    return float(text) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text) else 0.0
