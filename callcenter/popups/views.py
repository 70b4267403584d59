"""/events: the state first, then changes, for as long as the page is open."""

import logging
from typing import Any

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from callcenter.errors import N_, Forbidden
from callcenter.keys import BOARD, CONFIG, DESK, SESSIONS
from callcenter.people.directory import Person
from callcenter.people.session import signed_in
from callcenter.popups.desk import Desk, Seat
from callcenter.popups.queries import recent_calls
from callcenter.tasks import running

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
    async with request.app[SESSIONS]() as session:
        recent = await recent_calls(session, person.id)

    with desk.seat(person, who.csrf) as seat:
        # No await between taking the seat and taking the picture: nothing can fall in between.
        calls = board.calls_of(person.extension) if person.extension else []
        seat.put(desk.state(person, calls, recent) | {"zone": request.app[CONFIG].timezone})
        async with running(_send(desk, seat, socket), name=f"events {person.id}", vital=False):
            async for message in socket:
                _hear(desk, person, message)
    return socket


async def _send(desk: Desk, seat: Seat, socket: web.WebSocketResponse) -> None:
    async for message in desk.messages(seat):
        if isinstance(message, int):
            await socket.close(code=message)
            return
        try:
            await socket.send_frame(message, WSMsgType.TEXT)
        except ConnectionError:  # the page has left; the reader sees it too
            return


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
