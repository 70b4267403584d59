"""What a lead does in a call of their people: listen, whisper, join, take over, stop."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import Meta

from callcenter.api.move_types import Moved
from callcenter.api.table import table
from callcenter.api.types import Wire
from callcenter.errors import Conflict, ExchangeUnavailable, Missing
from callcenter.keys import LISTENINGS
from callcenter.listening.visits import Way, Where
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in

MEANS = "Heard by nobody, by the agent, by both; or with the customer instead of the agent."


class Listen(Wire):
    """Whoever begins only listens."""

    way: Annotated[Way, Meta(description=MEANS)] = "listen"


class ListeningNow(Wire):
    """`where`: the own phone is called, one is with the call, or nobody talks in it for now."""

    call_id: str
    way: Way
    where: Where
    agent: str
    since: datetime


@table.endpoint(
    "POST",
    "/calls/{call_id}/listen",
    "Listen to a call of the own team, or go on in another way; first your phone rings",
    ListeningNow,
    status=202,
    body=Listen,
    errors=(Missing, Conflict, ExchangeUnavailable),
    needs=Permission.LIVE,
)
async def listen(request: web.Request, wanted: Listen) -> ListeningNow:
    lead, call_id = signed_in(request).person, request.match_info["call_id"]
    visit = await request.app[LISTENINGS].want(lead, call_id, wanted.way)
    return ListeningNow(
        call_id=call_id,
        way=wanted.way,
        where=visit.where,
        agent=visit.agent.name,
        since=visit.since,
    )


@table.endpoint(
    "POST",
    "/calls/{call_id}/listen/stop",
    "Listen no longer",
    Moved,
    errors=(Missing, Conflict, ExchangeUnavailable),
    needs=Permission.LIVE,
)
async def stop_listening(request: web.Request) -> Moved:
    call_id = request.match_info["call_id"]
    await request.app[LISTENINGS].stop(signed_in(request).person, call_id)
    return Moved(call_id=call_id)
