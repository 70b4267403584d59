"""/events: the state first, then changes, for as long as the page is open."""

import logging
from functools import partial
from typing import Any

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from callcenter.errors import N_, Forbidden
from callcenter.keys import BOARD, CONFIG, DESK, SESSIONS
from callcenter.people.directory import Person
from callcenter.people.session import signed_in
from callcenter.popups.desk import Desk
from callcenter.popups.queries import RecentCall, recent_calls

log = logging.getLogger(__name__)

HEARTBEAT = 30.0  # seconds
LONGEST = 4096  # bytes a page may say at once
GOODBYE = 2.0  # seconds a page has to answer our close

routes = web.RouteTableDef()


@routes.get("/events")
async def events(request: web.Request) -> web.WebSocketResponse:
    """{"type": "state", now, zone, me, calls, recent} once, then "call" and "agent".

    The page says {"type": "shown", call_id} when it really showed a call.
    """
    who = signed_in(request)
    if who.by_token:
        raise Forbidden(N_("Live changes are for pages that somebody signed in to."))
    desk, board, person = request.app[DESK], request.app[BOARD], who.person
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT, compress=False, max_msg_size=LONGEST, timeout=GOODBYE
    )
    await socket.prepare(request)
    recent = await _recent(request, person)

    with desk.seat(person, who.csrf, partial(_send, socket)) as seat:
        # No await between taking the seat and taking the picture: nothing can fall in between.
        calls = board.calls_of(person.extension) if person.extension else []
        seat.put(desk.state(person, calls, recent) | {"zone": request.app[CONFIG].timezone})
        del calls, recent  # a page is open for hours: it should hold nothing it has no use for
        socket.headers.clear()
        async for message in socket:
            _hear(desk, person, message)
    return socket


async def _recent(request: web.Request, person: Person) -> list[RecentCall]:
    async with request.app[SESSIONS]() as session:
        return await recent_calls(session, person.id)


async def _send(socket: web.WebSocketResponse, message: bytes | int) -> bool:
    if isinstance(message, int):
        await socket.close(code=message)
        return False
    try:
        await socket.send_frame(message, WSMsgType.TEXT)
    except ConnectionError:  # the page has left; the reader sees it too
        return False
    return True


def _hear(desk: Desk, person: Person, message: WSMessage) -> None:
    if message.type is not WSMsgType.TEXT:
        return
    try:
        said: Any = msgspec.json.decode(message.data)
    except msgspec.DecodeError:
        log.info("%s: a page says what is no JSON", person.username)
        return
    if isinstance(said, dict) and said.get("type") == "shown":
        desk.was_shown(person, str(said.get("call_id"))[:64])
