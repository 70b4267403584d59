"""/live: the board of the team, what it is told, and states that are set from there."""

from collections.abc import Callable, Sequence

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import causes, lines
from callcenter.agents.breaks import Break
from callcenter.agents.lines import STATES
from callcenter.agents.models import AgentState, StateLine
from callcenter.agents.recall import booked_of
from callcenter.errors import N_, Invalid, Missing, Word
from callcenter.keys import COMPARISON, DESK, DIRECTORY, LINK, PRESENCE, SESSIONS, TEAM
from callcenter.live.alarms import TRUNK
from callcenter.live.pages import Page
from callcenter.live.sight import Sight, sight_now, sight_of
from callcenter.pages.middleware import wants_page
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Person
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.popups.views import GONE, GOODBYE, LONGEST, notice_silence

routes = web.RouteTableDef()

SHOWN = 100  # lines, and changes of one agent
DOTS = {
    "ready": "k-ok",
    "unreachable": "k-bad",
    "break": "k-warn",
    "ringing": "k-acc",
    "talking": "k-acc",
    "on_hold": "k-acc",
    "wrap_up": "k-warn",
}
Words = tuple[str, dict[str, object]]  # a message id and its values


@routes.get("/live")
@needs(Permission.LIVE)
async def board(request: web.Request) -> web.StreamResponse:
    """The page draws itself from what /live/events tells."""
    app, scope = request.app, signed_in(request).scope
    seen = [
        (each, sorted(app[DIRECTORY].below(each.id)))
        for each in app[DIRECTORY].departments.values()
        if scope.everything or each.id in scope.departments
    ]
    return render(
        request,
        "live/board.html",
        departments=seen,
        breaks=[each for each in app[PRESENCE].breaks.all if each.offered],
        break_name=_break_name(request),
    )


@routes.get("/live/events")
@needs(Permission.LIVE)
async def events(request: web.Request) -> web.WebSocketResponse:
    """{"type": "hello", now}, the "whole", then "news" (live.lines), at most four a second."""
    who, app = signed_in(request), request.app
    if who.by_token:
        raise Invalid(N_("Live changes are for pages that somebody signed in to."))
    directory, user_id = app[DIRECTORY], who.person.id
    return await follow(request, lambda: sight_now(directory, user_id), session=who.csrf)


@routes.get(r"/live/agents/{user_id:\d{1,9}}")
@needs(Permission.LIVE)
async def one(request: web.Request) -> web.StreamResponse:
    """The latest changes of one agent, and why each came about."""
    person = _person(request)
    newest = select(AgentState).where(AgentState.user_id == person.id)
    async with request.app[SESSIONS]() as session:
        rows = (await session.scalars(newest.order_by(AgentState.id.desc()).limit(SHOWN))).all()
    later = [None, *(row.at for row in rows)]
    return render(
        request,
        "live/changes.html",
        person=person,
        changes=[
            (row, _lasted(row, until), _reason(request, row.reason), _cause(request, row.cause))
            for row, until in zip(rows, later, strict=False)
        ],
        booked=lambda row: _booked(request, row),
        names=STATES,
        dots=DOTS,
    )


@routes.post(r"/live/agents/{user_id:\d{1,9}}")
@needs(Permission.LIVE)
async def put(request: web.Request) -> web.StreamResponse:
    """`want`: ready, offline, or break and a space and a reason. Whose state it is is told."""
    person, lead = _person(request), signed_in(request).user
    state, _, reason = str((await request.post()).get("want", "")).partition(" ")
    me = await request.app[PRESENCE].put(person.id, state, reason, lead.id)
    told = {"state": me.standing, "reason": me.standing_reason, "by": lead.name}
    request.app[DESK].tell(person.id, {"type": "note", "what": "state-set", **told})
    if wants_page(request):
        return see_other("/live", done="state-set")
    return web.json_response({})


@routes.get("/live/put-right")
@needs(Permission.LIVE)
async def put_right(request: web.Request) -> web.StreamResponse:
    """What was out of step with the exchange and was put right by itself."""
    app, scope = request.app, signed_in(request).scope
    ids = {each.id for each in app[DIRECTORY].within(scope)}
    async with app[SESSIONS]() as session:
        found = await _put_right(request, session, None if scope.everything else ids)
    mine = [each for each in app[COMPARISON].open if scope.everything or each.user_id in ids]
    link = app.get(LINK)
    return render(
        request,
        "live/put_right.html",
        lines=found,
        open=len(mine),
        waiting=sorted({_name(request, each.user_id) for each in mine if each.user_id}),
        connected=bool(link and link.connected),
    )


@routes.post(r"/live/alerts/{queue_name:[A-Za-z0-9_-]{1,32}}/{kind:wait|nobody|abandoned|trunk}")
@needs(Permission.LIVE)
async def silence(request: web.Request) -> web.StreamResponse:
    """Nobody is told of this alert any more until it ends; it stays on the boards."""
    app, who = request.app, signed_in(request)
    queue, kind = request.match_info["queue_name"], request.match_info["kind"]
    if kind != TRUNK and not app[TEAM].sees_queue(sight_of(who.scope), queue):
        raise Missing(N_("This alert is over."))
    app[TEAM].silence(queue, kind, who.user.name)
    return see_other("/live") if wants_page(request) else web.json_response({})


async def follow(
    request: web.Request,
    look: Callable[[], Sight | None],
    *,
    session: str = "",
    wall_id: int = 0,
) -> web.WebSocketResponse:
    """Show the team on a new socket until it closes; the rest is live.pages.Page's."""
    socket = web.WebSocketResponse(compress=False, max_msg_size=LONGEST, timeout=GOODBYE)
    await socket.prepare(request)
    notice_silence(request)
    if request.transport is None:
        return socket  # it has left already
    page = Page(socket, request.transport, look, session=session, wall_id=wall_id)
    with request.app[TEAM].shown(page):
        while (await socket.receive()).type not in GONE:
            pass  # such a page has nothing to say
    return socket


async def _put_right(
    request: web.Request, session: AsyncSession, ids: set[int] | None
) -> Sequence[tuple[StateLine, str, Words, Words]]:
    """Lines with the name, what was and what is."""
    found = await lines.latest(session, ids, SHOWN)
    return [(line, _name(request, line.user_id), *lines.words(line)) for line in found]


def _person(request: web.Request) -> Person:
    """Raises Missing for whoever is not of one's team."""
    app, user_id = request.app, int(request.match_info["user_id"])
    for each in app[DIRECTORY].within(signed_in(request).scope):
        if each.id == user_id:
            return each
    raise Missing(N_("There is no such employee."))


def _name(request: web.Request, user_id: int | None) -> str:
    person = request.app[DIRECTORY].known(user_id) if user_id else None
    return person.name if person else ""


def _cause(request: web.Request, cause: str) -> Words:
    return causes.words(cause, _name(request, causes.lead_of(cause)))


def _break_name(request: web.Request) -> str:
    """The field of a break's name in the reader's language."""
    return f"name_{signed_in(request).user.language}"


def _reason(request: web.Request, code: str) -> str:
    """A break's reason in the reader's language; a message id where nobody chose it."""
    known: dict[str, Break] = {each.code: each for each in request.app[PRESENCE].breaks.all}
    if code in ("missed", "declined"):
        return Word(N_("Calls not answered"))
    return getattr(known[code], _break_name(request)) if code in known else code


def _booked(request: web.Request, row: AgentState) -> str:
    booked = booked_of(row)
    if booked is None:
        return ""
    return _reason(request, booked.reason) or STATES[booked.wish]


def _lasted(row: AgentState, until: object) -> float | None:
    """Seconds; None: it goes on."""
    return (until - row.at).total_seconds() if hasattr(until, "timestamp") else None  # type: ignore[operator]
