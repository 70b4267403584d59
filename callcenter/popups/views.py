"""/events: the state first, then changes, for as long as the page is open."""

import logging
from socket import (
    IPPROTO_TCP,
    SO_KEEPALIVE,
    SOL_SOCKET,
    TCP_KEEPCNT,
    TCP_KEEPIDLE,
    TCP_KEEPINTVL,
    TCP_USER_TIMEOUT,
)
from typing import Any

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from callcenter.errors import N_, Forbidden
from callcenter.keys import BOARD, CONFIG, DESK, SESSIONS
from callcenter.people.directory import Person
from callcenter.people.permissions import Door, needs
from callcenter.people.session import SIGNED_IN, signed_in
from callcenter.popups.desk import Desk, Seat
from callcenter.popups.queries import RecentCall, recent_calls

log = logging.getLogger(__name__)

# A page that is gone without a word (a laptop that sleeps) is noticed by the kernel, in a minute:
# a heartbeat of ours would cost memory for each page.
SILENCE = {
    IPPROTO_TCP: {TCP_KEEPIDLE: 30, TCP_KEEPINTVL: 10, TCP_KEEPCNT: 3, TCP_USER_TIMEOUT: 60_000},
    SOL_SOCKET: {SO_KEEPALIVE: 1},
}
LONGEST = 4096  # bytes a page may say at once
GOODBYE = 2.0  # seconds a page has to answer our close
GONE = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})

routes = web.RouteTableDef()


@routes.get("/events")
@needs(Door.SIGNED_IN)
async def events(request: web.Request) -> web.WebSocketResponse:
    """{"type": "state", now, zone, me, calls, recent, breaks, jobs} once, then "call", "agent"….

    The page says {"type": "shown", call_id} when it really showed a call.
    """
    if signed_in(request).by_token:
        raise Forbidden(N_("Live changes are for pages that somebody signed in to."))
    socket = web.WebSocketResponse(compress=False, max_msg_size=LONGEST, timeout=GOODBYE)
    await socket.prepare(request)
    notice_silence(request)
    recent = await _recent(request)

    with _seat(request, socket) as seat:
        # No await between taking the seat and taking the picture: nothing can fall in between.
        seat.put(_state(request, recent))
        # A page is open for hours: it should hold nothing that it has no use for any more.
        del recent, request[SIGNED_IN]
        socket.headers.clear()
        # Without `async for`, whose frame would be one more to hold.
        while (message := await socket.receive()).type not in GONE:
            _hear(request.app[DESK], seat.person, message)
    return socket


def notice_silence(request: web.Request) -> None:
    """Let the kernel ask whether the other side is still there, and close when it is not."""
    if request.transport and (connection := request.transport.get_extra_info("socket")):
        for level, options in SILENCE.items():
            for option, value in options.items():
                connection.setsockopt(level, option, value)


async def _recent(request: web.Request) -> list[RecentCall]:
    async with request.app[SESSIONS]() as session:
        return await recent_calls(session, signed_in(request).person.id)


def _seat(request: web.Request, socket: web.WebSocketResponse) -> Seat:
    who = signed_in(request)
    return request.app[DESK].seat(who.person, who.csrf, socket)


def _state(request: web.Request, recent: list[RecentCall]) -> dict[str, Any]:
    person, app = signed_in(request).person, request.app
    calls = app[BOARD].calls_of(person.extension) if person.extension else []
    return app[DESK].state(person, calls, recent) | {"zone": app[CONFIG].timezone}


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
