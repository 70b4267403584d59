"""The button of the demo: somebody rings in, to a queue of whoever pressed it."""

import logging

from aiohttp import web

from callcenter.carrier.queries import did_to, known_number, queues_of, unknown_number
from callcenter.errors import N_, Invalid, Missing
from callcenter.keys import CARRIER, DIRECTORY, SESSIONS
from callcenter.people.permissions import Door, needs
from callcenter.people.session import signed_in

log = logging.getLogger(__name__)
routes = web.RouteTableDef()

WORDS = {"true": True, "false": False}


@routes.post("/demo/call")
@needs(Door.SIGNED_IN)
async def call(request: web.Request) -> web.Response:
    """Form or JSON {known: true|false}: one of the agent's customers rings in, or a stranger.

    204 once the exchange has taken the call. Missing (404) without the demo; Conflict when there is
    nobody who could call, or nowhere; ExchangeUnavailable.
    """
    who = signed_in(request)
    carrier = request.app.get(CARRIER)
    if carrier is None:
        raise Missing(N_("Calls can be simulated in the demo only."))
    known = await _is_known(request)
    async with request.app[SESSIONS]() as session:
        did = await did_to(session, queues_of(request.app[DIRECTORY], who.person))
        number = await (known_number(session, who.scope) if known else unknown_number(session))
    await carrier.call(did, number)
    log.info("simulated a call to %s for %s", did, who.person.username)
    return web.Response(status=204)


async def _is_known(request: web.Request) -> bool:
    """What stands in `known`; true when nothing does."""
    given: object = True
    if request.content_type == "application/json":
        try:
            given = (await request.json()).get("known", True)
        except (ValueError, AttributeError):
            given = None
    else:
        given = (await request.post()).get("known", True)
    known = WORDS.get(given) if isinstance(given, str) else given
    if not isinstance(known, bool):
        raise Invalid(N_("“known” is true or false."), field="known")
    return known
