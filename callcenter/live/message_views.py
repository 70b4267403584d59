"""/live/messages: what a lead has said, to whom, and who has read it; and reading it."""

from aiohttp import web

from callcenter.errors import N_, CallcenterError, Invalid, Missing
from callcenter.keys import DIRECTORY, MESSAGES, SESSIONS
from callcenter.live.messages import LONGEST, sent
from callcenter.pages.middleware import wants_page
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Person
from callcenter.people.permissions import Door, Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

PATH = "/live/messages"
SHOWN = 50
ALL = "all"


@routes.get(PATH)
@needs(Permission.LIVE)
async def show(request: web.Request) -> web.StreamResponse:
    """`to`: whom the form is for."""
    return await _page(request, to=request.query.get("to", ALL))


@routes.post(PATH)
@needs(Permission.LIVE)
async def send(request: web.Request) -> web.StreamResponse:
    """`to`: "all" of one's team, or a user's id. `text`."""
    given = await request.post()
    to, text = str(given.get("to", "")), str(given.get("text", ""))
    try:
        readers = _readers(request, to)
        sender = signed_in(request).person
        await request.app[MESSAGES].send(sender, readers, text, to_all=to == ALL)
    except CallcenterError as problem:
        if not wants_page(request):
            raise
        return await _page(request, to, text, problem)
    if not wants_page(request):
        return web.json_response({})
    return see_other(PATH, done="message-sent")


@routes.post(r"/messages/{message_id:\d{1,9}}/read")
@needs(Door.SIGNED_IN)
async def read(request: web.Request) -> web.StreamResponse:
    """By whoever it was sent to."""
    reader, message_id = signed_in(request).person, int(request.match_info["message_id"])
    await request.app[MESSAGES].read(reader, message_id)
    return web.json_response({})


def _team(request: web.Request) -> list[Person]:
    who = signed_in(request)
    return [each for each in request.app[DIRECTORY].within(who.scope) if each.id != who.person.id]


def _readers(request: web.Request, to: str) -> list[Person]:
    """Raises Invalid or Missing, in words."""
    if to == ALL:
        return _team(request)
    if not (to.isascii() and to.isdecimal()):
        raise Invalid(N_("Choose who should read it."), field="to")
    for each in _team(request):
        if each.id == int(to[:9]):
            return [each]
    raise Missing(N_("There is no such employee."))


async def _page(
    request: web.Request, to: str, text: str = "", problem: CallcenterError | None = None
) -> web.Response:
    who, directory = signed_in(request), request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        found = await sent(session, None if who.scope.everything else who.person.id, SHOWN)
    team = _team(request)
    return render(
        request,
        "live/messages.html",
        status=problem.status if problem else 200,
        sent=found,
        team=team,
        choices=[(each.id, each.name) for each in team],
        to=to,
        text=text,
        problem=problem,
        longest=LONGEST,
        ALL=ALL,
        name_of_user=lambda user_id: each.name if (each := directory.known(user_id)) else "",
    )
