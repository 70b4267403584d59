"""The inbox: who rang and was not reached, and which callbacks are due."""

from collections.abc import Mapping, Sequence

from aiohttp import hdrs, web
from sqlalchemy import select

from callcenter.callbacks import marks, queries
from callcenter.callbacks.acting import back, now, said
from callcenter.callbacks.missed import Missed
from callcenter.callbacks.models import Callback
from callcenter.callbacks.queries import Wanted
from callcenter.callbacks.rows import Row, rows
from callcenter.callbacks.visible import home_of, whose
from callcenter.calls.models import CallRecord
from callcenter.errors import N_, Missing
from callcenter.keys import DIRECTORY, INBOX, KEPT, LIBRARY, SESSIONS
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import scope_for, signed_in
from callcenter.recordings import heard
from callcenter.recordings.formats import format_of
from callcenter.recordings.models import Recording

routes = web.RouteTableDef()

ONE = r"/callbacks/missed/{number_key:\+?[0-9]{1,64}}"
SHOWN = 200  # lines of the page
TABS = {
    "": N_("For me"),
    "all": N_("All of the team"),
    "dismissed": N_("Put aside"),
}


@routes.get("/callbacks")
@needs(Permission.CALLBACKS)
async def inbox(request: web.Request) -> web.StreamResponse:
    """?tab=all for what colleagues will do, too; ?tab=dismissed for what was put aside."""
    who = signed_in(request)
    tab = request.query.get("tab", "") if request.query.get("tab") in TABS else ""
    picture = request.app[INBOX].picture(who.user.id)  # what comes from here on is news
    found = {name: await of_tab(request, name, who.scope) for name in TABS}
    return render(
        request,
        "callbacks/inbox.html",
        rows=found[tab][:SHOWN],
        counts={name: len(each) for name, each in found.items()},
        tab=tab,
        kept=_kept(request, found[tab][:SHOWN]),
        can_open=await _can_open(request, found[tab][:SHOWN]),
        tabs_of_inbox=TABS,
        now=now(request),
        picture=picture,
    )


async def _can_open(request: web.Request, rows: Sequence[Row]) -> set[str]:
    """The missed calls whose page they may see: of a queue’s people the call is nobody’s yet."""
    ids = [row.missed.call_id for row in rows if row.missed]
    seen = scope_for(request, Permission.CALLS).one_call(select(CallRecord.call_id))
    async with request.app[SESSIONS]() as session:
        return set(await session.scalars(seen.where(CallRecord.call_id.in_(ids))))


def _kept(request: web.Request, rows: Sequence[Row]) -> dict[str, int]:
    """Of those who keep a place in a queue: number -> how many are before them."""
    places = ((row.number_key, request.app[KEPT].of_number(row.number_key)) for row in rows)
    return {key: found[1] for key, found in places if found}


@routes.post(ONE + "/claim")
@needs(Permission.CALLBACKS)
async def claim(request: web.Request) -> web.StreamResponse:
    """I call back; the others see that."""
    line, form = _line(request), await request.post()
    directory, user_id = request.app[DIRECTORY], signed_in(request).user.id
    async with request.app[SESSIONS].begin() as session:
        await marks.claim(session, line, user_id, directory, now(request))
    return await _marked(request, line, form, "missed-claimed", "release")


@routes.post(ONE + "/release")
@needs(Permission.CALLBACKS)
async def release(request: web.Request) -> web.StreamResponse:
    line, form = _line(request), await request.post()
    async with request.app[SESSIONS].begin() as session:
        await marks.release(session, line)
    return await _marked(request, line, form, "missed-released")


@routes.post(ONE + "/dismiss")
@needs(Permission.CALLBACKS)
async def dismiss(request: web.Request) -> web.StreamResponse:
    """With a `reason`; the next missed call of that customer brings the line back."""
    line, form = _line(request), await request.post()
    async with request.app[SESSIONS].begin() as session:
        reason = str(form.get("reason", ""))
        await marks.dismiss(session, line, signed_in(request).user.id, reason, now(request))
    return await _marked(request, line, form, "missed-dismissed", "bring-back")


@routes.post(ONE + "/bring-back")
@needs(Permission.CALLBACKS)
async def bring_back(request: web.Request) -> web.StreamResponse:
    line, form = _line(request), await request.post()
    async with request.app[SESSIONS].begin() as session:
        await marks.bring_back(session, line)
    return await _marked(request, line, form, "missed-back")


@routes.get(ONE + r"/messages/{call_id:[A-Za-z0-9.-]{1,64}}.mp3")
@needs(Permission.CALLBACKS)
async def hear_message(request: web.Request) -> web.StreamResponse:
    """What that caller has said: for all who see that the call was missed."""
    line, call_id = _line(request), request.match_info["call_id"]
    if call_id not in {each.call_id for each in line.messages}:
        raise Missing(N_("There is no such recording."))
    async with request.app[SESSIONS]() as session:
        recording = await session.get(Recording, call_id)
        if recording is None:
            raise Missing(N_("There is no such recording."))
        path = request.app[LIBRARY].file_of(recording)
        if await heard.note_listening(session, call_id, signed_in(request).user.id):
            await session.commit()
    kind = format_of(path).content_type
    headers = {hdrs.CONTENT_TYPE: kind, hdrs.CACHE_CONTROL: "private, no-cache"}
    return web.FileResponse(path, headers=headers)


async def of_tab(request: web.Request, tab: str, scope: Scope) -> list[Row]:
    """The lines of a tab of the inbox, for whoever asks."""
    at = now(request)
    missed = request.app[INBOX].missed(scope)
    directory = request.app[DIRECTORY]
    if tab == "dismissed":
        aside = [line for line in missed if line.dismissed_at]
        return rows(directory, scope, aside, [], at)
    waiting = [line for line in missed if not line.dismissed_at]
    async with request.app[SESSIONS]() as session:
        due = await queries.lines(session, scope, Wanted(until=at))
    leads = scope.everything or bool(scope.departments)
    if not tab and not leads:
        waiting = [line for line in waiting if whose(line, at) in (scope.user_id, None)]
        waiting = [line for line in waiting if _is_here(line, scope)]
    if not tab:
        due = [line for line in due if _waits_for(line[0], scope.user_id)]
    return rows(directory, scope, waiting, due, at)


def _is_here(line: Missed, scope: Scope) -> bool:
    if scope.user_id in (line.owner_id, line.claimed_by):
        return True
    return home_of(line) in (scope.department_id, *scope.queues)


def _waits_for(callback: Callback, user_id: int) -> bool:
    return callback.user_id in (None, user_id)


def _line(request: web.Request) -> Missed:
    scope = signed_in(request).scope
    line = request.app[INBOX].line(scope, request.match_info["number_key"])
    if line is None:
        raise Missing(N_("Nobody with this number waits for a call any more."))
    return line


async def _marked(
    request: web.Request, line: Missed, form: Mapping[str, object], done: str, undo: str = ""
) -> web.Response:
    await request.app[INBOX].marked(line)
    address = f"/callbacks/missed/{line.number_key}/{undo}" if undo else ""
    return said(request, back(request, form, "/callbacks"), done, address)
