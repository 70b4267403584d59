"""/phone, the websocket that a page's phone speaks SIP through, and the secret it needs there."""

from aiohttp import WSCloseCode, web

from callcenter.errors import N_, Conflict, Forbidden
from callcenter.keys import PHONES
from callcenter.people.permissions import Door, needs
from callcenter.people.session import signed_in
from callcenter.phone.phones import HEARTBEAT
from callcenter.phone.sip import LONGEST

DOMAIN = "callcenter.invalid"  # SIP wants one; nobody looks it up
GOODBYE = 2.0  # seconds a page has to answer our close

routes = web.RouteTableDef()


@routes.get("/api/v1/me/phone")
@needs(Door.SIGNED_IN)
async def secret(request: web.Request) -> web.Response:
    """{extension, uri, secret, expires_in (seconds)} for the page's own phone."""
    session, extension = _phone_of(request)
    text, expires_in = request.app[PHONES].secret(session, extension)
    return web.json_response(
        {
            "extension": extension,
            "uri": f"sip:{extension}@{DOMAIN}",
            "secret": text,
            "expires_in": expires_in,
        },
        headers={"Cache-Control": "no-store"},
    )


@routes.get("/phone")
@needs(Door.SIGNED_IN)
async def phone(request: web.Request) -> web.WebSocketResponse:
    """SIP over websocket (RFC 7118), passed on to the exchange."""
    session, extension = _phone_of(request)
    socket = web.WebSocketResponse(
        protocols=("sip",),
        max_msg_size=LONGEST,
        heartbeat=HEARTBEAT,
        compress=False,
        timeout=GOODBYE,
    )
    await socket.prepare(request)
    if socket.ws_protocol != "sip":
        await socket.close(code=WSCloseCode.PROTOCOL_ERROR, message=b"the subprotocol is sip")
    else:
        await request.app[PHONES].serve(socket, session, extension)
    return socket


def _phone_of(request: web.Request) -> tuple[str, str]:
    """The sign-in (its CSRF token is as good a name as any) and the extension."""
    who = signed_in(request)
    if who.by_token:
        raise Forbidden(N_("A phone belongs to a page that somebody signed in to."))
    if not who.person.extension:
        raise Conflict(N_("You have no extension, so you have no phone."))
    if who.person.rings != "browser":
        raise Conflict(N_("Your calls ring at another phone than this page."))
    return who.csrf, who.person.extension
