"""Every agent of one's team as they are now, what was put right, and a state set for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import causes, lines
from callcenter.agents.breaks import Break
from callcenter.agents.lines import STATES
from callcenter.agents.me import Me
from callcenter.agents.models import AgentState, StateLine
from callcenter.agents.recall import booked_of
from callcenter.errors import N_, CallcenterError, Missing, Word
from callcenter.keys import COMPARISON, DIRECTORY, LINK, PRESENCE, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Person
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

SHOWN = 100  # lines, and changes of one agent
ORDER = ("break", "unreachable", "ringing", "talking", "on_hold", "wrap_up", "ready", "offline")
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


@dataclass(frozen=True, slots=True)
class Row:
    """An agent now. `state` and `reason` are words, `cause` says why."""

    me: Me
    department: str
    cause: Words
    reason: str


@routes.get("/team/states")
@needs(Permission.EMPLOYEES)
async def show(request: web.Request) -> web.StreamResponse:
    """Those with an extension; whoever is on a break first."""
    return await _page(request)


@routes.get(r"/team/states/{user_id:\d{1,9}}")
@needs(Permission.EMPLOYEES)
async def one(request: web.Request) -> web.StreamResponse:
    """The latest changes of one agent, and why each came about."""
    person = _person(request)
    newest = select(AgentState).where(AgentState.user_id == person.id)
    async with request.app[SESSIONS]() as session:
        rows = (await session.scalars(newest.order_by(AgentState.id.desc()).limit(SHOWN))).all()
    later = [None, *(row.at for row in rows)]
    return render(
        request,
        "agents/changes.html",
        person=person,
        changes=[
            (row, _lasted(row, until), _reason(request, row.reason), _cause(request, row.cause))
            for row, until in zip(rows, later, strict=False)
        ],
        booked=lambda row: _booked(request, row),
        names=STATES,
        dots=DOTS,
    )


@routes.post(r"/team/states/{user_id:\d{1,9}}")
@needs(Permission.EMPLOYEES)
async def put(request: web.Request) -> web.StreamResponse:
    """`want`: ready, offline, or break and a space and a reason."""
    person = _person(request)
    state, _, reason = str((await request.post()).get("want", "")).partition(" ")
    try:
        await request.app[PRESENCE].put(person.id, state, reason, signed_in(request).user.id)
    except CallcenterError as problem:
        return await _page(request, problem)
    return see_other("/team/states", done="state-set")


async def _page(request: web.Request, problem: CallcenterError | None = None) -> web.StreamResponse:
    app, scope = request.app, signed_in(request).scope
    people = [each for each in app[DIRECTORY].within(scope) if each.extension]
    ids = {each.id for each in people}
    async with app[SESSIONS]() as session:
        put_right = await _put_right(request, session, None if scope.everything else ids)
    rows = [_row(request, each) for each in people]
    mine = [each for each in app[COMPARISON].open if scope.everything or each.user_id in ids]
    link = app.get(LINK)
    return render(
        request,
        "agents/states.html",
        status=problem.status if problem else 200,
        rows=sorted(rows, key=lambda row: (ORDER.index(row.me.state), row.me.since)),
        lines=put_right,
        open=len(mine),
        waiting=sorted({_name(request, each.user_id) for each in mine if each.user_id}),
        connected=bool(link and link.connected),
        breaks=[each for each in app[PRESENCE].breaks.all if each.offered],
        break_name=_break_name(request),
        problem=problem,
        names=STATES,
        dots=DOTS,
    )


def _row(request: web.Request, person: Person) -> Row:
    app = request.app
    me = app[PRESENCE].of(person.id)
    department = app[DIRECTORY].departments.get(person.department_id or 0)
    cause = _cause(request, app[PRESENCE].roll.cause_of(person.id))
    return Row(me, department.name if department else "", cause, _reason(request, me.reason))


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
