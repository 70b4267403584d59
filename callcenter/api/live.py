"""The board of the team as it is now."""

from aiohttp import web

from callcenter.api.table import table
from callcenter.api.types import Wire
from callcenter.keys import TEAM
from callcenter.live.lines import AgentLine, AlarmLine, CallLine, House, PastLine, QueueLine
from callcenter.live.sight import sight_of
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in

LIVE = "/live"


class LiveBoard(Wire):
    """What stands at its default is left out of the lines.

    `past` are the alerts that are over, the last first.
    """

    agents: list[AgentLine]
    queues: list[QueueLine]
    calls: list[CallLine]
    alarms: list[AlarmLine]
    past: list[PastLine]
    house: House


@table.endpoint(
    "GET",
    LIVE,
    "The own team at this moment: agents, queues, calls in progress, alerts",
    LiveBoard,
    needs=Permission.LIVE,
)
async def live_board(request: web.Request) -> LiveBoard:
    return LiveBoard(**request.app[TEAM].whole(sight_of(signed_in(request).scope)))
