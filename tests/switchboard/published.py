"""The service's part that publishes, on an exchange of its own, without the rest of the service."""

from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from callcenter.asterisk.dialplan import render_exchange
from callcenter.asterisk.moves import Moves
from callcenter.keys import DIRECTORY, SESSIONS, SWITCH
from callcenter.people.directory import Directory
from callcenter.switchboard import versions
from callcenter.switchboard.calendar import calendar_of
from callcenter.switchboard.exchange import Switch
from callcenter.switchboard.publishing import publish

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")


def today():
    """As the company's calendar has it."""
    return datetime.now(SAIGON).date()


class Office:
    """Somebody who sets the switchboard of the exchange on `stage`."""

    def __init__(self, stage, sessions):
        self.stage, self.sessions = stage, sessions
        self.app = web.Application()
        self.app[SESSIONS], self.app[DIRECTORY] = sessions, Directory()
        self.app[SWITCH] = Switch(stage.exchange, self.files)
        self.app[SWITCH].moves = Moves(stage.ask)

    def files(self, plan):
        return render_exchange(
            config=self.stage.config,
            ports=self.stage.ports,
            secrets=self.stage.secrets,
            plan=plan,
            carrier=f"127.0.0.1:{self.stage.carrier_ports.sip}",
            calendar=calendar_of(plan, SAIGON, today()),
        )

    async def begins_with(self, plan):
        """Let the exchange and the database have this plan."""
        self.stage.exchange.files = dict.fromkeys(self.files(plan), "")  # whatever a test has left
        await self.app[SWITCH].take(plan)
        await self.publishes(lambda _: plan)

    async def publishes(self, edit, note=""):
        """Change the plan and make it live."""
        async with self.sessions.begin() as session:
            draft = await versions.change(session, 1, edit)
        return await publish(self.app, 1, draft.revision, note)
