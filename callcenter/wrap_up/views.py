"""The calls that still wait for their outcome: as a list, and one after the other as a form."""

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import UnfinishedCall
from callcenter.calls.queries import note_of, one_call
from callcenter.keys import DIRECTORY, PRESENCE, SESSIONS
from callcenter.pages.call_lines import CallLine, lines
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import scope_for, signed_in
from callcenter.wrap_up.unfinished import in_wrap_up, unfinished_count, unfinished_cut

routes = web.RouteTableDef()

BESIDE = 30  # calls in the list beside the form


@dataclass(frozen=True, slots=True)
class ToFinish:
    """The first calls of the list, and how many there are."""

    lines: list[CallLine]
    count: int


async def to_finish(
    request: web.Request, session: AsyncSession, scope: Scope | None = None, limit: int = 5
) -> ToFinish:
    """The newest calls to finish of whoever asks (`scope`: of these), for wrap_up/short.html."""
    scope = scope or scope_for(request, Permission.CALLS)
    but = _busy(request, scope)
    found = await unfinished_cut(session, scope, but=but, limit=limit)
    count = await unfinished_count(session, scope, but=but)
    return ToFinish(await lines(request, session, found.rows), count)


@routes.get("/to-finish")
@needs(Permission.CALLS)
async def all_unfinished(request: web.Request) -> web.StreamResponse:
    """`agent`: only theirs."""
    scope, directory = signed_in(request).scope, request.app[DIRECTORY]
    agent, cursor = request.query.get("agent", ""), request.query.get("cursor", "")
    of = int(agent) if agent.isascii() and agent.isdecimal() and len(agent) < 10 else None
    but = _busy(request, scope)
    async with request.app[SESSIONS]() as session:
        cut = await unfinished_cut(session, scope, but=but, of=of, cursor=cursor)
        count = await unfinished_count(session, scope, but=but, of=of)
        shown = await lines(request, session, cut.rows)
    people = directory.within(scope)
    return render(
        request,
        "wrap_up/list.html",
        lines=shown,
        cut=cut,
        count=count,
        team=len(people) > 1,
        person=next((each for each in people if each.id == of), None),
    )


@routes.get(r"/to-finish/{call_id:[A-Za-z0-9.-]{1,64}}")
@needs(Permission.CALLS)
async def finish_one(request: web.Request) -> web.StreamResponse:
    """The form of one call. One that is finished already is shown as the call it was."""
    scope, call_id = signed_in(request).scope, request.match_info["call_id"]
    async with request.app[SESSIONS]() as session:
        record = await one_call(session, scope.one_call, call_id)
        if await session.get(UnfinishedCall, call_id) is None:
            return see_other(f"/calls/{call_id}")
        rows = [(record, await note_of(session, call_id))]
        [line] = await lines(request, session, rows)
        waiting = await to_finish(request, session, scope, BESIDE)
    others = [each for each in waiting.lines if each.record.call_id != call_id]
    return render(request, "wrap_up/finish.html", line=line, others=others, count=waiting.count)


def _busy(request: web.Request, scope: Scope) -> set[str]:
    return in_wrap_up(request.app.get(PRESENCE), request.app[DIRECTORY], scope)
